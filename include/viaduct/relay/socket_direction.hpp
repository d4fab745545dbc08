#ifndef VIADUCT_RELAY_SOCKET_DIRECTION_HPP
#define VIADUCT_RELAY_SOCKET_DIRECTION_HPP

#include <viaduct/error.hpp>
#include <viaduct/relay/transfer_mode.hpp>

#include <cstddef>
#include <cstdint>

namespace viaduct {

/// One direction of a relay between two sockets, as a rule without I/O.
/**
 * Readiness first: octets are asked for only once they are there, so a direction that waits for its source
 * holds no memory and no pipe. What has been taken is sent at once; only what the destination does not take
 * has to be kept.
 */
class socket_direction
{
public:
    /// What to do next; then call `resume` with the outcome.
    enum class step : unsigned char
    {
        wait_read,  ///< Wait until the source is readable. Nothing is held meanwhile.
        receive,    ///< Receive into the scratch buffer, without waiting.
        send,       ///< Send the `pending()` octets of the scratch or stash buffer, without waiting.
        splice_in,  ///< Move octets from the source into the pipe, without waiting.
        splice_out, ///< Move `pending()` octets from the pipe to the destination, without waiting.
        wait_write, ///< Wait until the destination is writable; keep the `pending()` octets.
        yield,      ///< Let others run first.
        shutdown,   ///< Tell the destination that no more comes.
        done        ///< Ended; see `error()` and `failed_writing()`.
    };

    /// How a step that does not wait ended.
    enum class outcome : unsigned char
    {
        ok,          ///< It moved octets; none means the end of the stream.
        would_block, ///< There was nothing to take, or no room.
        no_pipe,     ///< The system has no pipe to give now.
        unsupported  ///< These sockets cannot be spliced.
    };

    static constexpr std::size_t room = 64 * 1024; ///< Octets of the scratch buffer.

    /// @param early Octets that are in the stash buffer already, and sent first.
    explicit socket_direction(std::size_t early = 0) noexcept : pending_{early} {}

    /// The first step.
    [[nodiscard]] step start() noexcept { return last_ = pending_ == 0 ? step::wait_read : step::wait_write; }

    /// Takes the outcome of the last step and returns the next one.
    /**
     * @param n Octets that were moved.
     * @param asked How many a receive had room for.
     */
    [[nodiscard]] VIADUCT_DECL step resume(outcome how, std::size_t n, std::size_t asked = room);

    /// Ends the direction with an error.
    VIADUCT_DECL step fail(error_code ec) noexcept;

    /// The step under way.
    [[nodiscard]] step last() const noexcept { return last_; }

    /// Octets that have been taken from the source and not yet sent.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

    /// Whether these octets are in the pipe; otherwise they are in the buffer.
    [[nodiscard]] bool in_pipe() const noexcept { return in_pipe_; }

    /// Octets sent so far.
    [[nodiscard]] std::uint64_t transferred() const noexcept { return transferred_; }

    /// Why the direction ended; no error if the end of the stream was passed on.
    [[nodiscard]] error_code error() const noexcept { return error_; }

    /// Whether it was the destination that failed.
    [[nodiscard]] VIADUCT_DECL bool failed_writing() const noexcept;

private:
    [[nodiscard]] step take();
    [[nodiscard]] step on_taken(outcome how, std::size_t n, std::size_t asked);
    [[nodiscard]] step on_sent(outcome how, std::size_t n);
    [[nodiscard]] step next_turn();

    step last_ = step::wait_read;
    step failed_ = step::done;
    bool drained_ = false; // the last read emptied the source
    bool in_pipe_ = false;
    transfer_mode mode_;
    std::size_t pending_ = 0;
    std::size_t turn_ = 0; // octets since others could run
    std::uint64_t transferred_ = 0;
    error_code error_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/relay/socket_direction.ipp>
#endif

#endif

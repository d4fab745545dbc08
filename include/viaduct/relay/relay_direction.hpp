#ifndef VIADUCT_RELAY_RELAY_DIRECTION_HPP
#define VIADUCT_RELAY_RELAY_DIRECTION_HPP

#include <viaduct/error.hpp>

#include <cstddef>
#include <cstdint>

namespace viaduct {

/// One direction of a relay, as a rule without I/O: read, write all of it, read again; the end of one stream
/// becomes the end of the other.
/** The state machine of tokio's `copy_bidirectional`, one instance a direction. */
class relay_direction
{
public:
    /// What to do next; then call `resume` with the outcome.
    enum class step : unsigned char
    {
        read,     ///< Read at least one octet from the source; 0 and no error is its end.
        write,    ///< Write at least one of the `pending()` octets to the destination.
        shutdown, ///< Tell the destination that no more comes.
        done      ///< Ended; see `error()` and `failed_writing()`.
    };

    /// @param early Octets that are there already, and written first.
    explicit relay_direction(std::size_t early = 0) noexcept : pending_{early} {}

    /// The first step.
    [[nodiscard]] step start() noexcept { return last_ = pending_ == 0 ? step::read : step::write; }

    /// The step under way.
    [[nodiscard]] step last() const noexcept { return last_; }

    /// Takes the outcome of the last step and returns the next one.
    [[nodiscard]] VIADUCT_DECL step resume(error_code ec, std::size_t bytes_transferred);

    /// How many of the octets read last are still to be written.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

    /// Octets written so far.
    [[nodiscard]] std::uint64_t transferred() const noexcept { return transferred_; }

    /// Why the direction ended; no error if the end of the stream was passed on.
    [[nodiscard]] error_code error() const noexcept { return error_; }

    /// Whether it was the destination that failed.
    [[nodiscard]] bool failed_writing() const noexcept { return error_ && failed_ != step::read; }

private:
    step fail(error_code ec) noexcept;

    step last_ = step::done;
    step failed_ = step::done;
    std::size_t pending_ = 0;
    std::uint64_t transferred_ = 0;
    error_code error_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/relay/relay_direction.ipp>
#endif

#endif

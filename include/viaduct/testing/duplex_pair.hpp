#ifndef VIADUCT_TESTING_DUPLEX_PAIR_HPP
#define VIADUCT_TESTING_DUPLEX_PAIR_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/testing/detail/memory_pipe.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace viaduct::testing {

/// How a `duplex_stream` behaves when everything goes well, and when it shall not.
struct duplex_behaviour
{
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

    std::size_t max_read = no_limit;  ///< A read brings at most this many octets, as if segments were small.
    std::size_t max_write = no_limit; ///< A write takes at most this many.
    std::size_t fail_at =
        no_limit; ///< The operation with this number (from 0, reads and writes together) fails ...
    error_code error = net::error::connection_reset; ///< ... with this error, and so do all later ones.
};

/// One end of a connection that exists in memory only.
/**
 * Models AsyncReadStream, AsyncWriteStream, and the parts of a socket that a relay needs: `shutdown`,
 * `close`, and a linger option that turns the close into a reset. Its buffer is bounded, so a writer waits
 * for its reader. Nothing depends on time or on the system, so a test that passes once passes always.
 *
 *   - reading from a peer that was shut down or closed ends with `eof`, after what it wrote before;
 *   - reading from a peer that was reset ends with `connection_reset` at once;
 *   - writing to a peer that was closed ends with `broken_pipe`, to one that was reset with
 * `connection_reset`;
 *   - closing an end aborts its own operations.
 *
 * Handlers run on the executor, never inside the initiating function. Cancellation: terminal, partial and
 * total; no octet has moved then.
 *
 * Thread safety: both ends together are one object; shared objects: unsafe.
 */
class duplex_stream
{
public:
    using executor_type = net::any_io_executor;
    using shutdown_type = net::socket_base::shutdown_type;

    static constexpr auto shutdown_receive = net::socket_base::shutdown_receive;
    static constexpr auto shutdown_send = net::socket_base::shutdown_send;
    static constexpr auto shutdown_both = net::socket_base::shutdown_both;

    duplex_stream(executor_type executor, std::shared_ptr<detail::memory_pipe> in,
                  std::shared_ptr<detail::memory_pipe> out)
        : executor_{std::move(executor)},
          in_{std::move(in)},
          out_{std::move(out)}
    {}

    duplex_stream(duplex_stream&&) noexcept = default;
    duplex_stream& operator=(duplex_stream&&) = delete;

    /// Closes.
    ~duplex_stream()
    {
        error_code ignored;
        if (in_) close(ignored);
    }

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

    /// May be changed at any time; holds for operations started afterwards.
    [[nodiscard]] duplex_behaviour& behaviour() noexcept { return behaviour_; }

    /// How many reads and writes have been started.
    [[nodiscard]] std::size_t operations() const noexcept { return operations_; }

    template <class MutableBufferSequence, class CompletionToken>
    auto async_read_some(MutableBufferSequence const& buffers, CompletionToken&& token)
    {
        return net::async_compose<CompletionToken, void(error_code, std::size_t)>(
            detail::pipe_read_op{in_, buffers, behaviour_.max_read, fate()}, token, executor_);
    }

    template <class ConstBufferSequence, class CompletionToken>
    auto async_write_some(ConstBufferSequence const& buffers, CompletionToken&& token)
    {
        return net::async_compose<CompletionToken, void(error_code, std::size_t)>(
            detail::pipe_write_op{out_, buffers, behaviour_.max_write, fate()}, token, executor_);
    }

    /// Ends this side's sending; the peer reads `eof` behind what was written. `shutdown_receive` has no
    /// effect.
    void shutdown(shutdown_type what, error_code& ec)
    {
        ec = out_->writer_state == detail::pipe_end::open ? error_code{}
                                                          : error_code{net::error::not_connected};
        if (!ec && what != shutdown_receive) out_->end_writing(detail::pipe_end::finished);
    }

    /// The linger option, as on a socket: `linger{true, 0}` makes `close` a reset.
    void set_option(net::socket_base::linger const& option, error_code& ec)
    {
        ec = {};
        reset_on_close_ = option.enabled() && option.timeout() == 0;
    }

    /// Ends both directions.
    void close(error_code& ec)
    {
        ec = {};
        auto const how = reset_on_close_ ? detail::pipe_end::reset : detail::pipe_end::closed;
        out_->end_writing(how);
        in_->end_reading(how);
    }

private:
    /// What becomes of the operation that starts now.
    [[nodiscard]] error_code fate() noexcept
    {
        return operations_++ >= behaviour_.fail_at ? behaviour_.error : error_code{};
    }

    executor_type executor_;
    std::shared_ptr<detail::memory_pipe> in_;
    std::shared_ptr<detail::memory_pipe> out_;
    duplex_behaviour behaviour_;
    std::size_t operations_ = 0;
    bool reset_on_close_ = false;
};

/// Makes two connected streams.
/**
 * @param executor Runs the handlers of both.
 * @param capacity How many octets each direction holds before its writer waits.
 */
[[nodiscard]] inline std::pair<duplex_stream, duplex_stream> duplex_pair(net::any_io_executor executor,
                                                                         std::size_t capacity = 64 * 1024)
{
    auto there = std::make_shared<detail::memory_pipe>(executor, capacity);
    auto back = std::make_shared<detail::memory_pipe>(executor, capacity);
    return {duplex_stream{executor, back, there}, duplex_stream{executor, there, back}};
}

} // namespace viaduct::testing

#endif

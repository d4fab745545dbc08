#ifndef VIADUCT_HELPERS_HELPER_POOL_HPP
#define VIADUCT_HELPERS_HELPER_POOL_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/helpers/helper_options.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace viaduct {

namespace detail {
class helper_pool_state;
}

/// A conversation with one process of a pool; it is over when this is destroyed.
/** Distinct objects: safe. Shared objects: unsafe; may be destroyed on any thread, and after the pool. */
class helper_reservation
{
public:
    VIADUCT_DECL explicit helper_reservation(std::shared_ptr<detail::helper_pool_state> const& pool);
    helper_reservation(helper_reservation const&) = delete;
    helper_reservation& operator=(helper_reservation const&) = delete;
    VIADUCT_DECL ~helper_reservation();

private:
    friend class helper_pool;

    std::weak_ptr<detail::helper_pool_state> pool_;
    std::uint64_t id_;
    bool has_begun_ = false;
};

/// Processes of one helper program, which answer lines with lines (Squid's helper protocol).
/**
 * Each has one end of a socket pair as its standard input and output, as Squid's have, and the standard error
 * of this process; no other descriptor of this process gets into it, and signals are as a new process has
 * them. It is in a process group of its own, so a key that interrupts the proxy does not take its helpers
 * away before it. See `helper_schedule` for who gets what, and for what happens to helpers that hang or end.
 *
 * A helper that writes what nobody has asked for, a line of more than 64 KiB, or no channel where there is
 * `concurrency`, is killed.
 *
 * Distinct objects: safe. Shared objects: safe for `submit`, `reserve` and `stop`. Needs
 * posix_spawn_file_actions_addclosefrom_np (glibc 2.34, FreeBSD 13.1).
 */
class helper_pool
{
public:
    /// @param executor Where it runs: a strand, or a context with one thread. Its context must outlive the
    /// pool; helpers keep it busy until `stop`.
    VIADUCT_DECL helper_pool(net::any_io_executor const& executor, helper_options options);
    helper_pool(helper_pool const&) = delete;
    helper_pool& operator=(helper_pool const&) = delete;

    /// Stops. Processes that have not ended when the context goes are killed, and waited for.
    VIADUCT_DECL ~helper_pool();

    /// Starts the first processes.
    VIADUCT_DECL void start();

    /// Asks.
    /**
     * @param request The line without channel and ending; see `is_helper_request`, `escape_helper_word`.
     * @param done Called once, on the pool's executor and not from within `submit`, with
     *   - success and the reply, be it `ERR` or `BH`;
     *   - `errc::helper_overloaded`, `errc::helper_timeout`, `errc::helper_unavailable` (also after `stop`);
     *   - `errc::helper_reply_malformed` for a reply that cannot be read, or where the helper cannot be
     * followed any more;
     *   - `net::error::invalid_argument` for a request that does not fit on a line.
     */
    VIADUCT_DECL void submit(std::string request, helper_completion done);

    /// A conversation that has not begun: the first request takes a process, which nobody else gets.
    [[nodiscard]] VIADUCT_DECL std::shared_ptr<helper_reservation> reserve();

    /// Asks within a conversation: one request after the other, each to the same process.
    /** As the other one; `errc::helper_unavailable` also if that process has been lost, or was given to
     * somebody else after `helper_limits::reservation_time`. */
    VIADUCT_DECL void submit(helper_reservation& conversation, std::string request, helper_completion done);

    /// Ends all requests, and the processes: they see the end of their input, then SIGTERM, then SIGKILL.
    VIADUCT_DECL void stop();

private:
    std::shared_ptr<detail::helper_pool_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/helper_pool.ipp>
#endif

#endif

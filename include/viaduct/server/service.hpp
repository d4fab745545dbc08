#ifndef VIADUCT_SERVER_SERVICE_HPP
#define VIADUCT_SERVER_SERVICE_HPP

#include <viaduct/detail/service_state.hpp>
#include <viaduct/server/service_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct {

/// A whole proxy: listens, serves every valid request, writes one record for each request, and drains.
/**
 * Runs on one executor, which must be one thread or a strand.
 *
 * Distinct objects: safe. Shared objects: unsafe; post to the executor.
 */
class service
{
public:
    /// Opens all ports; nothing is accepted before `start`.
    /** @throws system_error if an address cannot be listened on, with the address in its text. */
    VIADUCT_DECL service(net::any_io_executor executor, service_options options);

    service(service&&) noexcept = default;
    service& operator=(service&&) = delete;

    /// Ends everything as `stop` does.
    VIADUCT_DECL ~service();

    /// Where it listens, in the order of the options.
    [[nodiscard]] VIADUCT_DECL std::vector<net::ip::tcp::endpoint> endpoints() const;

    [[nodiscard]] net::any_io_executor const& get_executor() const noexcept { return state_->executor(); }

    /// Begins to accept.
    VIADUCT_DECL void start();

    /// From now on requests leave in this way; tunnels that are open keep theirs.
    /** The listeners stay as they are. */
    VIADUCT_DECL void reload(egress way);

    /// From now on everything is as in these options. No connection is lost.
    /**
     * A port that is in both is not closed, and what waits in its queue is served: a listener goes on with
     * the first port that was opened for the same endpoint, or is at it (port 0 stands for the one that the
     * system has chosen). Others are opened; those that are gone take what waits in their queues, and are
     * closed. A listener with a socket of its own is taken as it is.
     *
     * Connections whose heads are being read go on under the accept options they began with, and leave in
     * the new way. Who is in the middle of a conversation about who it is (Negotiate, NTLM) ends that in the
     * way it began with. Tunnels that are open keep everything.
     *
     * After `stop` or `async_drain` nothing happens.
     *
     * @param options `accept.log` may be another one: that of before gets the records of what was being read,
     * and must live as long as before.
     * @throws system_error if an address cannot be listened on, with the address in its text; everything is
     * as it was then. So it is with an address that overlaps one that goes, such as 127.0.0.1 and 0.0.0.0
     * on one port: the old one is still open.
     */
    VIADUCT_DECL void reload(service_options options);

    /// How many requests are being served, those for pages aside. May be called from any thread.
    [[nodiscard]] std::size_t active() const noexcept { return state_->active(); }

    /// The requests that are being served, the oldest first, as their records would be now; `phase` tells
    /// which of them are open tunnels. Those for pages are not among them.
    /** @param limit No more than so many. */
    [[nodiscard]] VIADUCT_DECL std::vector<tunnel_record> tunnels(std::size_t limit) const;

    /// One of them.
    /** @param id `tunnel_record::id`. */
    [[nodiscard]] VIADUCT_DECL std::optional<tunnel_record> find_tunnel(std::uint64_t id) const;

    /// Ends one of them; its record says `errc::ended_by_operator`.
    /** @param id `tunnel_record::id`.
     * @return Whether there is such a one. */
    VIADUCT_DECL bool end_tunnel(std::uint64_t id);

    /// How many of the requests that are being served are open tunnels. May be called from any thread.
    [[nodiscard]] std::size_t open_tunnels() const noexcept { return state_->open(); }

    /// Stops accepting, and waits until the tunnels that are open have ended, or the time is over: then ends
    /// them.
    /**
     * Listeners for pages only stay open until the last tunnel has ended.
     *
     * @param limit How long the tunnels may go on.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec   // errc::shutdown_timeout if tunnels had to be ended
     * ) @endcode
     * `active()` is 0 by then, and every record has been written; those of tunnels that had to be ended have
     * the same error. At most one drain at a time.
     *
     * @par Per-Operation Cancellation
     * Terminal, partial and total: the tunnels are ended at once.
     */
    template <class CompletionToken>
    auto async_drain(std::chrono::milliseconds limit, CompletionToken&& token)
    {
        auto executor = state_->executor();
        return net::async_compose<CompletionToken, void(error_code)>(detail::drain_op{state_, limit}, token,
                                                                     executor);
    }

    /// Stops accepting and ends all tunnels; their records are written as their operations end.
    VIADUCT_DECL void stop();

private:
    std::shared_ptr<detail::service_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/service_change.ipp>
#include <viaduct/impl/detail/service_pages.ipp>
#include <viaduct/impl/server/service.ipp>
#endif

#endif

#ifndef VIADUCT_SERVER_WORKER_POOL_HPP
#define VIADUCT_SERVER_WORKER_POOL_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/worker.hpp>
#include <viaduct/server/service_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct {

/// How workers share a port.
enum class port_sharing : unsigned char
{
    /// Each has a socket of its own, and the system spreads the connections evenly (SO_REUSEPORT).
    by_system,

    /// All accept from one socket; whoever is free comes first. For systems that spread nothing, and for
    /// sockets that a service manager has opened.
    one_socket
};

/// What the system can.
#if defined(__linux__) || defined(__FreeBSD__)
inline constexpr port_sharing default_port_sharing = port_sharing::by_system;
#else
inline constexpr port_sharing default_port_sharing = port_sharing::one_socket;
#endif

/// A proxy on several threads: each has a `service` of its own on the same ports, and shares nothing on the
/// way of an octet.
/**
 * A tunnel stays with the thread that accepted it, so there is no lock on the way of an octet. The first
 * worker runs on the caller's context, each other one on a thread that the pool starts and joins.
 *
 * An exception that leaves a handler of the other workers' threads ends the program; the library's own throw
 * none.
 *
 * With more than one worker `options.accept.log` is called from all threads, and must be made for that;
 * `formatted_log` is.
 *
 * Distinct objects: safe. Shared objects: unsafe; to be used on the first worker's context.
 */
class worker_pool
{
public:
    /// Opens all ports; nothing is accepted before `start`.
    /**
     * @param first Where the first worker runs: one thread. Must outlive the pool.
     * @param count Workers, at least 1. With more than one, each port is free to other processes of the same
     * user that ask for sharing too; one that somebody listens on already is an error all the same.
     * @param sharing How they share ports. A listener with a socket of its own is shared as that.
     * @throws system_error if an address cannot be listened on, with the address in its text.
     */
    VIADUCT_DECL worker_pool(net::io_context& first, std::size_t count, service_options options,
                             port_sharing sharing = default_port_sharing);

    worker_pool(worker_pool const&) = delete;
    worker_pool& operator=(worker_pool const&) = delete;

    /// Ends everything as `stop` does, and waits for the threads.
    /** The first worker's tunnels end, and write their records, as its context runs on: the log must live
     * until that has run dry or is gone. */
    VIADUCT_DECL ~worker_pool();

    /// Where it listens, in the order of the options.
    [[nodiscard]] VIADUCT_DECL std::vector<net::ip::tcp::endpoint> endpoints() const;

    /// Begins to accept.
    VIADUCT_DECL void start();

    /// From now on requests leave in this way, on all threads; tunnels that are open keep theirs.
    /** Each worker changes over by itself, as soon as it comes to it. The listeners stay as they are. */
    VIADUCT_DECL void reload(egress const& way);

    /// From now on everything is as in these options, on all threads, and no connection is lost.
    /**
     * As `service::reload`. The number of workers stays, and how they share ports. New ports are opened for
     * all workers before any of them changes over, which each does as soon as it comes to it.
     *
     * @throws system_error as that one; then all workers are as they were.
     */
    VIADUCT_DECL void reload(service_options options);

    /// How many requests are being served, those for pages aside. May be called from any thread.
    [[nodiscard]] VIADUCT_DECL std::size_t active() const noexcept;

    /// How many of them are open tunnels. May be called from any thread.
    [[nodiscard]] VIADUCT_DECL std::size_t open_tunnels() const noexcept;

    /// Lists the requests that all workers are serving: `service::tunnels` of each.
    /**
     * @param limit No more than so many of a worker, and in all; the oldest first.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   std::vector<tunnel_record> all
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * None.
     */
    template <class CompletionToken>
    auto async_tunnels(std::size_t limit, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(std::vector<tunnel_record>)>(
            [this](auto handler, std::size_t most) {
                list_tunnels(most, {std::move(handler), home()});
            },
            token, limit);
    }

    /// Finds one of them: `service::find_tunnel`.
    /**
     * @param id `tunnel_record::id`.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   std::optional<tunnel_record> found
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * None.
     */
    template <class CompletionToken>
    auto async_find_tunnel(std::uint64_t id, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(std::optional<tunnel_record>)>(
            [this](auto handler, std::uint64_t which) {
                find_tunnel(which, {std::move(handler), home()});
            },
            token, id);
    }

    /// Ends a request that one of the workers is serving, as `service::end_tunnel` does.
    /**
     * @param id `tunnel_record::id`.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   bool ended   // whether there is such a one
     * ) @endcode
     *
     * @par Per-Operation Cancellation
     * None.
     */
    template <class CompletionToken>
    auto async_end_tunnel(std::uint64_t id, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(bool)>(
            [this](auto handler, std::uint64_t which) {
                end_tunnel(which, {std::move(handler), home()});
            },
            token, id);
    }

    /// Stops accepting, and waits until all tunnels have ended, or the time is over: then ends them.
    /**
     * @param limit How long the tunnels may go on.
     * @param token The completion token; the handler is not called from within this function.
     *
     * @par Completion Signature
     * @code void(
     *   error_code ec   // errc::shutdown_timeout if tunnels had to be ended
     * ) @endcode
     * All records have been written by then. At most one drain at a time.
     *
     * @par Per-Operation Cancellation
     * None; `stop` ends it.
     */
    template <class CompletionToken>
    auto async_drain(std::chrono::milliseconds limit, CompletionToken&& token)
    {
        auto executor = workers_.front()->executor();
        return net::async_compose<CompletionToken, void(error_code)>(
            detail::drain_workers_op{workers_, limit}, token, executor);
    }

    /// Stops accepting and ends all tunnels; their records are written as their operations end.
    VIADUCT_DECL void stop();

private:
    [[nodiscard]] net::any_io_executor home() const { return workers_.front()->executor(); }
    VIADUCT_DECL void list_tunnels(std::size_t limit,
                                   detail::any_handler<void(std::vector<tunnel_record>)> handler);
    VIADUCT_DECL void find_tunnel(std::uint64_t id,
                                  detail::any_handler<void(std::optional<tunnel_record>)> handler);
    VIADUCT_DECL void end_tunnel(std::uint64_t id, detail::any_handler<void(bool)> handler);

    [[nodiscard]] std::vector<bool> go_on(std::vector<service_listener>& listeners) const;

    std::vector<net::ip::tcp::endpoint> asked_; // of each port; the ports of some may be 0
    port_sharing sharing_;
    std::vector<std::shared_ptr<detail::worker>> workers_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/worker_pool.ipp>
#endif

#endif

#ifndef VIADUCT_TESTING_PROXY_SERVER_HPP
#define VIADUCT_TESTING_PROXY_SERVER_HPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/resolver.hpp>
#include <viaduct/net/system_resolver.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/testing/detail/proxy_listener.hpp>
#include <viaduct/testing/proxy_behaviour.hpp>
#include <viaduct/testing/proxy_record.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace viaduct::testing {

/// How often a `proxy_server` shall be asked for a target; see `proxy_server::expect`.
/** A handle, good while its server lives; as it is, it wants one request. */
class proxy_expectation
{
public:
    /// Exactly so many.
    proxy_expectation& times(std::size_t n) { return between(n, n); }
    proxy_expectation& never() { return times(0); }
    proxy_expectation& at_least(std::size_t n) { return between(n, detail::expected_requests::any_number); }
    proxy_expectation& between(std::size_t least, std::size_t most)
    {
        shared_->book.change(*state_, least, most);
        return *this;
    }

private:
    friend class proxy_server;

    proxy_expectation(std::shared_ptr<detail::proxy_shared> shared,
                      std::shared_ptr<detail::expected_requests> state)
        : shared_{std::move(shared)},
          state_{std::move(state)}
    {}

    std::shared_ptr<detail::proxy_shared> shared_;
    std::shared_ptr<detail::expected_requests> state_;
};

/// How a `proxy_server` is set up.
struct proxy_server_options
{
    /// Where it listens; port 0 is any that is free.
    net::ip::tcp::endpoint listen{net::ip::address_v4::loopback(), 0};

    /// Speaks TLS to clients if it is not null: see `throw_away_tls`, or `make_tls_acceptor`.
    std::shared_ptr<tls_acceptor> tls{};

    /// Who finds the addresses of targets; null is the system's name service. See `fixed_names`.
    std::shared_ptr<resolver> names{};

    /// How heads are read, and how long that may take.
    request_options reading{};
};

/// A real proxy for CONNECT within a test: on the loopback, with the faults that the test wants.
/**
 * It reads and answers as Viaduct's own server does, relays with `async_relay`, and opens a tunnel to
 * whatever it is asked for, until it is told otherwise:
 *
 * @code
 * viaduct::testing::proxy_server proxy;             // has a thread of its own
 * proxy.next(proxy_behaviour::refuse(503));         // the next request
 * proxy.when("*.blocked.example:*", proxy_behaviour::refuse(403));
 * proxy.otherwise(proxy_behaviour::accept_to(origin));
 *
 * run_application({{"HTTPS_PROXY", proxy.url_text()}});
 *
 * CHECK(proxy.requests().at(1).target == "api.example:443");
 * @endcode
 *
 * The destructor closes everything that is open, stalled or not, and waits for its thread.
 *
 * Thread safety: every member may be called from any thread, and at any time.
 */
class proxy_server
{
public:
    /// A server with a thread of its own, which listens once this returns.
    /** @throws system_error if it cannot listen. */
    explicit proxy_server(proxy_server_options options = {})
        : own_{std::make_unique<own_thread>()},
          shared_{share(options)},
          listener_{listen(own_->context.get_executor(), options)}
    {
        own_->thread = std::thread{[this] { own_->context.run(); }};
    }

    /// A server on an executor of the caller's.
    /**
     * @param executor One thread or one strand. The server is destroyed there, or once it runs no more; what
     * is under way then ends with handlers that run there later, or never.
     * @throws system_error if it cannot listen.
     */
    explicit proxy_server(net::any_io_executor executor, proxy_server_options options = {})
        : shared_{share(options)},
          listener_{listen(std::move(executor), options)}
    {}

    proxy_server(proxy_server const&) = delete;
    proxy_server& operator=(proxy_server const&) = delete;

    /// Closes all connections, and waits for the own thread.
    ~proxy_server()
    {
        if (own_) {
            net::post(own_->context, [listener = listener_] { listener->stop(); });
            own_->thread.join();
        } else {
            listener_->stop();
        }
    }

    /// Where it listens.
    [[nodiscard]] net::ip::tcp::endpoint const& endpoint() const noexcept { return endpoint_; }

    /// For a `dialer`.
    [[nodiscard]] proxy_url url() const
    {
        return {authority{endpoint_.address().to_string(), endpoint_.port()},
                {},
                shared_->tls ? proxy_scheme::https : proxy_scheme::http};
    }

    /// For HTTPS_PROXY: `http://127.0.0.1:41234`.
    [[nodiscard]] std::string url_text() const { return to_text(url()); }

    /// What becomes of the next request that has not been spoken for; one call for each.
    /**
     * One that stalls, closes or resets at `proxy_point::connection` takes the next connection. One with a
     * requirement stays the next until somebody has met it. If it does not say where the tunnel leads, it
     * leads where the usual one does.
     */
    void next(proxy_behaviour behaviour) { shared_->book.add_next(std::move(behaviour)); }

    /// What becomes of requests for a target, where no `next` is left. The last rule that matches counts.
    /** @param pattern As in `*.example:443`, in which `*` stands for anything. */
    void when(std::string pattern, proxy_behaviour behaviour)
    {
        when([pattern = std::move(pattern)](
                 proxy_request const& asked) { return detail::matches(pattern, asked.target); },
             std::move(behaviour));
    }

    /// The same with a function that looks at the request; it is called by the server's thread.
    void when(std::function<bool(proxy_request const&)> matches, proxy_behaviour behaviour)
    {
        shared_->book.add_rule(std::move(matches), std::move(behaviour));
    }

    /// What becomes of all others; at first, `proxy_behaviour::accept()`.
    void otherwise(proxy_behaviour behaviour) { shared_->book.set_usual(std::move(behaviour)); }

    /// A copy of the requests so far, in their order. What has not been answered yet is among them.
    [[nodiscard]] std::vector<proxy_request> requests() const { return shared_->book.requests(); }

    /// A copy of the tunnels so far, open or not.
    [[nodiscard]] std::vector<proxy_tunnel> tunnels() const { return shared_->book.tunnels(); }

    /// Waits until there have been so many requests, and returns whether there have.
    /** Not on the thread of the server's executor, which has to go on meanwhile. */
    [[nodiscard]] bool wait_for_requests(std::size_t n, std::chrono::milliseconds limit = patience) const
    {
        return shared_->book.wait_for_requests(n, limit);
    }

    /// The same for connections, of which there may be more: those that never asked for anything.
    [[nodiscard]] bool wait_for_connections(std::size_t n, std::chrono::milliseconds limit = patience) const
    {
        return shared_->book.wait_for_connections(n, limit);
    }

    /// The same for tunnels that have ended.
    [[nodiscard]] bool wait_for_ends(std::size_t n, std::chrono::milliseconds limit = patience) const
    {
        return shared_->book.wait_for_ends(n, limit);
    }

    /// Says that there shall be requests for a target, one unless the handle is told otherwise.
    /**
     * @code
     * proxy.expect("api.example:443").times(2);
     * proxy.expect("*.tracker.example:*").never();
     * ...
     * CHECK(proxy.unmet() == ""); // in the words of any framework
     * @endcode
     */
    proxy_expectation expect(std::string pattern)
    {
        return {shared_, shared_->book.add_expectation(std::move(pattern))};
    }

    /// What was expected and has not come, or came too often, and what was asked for instead; empty if all
    /// is well.
    [[nodiscard]] std::string unmet() const { return shared_->book.unmet(); }

    /// How long the waits are by default: longer than any healthy machine needs.
    static constexpr std::chrono::milliseconds patience = std::chrono::seconds{20};

private:
    struct own_thread
    {
        net::io_context context{1};
        std::thread thread{};
    };

    [[nodiscard]] static std::shared_ptr<detail::proxy_shared> share(proxy_server_options const& options)
    {
        auto made = std::make_shared<detail::proxy_shared>();
        made->tls = options.tls;
        made->names = options.names ? options.names : std::make_shared<system_resolver>();
        made->reading = options.reading;
        return made;
    }

    [[nodiscard]] std::shared_ptr<detail::proxy_listener> listen(net::any_io_executor executor,
                                                                 proxy_server_options const& options)
    {
        auto made = std::make_shared<detail::proxy_listener>(std::move(executor), options.listen, shared_);
        endpoint_ = made->endpoint();
        made->accept();
        return made;
    }

    std::unique_ptr<own_thread> own_; // outlives what runs on it
    std::shared_ptr<detail::proxy_shared> shared_;
    net::ip::tcp::endpoint endpoint_{};
    std::shared_ptr<detail::proxy_listener> listener_;
};

} // namespace viaduct::testing

#endif

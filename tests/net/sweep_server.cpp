#include "acceptor_fixture.hpp"
#include "fault_sweep.hpp"
#include "listening_proxy.hpp"
#include "scripted_resolver.hpp"
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/server/authentication.hpp>
#include <viaduct/server/parent_way.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/serve_tunnel.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::refusal;
using viaduct::request;
using viaduct::testing::duplex_stream;
using viaduct::testing::handler_tracker;

namespace {

std::string const no_tunnel = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A client that asks for something else than a tunnel, so that it is read and answered.
template <class Kind>
struct reading_request : event_loop
{
    using outcome = handler_tracker<viaduct::connect_request>;
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    template <class Handler>
    void start(Handler handler)
    {
        async_read_request(near, {}, std::move(handler));
        send(far, no_tunnel.substr(0, 20));
        net::post(context, [this] { send(far, no_tunnel.substr(20)); });
    }

    std::pair<stream, stream> both{Kind::pair(executor())};
    stream& near = both.first;
    stream& far = both.second;
};

struct reading_from_memory : reading_request<over_memory>
{
    [[nodiscard]] duplex_stream& faulty() { return near; }
};

struct reading_from_socket : reading_request<over_tcp>
{
    void strike() { far_end<tcp::socket>::reset(far); }
};

/// A listener and a client that asks for a tunnel.
struct accepting : event_loop
{
    using outcome = handler_tracker<request>;

    template <class Handler>
    void start(Handler handler)
    {
        listening.async_accept(std::move(handler));
        at_client.emplace(executor(), listening.local_endpoint());
        at_client->say(connect_to("a.example:443"));
    }
    void strike() // it does not end for what one client does
    {
        at_client->reset();
        net::post(context, [this] {
            another.emplace(executor(), listening.local_endpoint());
            another->say(connect_to("a.example:443"));
        });
    }

    viaduct::acceptor listening{executor(), tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    std::optional<client> at_client;
    std::optional<client> another;
};

/// An origin that says something to the one who comes, and no more.
struct far_listener : listening_proxy
{
    explicit far_listener(net::io_context& context) : listening_proxy{context}
    {
        expect([](peer& p) { p.reply("answer").shutdown(); });
    }
};

/// A request that has been read.
struct with_a_request : event_loop
{
    with_a_request()
    {
        viaduct::connect_request head;
        head.method = "CONNECT";
        head.minor_version = 1;
        head.target = at_origin.url().endpoint;
        head.target_text = head.target->text();
        next = request{std::move(both.second), std::move(head)};
    }
    void strike() { at_client.reset(); }

    far_listener at_origin{context};
    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    client at_client{std::move(both.first)};
    request next;
};

struct opening_tunnel : with_a_request
{
    using outcome = handler_tracker<viaduct::any_stream>;

    template <class Handler>
    void start(Handler handler)
    {
        next.async_accept_tunnel(std::move(handler));
    }
};

struct rejecting : with_a_request
{
    using outcome = handler_tracker<std::size_t>;

    template <class Handler>
    void start(Handler handler)
    {
        next.async_reject(403, std::move(handler));
        net::post(context, [this] { at_client.end(); });
    }
};

struct answering : with_a_request
{
    using outcome = handler_tracker<std::size_t>;

    template <class Handler>
    void start(Handler handler)
    {
        next.async_answer(viaduct::page{.content = "hello"}, std::move(handler));
        net::post(context, [this] { at_client.end(); });
    }
};

struct challenging : with_a_request
{
    using outcome = handler_tracker<std::size_t, request>;

    template <class Handler>
    void start(Handler handler)
    {
        next.async_challenge(refusal{.status = 407, .content = "who are you?"}, std::move(handler));
        net::post(context, [this] { at_client.say(connect_to("a.example:443").substr(0, 20)); });
        net::post(context, [this] { at_client.say(connect_to("a.example:443").substr(20)); });
    }
};

struct waiting_for_client : with_a_request
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        next.async_wait_client_gone(std::move(handler));
        net::post(context, [this] { at_client.reset(); });
    }
};

/// A tunnel to a name, which the client ends.
struct serving : with_a_request
{
    using outcome = handler_tracker<viaduct::tunnel_record, request>;

    serving()
    {
        way->ports.permit_all();
        way->guard.allow_all();
        way->limits = limits;
    }
    void check_end() { CHECK(limits->tunnels() == 0); }

    template <class Handler>
    void start(Handler handler)
    {
        at_client.say("question");
        at_client.end();
        async_serve_tunnel(std::move(next), way, std::move(handler));
    }

    std::shared_ptr<viaduct::limits> limits = std::make_shared<viaduct::limits>();
    std::shared_ptr<viaduct::egress> way = std::make_shared<viaduct::egress>();
};

/// Two legs of time: the verifier's, and the delay of a refusal.
struct authenticating : event_loop
{
    using outcome = handler_tracker<viaduct::authentication_result>;

    template <class Handler>
    void start(Handler handler)
    {
        gate.async_authenticate(executor(), viaduct::field_list{wrong_password}, "CONNECT", "a.example:443",
                                "192.0.2.1", session, std::move(handler));
    }

    static constexpr std::string_view wrong_password = "Proxy-Authorization: Basic dXNlcjp3cm9uZw==\r\n";

    [[nodiscard]] static viaduct::authentication_options options()
    {
        auto basic = std::make_shared<viaduct::basic_verifier>(
            viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}});
        return {.verifiers = {std::move(basic)}, .failure_delay = 1ms};
    }

    viaduct::authentication gate{options()};
    viaduct::authentication_session session;
};

struct asking_a_parent : event_loop
{
    using outcome = handler_tracker<viaduct::tunnel>;

    template <class Handler>
    void start(Handler handler)
    {
        mother.expect([](listening_proxy::peer& p) { p.reply_split(established, 20); });
        parents.async_ask(executor(), {viaduct::parent_pick{.index = 0}}, {}, "id", {}, {"a.example", 443},
                          std::move(handler));
    }
    void strike() { mother.hang_up(); }

    listening_proxy mother{context};
    viaduct::parent_way parents{{{.url = mother.url(), .name = "mother"}}, {}, "tested"};
};

[[nodiscard]] viaduct::service_options open_to_all()
{
    viaduct::service_options options;
    options.listen = {tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    options.way.ports.permit_all();
    options.way.guard.allow_all();
    return options;
}

/// A service that drains while a tunnel opens, which ends by itself.
struct draining : event_loop
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        service.start();
        at_client.emplace(executor(), service.endpoints().at(0));
        at_client->say(connect_to(at_origin.url().endpoint.text()));
        while (service.active() == 0)
            context.run_one();
        at_client->end();
        service.async_drain(1h, std::move(handler));
    }
    void strike() { at_client->reset(); }
    void check_end() { CHECK(service.active() == 0); }

    far_listener at_origin{context};
    std::optional<client> at_client;
    viaduct::service service{executor(), open_to_all()};
};

/// Two workers, of which one has a thread of its own.
struct in_a_pool : event_loop
{
    in_a_pool() { pool.start(); }

    viaduct::worker_pool pool{context, 2, open_to_all()};
};

struct listing_tunnels : in_a_pool
{
    using outcome = handler_tracker<std::vector<viaduct::tunnel_record>>;

    template <class Handler>
    void start(Handler handler)
    {
        pool.async_tunnels(10, std::move(handler));
    }
};

struct finding_tunnel : in_a_pool
{
    using outcome = handler_tracker<std::optional<viaduct::tunnel_record>>;

    template <class Handler>
    void start(Handler handler)
    {
        pool.async_find_tunnel(1, std::move(handler));
    }
};

struct ending_tunnel : in_a_pool
{
    using outcome = handler_tracker<bool>;

    template <class Handler>
    void start(Handler handler)
    {
        pool.async_end_tunnel(1, std::move(handler));
    }
};

struct draining_pool : in_a_pool
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        pool.async_drain(1h, std::move(handler));
    }
};

} // namespace

TEST_CASE("sweep: async_read_request")
{
    sweep<reading_from_memory>({.whole = errc::method_not_connect});
    sweep<reading_from_socket>({.whole = errc::method_not_connect});
}

TEST_CASE("sweep: async_accept")
{
    sweep<accepting>({.may_be_over = true}); // the request is under way to the handler
}

TEST_CASE("sweep: a request's async_accept_tunnel, async_reject, async_answer, async_challenge")
{
    sweep<opening_tunnel>({.may_be_over = true}); // the 200 is sent
    sweep<rejecting>({.may_be_over = true});      // all is said, and the end of the client is waited for
    sweep<answering>({.may_be_over = true});
    sweep<challenging>({.may_be_over = true});
}

TEST_CASE("sweep: async_wait_client_gone")
{
    sweep<waiting_for_client>({.whole = net::error::connection_reset});
}

TEST_CASE("sweep: async_authenticate")
{
    sweep<authenticating>({.whole = errc::authentication_failed});
}

TEST_CASE("sweep: async_ask")
{
    sweep<asking_a_parent>();
}

TEST_CASE("sweep: async_serve_tunnel")
{
    sweep<serving>({.may_be_over = true});
}

TEST_CASE("sweep: async_drain")
{
    sweep<draining>({.cancelled = errc::shutdown_timeout, .may_be_over = true});
}

TEST_CASE("sweep: a pool's async_tunnels, async_find_tunnel, async_end_tunnel, async_drain")
{
    sweep_law const no_cancellation{.by = cancelled_by::nothing};
    sweep<listing_tunnels>(no_cancellation);
    sweep<finding_tunnel>(no_cancellation);
    sweep<ending_tunnel>(no_cancellation);
    sweep<draining_pool>(no_cancellation);
}

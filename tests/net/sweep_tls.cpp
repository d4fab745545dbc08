#include "any_streams.hpp"
#include "fault_sweep.hpp"
#include "tls_encounter.hpp"
#include "tls_proxy.hpp"
#include <viaduct/client/dialer.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/relay/tls_stream_end.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

using namespace fixture;
using viaduct::testing::handler_tracker;

namespace {

/// Both sides of a handshake, made once.
std::shared_ptr<viaduct::tls_acceptor> const& server_side()
{
    static std::shared_ptr<viaduct::tls_acceptor> const made =
        viaduct::make_tls_acceptor(serving(viaduct::client_certificate::required));
    return made;
}

std::shared_ptr<viaduct::tls_connector> const& client_side()
{
    static auto const& all = of_this_play();
    static std::shared_ptr<viaduct::tls_connector> const made =
        viaduct::make_tls_connector(showing(all.client_file, all.key_file));
    return made;
}

template <class... Values>
void hang_up(completion<viaduct::any_stream, Values...>& side)
{
    viaduct::error_code ignored;
    if (side.done()) return side.value().close(ignored);
    side.cancel.emit(net::cancellation_type::terminal);
}

struct serving_handshake : encounter
{
    using outcome = handler_tracker<viaduct::any_stream, viaduct::tls_client_facts>;

    template <class Handler>
    void start(Handler handler)
    {
        server_side()->async_handshake(viaduct::any_stream{std::move(sockets.first)},
                                       viaduct::tls_acceptor::completion{std::move(handler), executor()});
        start_client(*client_side());
    }
    void strike() { hang_up(client); }
};

struct asking_handshake : encounter
{
    using outcome = handler_tracker<viaduct::any_stream, viaduct::tls_facts>;

    template <class Handler>
    void start(Handler handler)
    {
        client_side()->async_handshake(viaduct::any_stream{std::move(sockets.second)}, "localhost",
                                       viaduct::tls_connector::completion{std::move(handler), executor()});
        start_server(*server_side());
    }
    void strike() { hang_up(server); }
};

/// Through a proxy that is asked with TLS.
struct dialling_with_tls : event_loop
{
    using outcome = handler_tracker<viaduct::tunnel>;

    template <class Handler>
    void start(Handler handler)
    {
        static auto const server = context_of(of_this_play().server);
        proxy.expect({server}, [](tls_proxy::peer& p) {
            p.reply_split("HTTP/1.1 200 Connection established\r\n\r\n", 20);
        });
        viaduct::dialer dialer{
            executor(),
            {.proxies = {{{proxy.url(viaduct::proxy_scheme::https, "127.0.0.1")}}}, .tls = client_side()}};
        dialer.async_dial({"broker.example", 8883}, std::move(handler));
    }

    tls_proxy proxy{context};
};

struct tls_connection : event_loop
{
    void strike() { far_end<viaduct::any_stream>::reset(far); }

    std::pair<viaduct::any_stream, viaduct::any_stream> both{over_any::pair(executor())};
    viaduct::any_stream& near = both.first;
    viaduct::any_stream& far = both.second;
};

struct reading_tls : tls_connection
{
    using outcome = handler_tracker<std::size_t>;

    template <class Handler>
    void start(Handler handler)
    {
        near.async_read_some(net::buffer(memory), std::move(handler));
        send(far, "hello");
    }

    std::array<char, 10> memory{};
};

/// More than a record, so that it takes its time.
struct writing_tls : tls_connection
{
    using outcome = handler_tracker<std::size_t>;

    template <class Handler>
    void start(Handler handler)
    {
        near.async_write_some(net::buffer(octets), std::move(handler));
    }

    std::string octets = std::string(50000, 'x');
    collector<viaduct::any_stream> taking{far};
};

/// Octets one way, until both ends have said that it is enough.
struct relaying_tls : event_loop
{
    using outcome = handler_tracker<viaduct::relay_result>;

    template <class Handler>
    void start(Handler handler)
    {
        viaduct::async_relay(client.near, origin.near, {}, std::move(handler));
        say_and_end(client.far);
        say_and_end(origin.far);
    }
    void strike() { origin.strike(); }

    static void say_and_end(viaduct::any_stream& from)
    {
        static std::string const octets(1000, 'x');
        net::async_write(from, net::buffer(octets), [&from](viaduct::error_code ec, std::size_t) {
            if (!ec) far_end<viaduct::any_stream>::end_sending(from);
        });
    }

    struct connection
    {
        explicit connection(net::any_io_executor const& executor) : both{over_any::pair(executor)} {}
        void strike() { far_end<viaduct::any_stream>::reset(far); }

        std::pair<viaduct::any_stream, viaduct::any_stream> both;
        viaduct::any_stream& near = both.first;
        viaduct::any_stream& far = both.second;
        collector<viaduct::any_stream> taking{far};
    };

    connection client{executor()};
    connection origin{executor()};
};

} // namespace

TEST_CASE("sweep, TLS: async_handshake of both sides")
{
    sweep<serving_handshake>();
    sweep<asking_handshake>();
}

TEST_CASE("sweep, TLS: async_dial")
{
    sweep<dialling_with_tls>();
}

TEST_CASE("sweep, TLS: a stream's async_read_some and async_write_some")
{
    sweep<reading_tls>({.by = cancelled_by::terminal});
    sweep<writing_tls>({.by = cancelled_by::terminal, .may_be_over = true}); // a record is sent
}

TEST_CASE("sweep, TLS: async_relay")
{
    sweep<relaying_tls>({.may_be_over = true});
}

// Tunnels in a server of another kind, which listens, decides and dials by itself.
//
//   6_embed db.example:5432 10.0.0.5 5432      (what clients may ask for, and where that is)

#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/linger_close.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/request.hpp>

#include <cstdlib>
#include <iostream>

namespace net = viaduct::net; // asio, or boost::asio
using net::ip::tcp;

static void lead(viaduct::request next, tcp::endpoint const& place)
{
    auto const origin = std::make_shared<tcp::socket>(next.get_executor());
    viaduct::async_connect_any(*origin, {place}, {}, [origin, next = std::move(next)](auto ec, auto) mutable {
        if (ec) return next.async_reject(viaduct::refusal_for(ec), [](auto, auto) {});
        next.async_accept_tunnel([origin](auto failed, viaduct::any_stream stream) {
            if (failed) return;
            auto const client = std::make_shared<tcp::socket>(stream.release_socket());
            viaduct::async_relay(*client, *origin, {}, [client, origin](auto, auto moved) {
                std::cout << moved.a_to_b << " octets sent, " << moved.b_to_a << " received" << std::endl;
            });
        });
    });
}

static void serve(tcp::acceptor& listener, viaduct::authority name, tcp::endpoint place)
{
    listener.async_accept([=, &listener](viaduct::error_code broken, tcp::socket accepted) {
        if (broken) return;
        auto const client = std::make_shared<tcp::socket>(std::move(accepted));
        viaduct::async_read_request(*client, {}, [=](auto ec, viaduct::connect_request head) {
            // No CONNECT: it has been answered, and gets the time to read that.
            if (ec) return viaduct::async_linger_close(*client, std::chrono::seconds{2}, [client](auto) {});
            viaduct::request next{std::move(*client), std::move(head)};
            if (next.target() != name) return next.async_reject(403, [](auto, auto) {});
            lead(std::move(next), place);
        });
        serve(listener, name, place);
    });
}

int main(int argc, char** argv)
try {
    if (argc != 4) throw std::invalid_argument{"usage: 6_embed TARGET ADDRESS PORT"};
    tcp::endpoint const place{net::ip::make_address(argv[2]), static_cast<std::uint16_t>(std::atoi(argv[3]))};
    net::io_context context;
    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    std::cout << "listening on " << listener.local_endpoint().port() << std::endl;
    serve(listener, viaduct::parse_authority(argv[1]), place);
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}

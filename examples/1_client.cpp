// Through a proxy to any host and port, then speak whatever that host speaks.
//
//   1_client http://proxy.example:3128 www.example.com 80
//
// The first argument may be a list, "http://a:3128, http://b:3128", or "direct".

#include <viaduct/client/dialer.hpp>
#include <viaduct/detail/asio_programs.hpp>

#include <cstdlib>
#include <iostream>

namespace net = viaduct::net; // asio, or boost::asio

int main(int argc, char** argv)
try {
    if (argc != 4) throw std::invalid_argument{"usage: 1_client PROXY_URL HOST PORT"};
    auto const proxies = viaduct::parse_proxy_list(argv[1]);
    auto const target = viaduct::parse_authority(std::string{argv[2]} + ':' + argv[3]);

    net::io_context context;
    viaduct::dialer dialer{context.get_executor(), {.proxies = {proxies}}};
    dialer.async_dial(target, [&](viaduct::error_code ec, viaduct::tunnel tunnel) {
        if (ec) {
            std::cerr << viaduct::connect_failure{ec, tunnel.report()}.message() << '\n';
            return;
        }
        // From here on it is a socket like any other, connected to the target.
        auto socket = tunnel.release();
        net::write(socket, net::buffer("HEAD / HTTP/1.0\r\nHost: " + target.host() + "\r\n\r\n"));
        std::string answer;
        net::read(socket, net::dynamic_buffer(answer), ec);
        std::cout << answer;
    });
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}

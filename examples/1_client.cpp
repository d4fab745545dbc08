// Through a proxy to any host and port, then speak whatever that host speaks.
//
//   1_client http://proxy.example:3128 www.example.com 80

#include <viaduct/client/dial.hpp>

#include <asio/read.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv)
try {
    if (argc != 4) throw std::invalid_argument{"usage: 1_client PROXY_URL HOST PORT"};
    auto const proxy = viaduct::parse_proxy_url(argv[1]);
    auto const target = viaduct::parse_authority(std::string{argv[2]} + ':' + argv[3]);

    asio::io_context context;
    asio::ip::tcp::socket socket{context};
    viaduct::async_dial(socket, proxy, target, {}, [&](viaduct::error_code ec, viaduct::dial_result result) {
        if (ec) { // the proxy's own words, if it said anything, are in result.reply
            std::cerr << "no tunnel: " << ec.message() << " (status " << result.reply.status << ")\n";
            return;
        }
        // From here on it is a socket like any other, connected to the target.
        asio::write(socket, asio::buffer("HEAD / HTTP/1.0\r\nHost: " + target.host() + "\r\n\r\n"));
        std::string answer;
        asio::read(socket, asio::dynamic_buffer(answer), ec);
        std::cout << answer;
    });
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}

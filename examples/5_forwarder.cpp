// A local port that leads to a host through the proxies of the environment, for programs that know of none.
//
//   HTTPS_PROXY=http://proxy.example:3128 5_forwarder db.example 5432
//   psql -h 127.0.0.1 -p <the port that it prints>

#include <viaduct/client/forwarder.hpp>
#include <viaduct/detail/asio_programs.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace net = viaduct::net; // asio, or boost::asio

int main(int argc, char** argv)
try {
    if (argc != 3) throw std::invalid_argument{"usage: 5_forwarder HOST PORT"};
    auto const target = viaduct::parse_authority(std::string{argv[1]} + ':' + argv[2]);

    net::io_context context;
    viaduct::dialer const dialer{context.get_executor(), {.proxies = viaduct::proxies_from_environment()}};
    viaduct::forwarder_options options;
    options.on_failure = [](viaduct::connect_failure const& why) { std::cerr << why.message() << '\n'; };
    viaduct::forwarder forwarder{dialer, target, options};
    std::cout << "127.0.0.1:" << forwarder.endpoint().port() << " leads to " << target.text() << std::endl;

    net::signal_set signals{context, SIGINT, SIGTERM};
    signals.async_wait([&](viaduct::error_code, int) { forwarder.close(); });
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}

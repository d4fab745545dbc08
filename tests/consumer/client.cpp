#include <viaduct/viaduct.hpp>

#include <iostream>

int main()
{
    asio::io_context context;
    viaduct::dialer_options options;
    options.proxies = viaduct::proxies_from_environment(); // or {viaduct::parse_proxy_list("http://...")}
    viaduct::dialer dialer{context.get_executor(), options};
    dialer.async_dial({"broker.example", 8883}, [](viaduct::error_code ec, viaduct::tunnel tunnel) {
        if (ec) std::cerr << viaduct::connect_failure{ec, tunnel.report()}.message() << '\n';
        // else: `tunnel` is a stream that is connected to broker.example:8883; its socket is yours if you
        // want it: tunnel.release()
    });
    context.run();
}

#include <viaduct/viaduct.hpp>

#include <iostream>

int main()
{
    asio::io_context context;
    viaduct::formatted_log log{viaduct::squid_native(),
                               std::make_shared<viaduct::stream_line_sink>(std::cout)};
    viaduct::service_options options;
    options.listen = {{asio::ip::address_v4::loopback(), 3128}};
    options.accept.log = &log;
    viaduct::service proxy{context.get_executor(), options};
    proxy.start();
    context.run();
}

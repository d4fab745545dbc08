#include <viaduct/viaduct.hpp>

#include <iostream>

int main()
{
    asio::io_context context;
    viaduct::stream_line_sink lines{std::cout};
    viaduct::formatted_log log{viaduct::format_squid_native, lines};
    viaduct::service_options options;
    options.listen = {{asio::ip::address_v4::loopback(), 3128}};
    options.accept.log = &log;
    viaduct::service proxy{context.get_executor(), options};
    proxy.start();
    context.run();
}

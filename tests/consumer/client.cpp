#include <viaduct/viaduct.hpp>

#include <iostream>

int main()
{
    asio::io_context context;
    asio::ip::tcp::socket socket{context};
    viaduct::async_dial(socket, viaduct::parse_proxy_url("http://127.0.0.1:3128"), {"broker.example", 8883},
                        {}, [&](viaduct::error_code ec, viaduct::dial_result result) {
                            if (ec) std::cerr << ec.message() << ", status " << result.reply.status << '\n';
                            // else: `socket` is connected to broker.example:8883, and yours
                        });
    context.run();
}

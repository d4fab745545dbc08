// A proxy with a decision of its own: who may go where is yours to say, the rest is the library's.
//
//   2_proxy 3128

#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/stream_line_sink.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/serve_tunnel.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

namespace net = viaduct::net; // asio, or boost::asio

class proxy
{
public:
    proxy(net::io_context& context, std::uint16_t port)
        : acceptor_{context.get_executor(), {net::ip::address_v4::loopback(), port}, {.log = &log_}}
    {
        accept();
    }

private:
    void accept()
    {
        acceptor_.async_accept([this](viaduct::error_code ec, viaduct::request next) {
            if (ec) return;
            decide(std::move(next));
            accept();
        });
    }

    void decide(viaduct::request next)
    {
        bool const wanted = !next.target().host().ends_with(".invalid");
        if (wanted)
            viaduct::async_serve_tunnel(std::move(next), way_,
                                        [this](auto, auto const& record, auto) { log_.write(record); });
        else
            next.async_reject(403, [](auto, auto) {});
    }

    viaduct::formatted_log log_{viaduct::squid_native(),
                                std::make_shared<viaduct::stream_line_sink>(std::cout)};
    // Port 443 and public addresses, unless you change it first; all tunnels share it.
    std::shared_ptr<viaduct::egress const> way_ = std::make_shared<viaduct::egress>();
    viaduct::acceptor acceptor_;
};

int main(int argc, char** argv)
try {
    net::io_context context;
    proxy const running{context, static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 3128)};
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}

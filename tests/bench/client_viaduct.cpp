// What a tunnel costs whoever opens it with Viaduct: one context and one dialer for all of them, as a program
// has.

#include "ledger.hpp"
#include <viaduct/client/connect_tunnel.hpp>
#include <viaduct/client/dialer.hpp>
#include <viaduct/client/proxy_url.hpp>

#include <array>

namespace {

using bench::client_plan;
using bench::failure;
using bench::ledger;
using viaduct::error_code;
namespace net = viaduct::net;
using net::ip::tcp;

viaduct::dialer_options to_options(client_plan const& plan)
{
    auto proxy = viaduct::parse_proxy_url("http://" + bench::to_string(plan.proxy));
    if (plan.basic) proxy.who = viaduct::credentials{bench::user, bench::password};
    viaduct::dialer_options options;
    options.proxies.proxies = {{proxy}};
    options.unasked = plan.basic;
    return options;
}

/// The dialer, with the tunnel as a socket of the program's own.
class socket_dial
{
public:
    using stream = tcp::socket;

    socket_dial(net::io_context& context, client_plan const& plan)
        : stream_{context},
          dialer_{context.get_executor(), to_options(plan)}
    {}

    template <class Opened>
    void open(viaduct::authority const& target, Opened opened)
    {
        dialer_.async_dial(stream_, target,
                           [opened](error_code ec, viaduct::dial_report const&) { opened(ec); });
    }

    stream stream_;

private:
    viaduct::dialer dialer_;
};

/// The dialer, with the tunnel as a stream that may be anything.
class tunnel_dial
{
public:
    using stream = viaduct::tunnel;

    tunnel_dial(net::io_context& context, client_plan const& plan)
        : dialer_{context.get_executor(), to_options(plan)}
    {}

    template <class Opened>
    void open(viaduct::authority const& target, Opened opened)
    {
        dialer_.async_dial(target, [this, opened](error_code ec, viaduct::tunnel tunnel) {
            stream_ = std::move(tunnel);
            opened(ec);
        });
    }

    stream stream_;

private:
    viaduct::dialer dialer_;
};

/// The exchange alone, on a socket that the program connects itself.
class bare_exchange
{
public:
    using stream = tcp::socket;

    bare_exchange(net::io_context& context, client_plan const& plan)
        : stream_{context},
          proxy_{net::ip::address_v4{ntohl(plan.proxy.sin_addr.s_addr)}, ntohs(plan.proxy.sin_port)}
    {
        if (plan.basic) options_.who = viaduct::credentials{bench::user, bench::password};
    }

    template <class Opened>
    void open(viaduct::authority const& target, Opened opened)
    {
        stream_.async_connect(proxy_, [this, &target, opened](error_code ec) {
            if (ec) return opened(ec);
            stream_.set_option(tcp::no_delay{true});
            auto done = [opened](error_code outcome, viaduct::connect_reply const&) { opened(outcome); };
            viaduct::async_connect_tunnel(stream_, target, options_, done);
        });
    }

    stream stream_;

private:
    tcp::endpoint proxy_;
    viaduct::connect_options options_;
};

/// Opens tunnels in one of these ways until the account is full.
template <class Way>
class client
{
public:
    client(client_plan const& plan, ledger& account)
        : plan_{plan},
          account_{account},
          target_{viaduct::parse_authority(bench::to_string(plan.target))},
          way_{context_, plan}
    {}

    void run()
    {
        next();
        context_.run();
    }

private:
    void next()
    {
        if (!account_.begin()) return;
        way_.open(target_, [this](error_code ec) { opened(ec); });
    }

    void opened(error_code ec)
    {
        if (ec) throw failure{"no tunnel: " + ec.message()};
        account_.opened();
        if (plan_.octets != 0) return ask_for_octets();
        close();
        next();
    }

    void ask_for_octets()
    {
        wish_ = bench::wish_for(plan_);
        net::async_write(way_.stream_, net::buffer(wish_), [this](error_code ec, std::size_t) {
            if (ec) throw failure{"the wish: " + ec.message()};
            read(); // once, so that what a first read needs is there
        });
    }

    void read()
    {
        way_.stream_.async_read_some(net::buffer(block_), [this](error_code ec, std::size_t n) {
            if (ec) throw failure{"reading: " + ec.message()};
            if (got_ == 0) account_.begin_octets();
            got_ += n;
            if (got_ < plan_.octets) return read();
            account_.end_octets();
            close();
        });
    }

    void close()
    {
        error_code ignored;
        way_.stream_.close(ignored);
    }

    client_plan plan_;
    ledger& account_;
    viaduct::authority target_;
    net::io_context context_{1};
    Way way_;
    std::string wish_;
    std::array<char, bench::block_size> block_;
    std::uint64_t got_ = 0;
};

void run(client_plan const& plan, ledger& account)
{
    if (plan.mode == "dial") return client<socket_dial>{plan, account}.run();
    if (plan.mode == "tunnel") return client<tunnel_dial>{plan, account}.run();
    if (plan.mode == "exchange") return client<bare_exchange>{plan, account}.run();
    throw failure{"the modes are dial, tunnel and exchange"};
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run_client(argc, argv, run);
}

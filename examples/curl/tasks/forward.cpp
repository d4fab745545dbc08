#include "tasks/forward.hpp"

#include "failure.hpp"
#include "path/address_text.hpp"
#include "path/connection_settings.hpp"
#include "path/crowd_teller.hpp"
#include "path/dial_failure.hpp"
#include "path/dial_settings.hpp"
#include "tasks/forwarding.hpp"
#include "tasks/say.hpp"
#include "tasks/tunnel_target.hpp"
#include <viaduct/client/forwarder.hpp>
#include <viaduct/detail/asio_programs.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;
namespace net = viaduct::net;

[[nodiscard]] failure describe(operation const& wanted, viaduct::connect_failure const& why)
{
    auto const& attempts = why.report.attempts;
    auto const after = attempts.empty() ? 0ns : attempts.back().at;
    return describe(wanted, why, std::chrono::duration_cast<std::chrono::milliseconds>(after));
}

/// What -v tells of each connection, up to its tunnel or the reason why there is none.
class connection_log : public crowd_teller
{
public:
    connection_log(operation const& wanted, verbose const& log, viaduct::proxy_list ways)
        : crowd_teller{log, std::move(ways)},
          wanted_{wanted}
    {}

private:
    void on_dialling(moment const& now, viaduct::authority const& target) override
    {
        log_.about(now.dial);
        log_.note(fmt::format("A client for {}", target.text()));
    }

    void on_established(moment const& now, viaduct::dial_report const& report) override
    {
        crowd_teller::on_established(now, report);
        auto const by = report.hop == "direct" ? "" : fmt::format(", through {}", report.hop);
        log_.note(fmt::format("Tunnel is open by {}{}", address_and_port(report.remote), by));
    }

    void on_failed(moment const& now, viaduct::connect_failure const& why) override
    {
        crowd_teller::on_failed(now, why);
        log_.note(describe(wanted_, why).message());
    }

    operation const& wanted_;
};

/// What all ports have in common.
struct setting
{
    operation const& wanted;
    verbose const& log;
    net::io_context& context;
    known_proxies& known;
};

[[nodiscard]] viaduct::dialer make_dialer(setting const& in, viaduct::authority const& target)
{
    auto const way = choose_tunnel(in.wanted, target, in.log);
    auto options = make_dialer_options(in.wanted, way->ways, in.known);
    set_connection(in.wanted, way->ways, target, options);
    options.timeout = in.wanted.connect_timeout == 0ms ? 5min : in.wanted.connect_timeout;
    options.resolve_timeout = options.tls_timeout = options.connect.timeout = 0ms;
    options.clocks.attempt = options.clocks.total = 0ms;
    if (in.log.on()) options.observer = std::make_shared<connection_log>(in.wanted, in.log, way->ways);
    return viaduct::dialer{in.context.get_executor(), options};
}

/// A failure ends its own connection, and is no more than a line.
void tell_failure(operation const& wanted, viaduct::authority const& target,
                  viaduct::connect_failure const& why)
{
    auto const told = describe(wanted, why);
    tell(wanted, {told.exit_code(), fmt::format("{}: {}", target.text(), told.message())});
}

[[nodiscard]] viaduct::forwarder open_port(setting const& in, forwarding const& wanted)
{
    viaduct::forwarder_options options;
    options.listen = wanted.listen;
    options.relay.idle_timeout = options.relay.half_close_timeout = 0ms; // as they like it, at both ends
    options.relay.lifetime = in.wanted.max_time;
    options.on_failure = [&in = in.wanted, target = wanted.target](viaduct::connect_failure const& why) {
        tell_failure(in, target, why);
    };
    auto through = make_dialer(in, wanted.target);
    try {
        viaduct::forwarder made{std::move(through), wanted.target, options};
        say(fmt::format("{} leads to {}", address_and_port(made.endpoint()), wanted.target.text()));
        return made;
    } catch (viaduct::system_error const& e) {
        throw failure{
            CURLE_INTERFACE_FAILED,
            fmt::format("Cannot listen on {}: {}", address_and_port(wanted.listen), e.code().message())};
    }
}

} // namespace

int run_forward(command_line const& command)
{
    auto const& wanted = command.operations.front();
    std::vector<forwarding> all;
    for (auto const& text : command.forwards) {
        all.push_back(read_forwarding(text));
        all.back().target = connect_target(wanted, all.back().target);
    }

    verbose log{command.telling};
    known_proxies known;
    net::io_context context{1};
    net::signal_set signals{context, SIGINT, SIGTERM};
    std::vector<viaduct::forwarder> ports;
    setting const in{wanted, log, context, known};
    for (auto const& one : all)
        ports.push_back(open_port(in, one));
    signals.async_wait([&](viaduct::error_code, int) {
        for (auto& port : ports)
            port.close();
    });
    context.run();
    return CURLE_OK;
}

} // namespace viaduct_curl

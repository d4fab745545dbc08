#include "check_proxy.hpp"

#include "answers.hpp"
#include "failure.hpp"
#include "report.hpp"
#include "run.hpp"
#include <viaduct/auth/basic.hpp>
#include <viaduct/client/dialer.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace viaduct_curl::check {
namespace {

using namespace std::chrono_literals;
namespace net = viaduct::net;

constexpr int unsupported_protocol = 1; // curl's codes
constexpr int not_built_in = 4;

void expect_supported(check_settings const& settings)
{
    using viaduct::proxy_scheme;
    auto const scheme = settings.proxy.scheme;
    if (scheme != proxy_scheme::http && scheme != proxy_scheme::https)
        throw failure{unsupported_protocol,
                      fmt::format("--check-proxy is for http and https, not for {}", name_of(scheme))};
    if (scheme == proxy_scheme::https && !settings.tls)
        throw failure{not_built_in, "an https proxy cannot be checked without TLS"};
}

/// The address of the proxy that answers first; all vectors go there.
[[nodiscard]] net::ip::tcp::endpoint find_proxy(net::io_context& context, viaduct::proxy_url const& proxy)
{
    viaduct::dialer_options direct;
    direct.timeout = 10s;
    viaduct::error_code ec;
    auto const connection = viaduct::dial(context, proxy.endpoint, direct, ec);
    auto const address = ec ? net::ip::tcp::endpoint{} : connection.lowest_layer().remote_endpoint(ec);
    if (ec)
        throw failure{proxy_unreachable,
                      fmt::format("Failed to connect to {}: {}", proxy.endpoint.text(), ec.message())};
    return address;
}

[[nodiscard]] std::string authorization_of(viaduct::proxy_url const& proxy)
{
    viaduct::error_code ec;
    return proxy.who ? viaduct::basic_authorization(*proxy.who, ec) : std::string{};
}

[[nodiscard]] std::vector<row> judge_all(observations const& seen, bool encrypted)
{
    std::vector<row> rows;
    comparison const beside{.control = seen.at("control"),
                            .talk = seen.at("talk"),
                            .name_at_port = seen.at("inward-control"),
                            .nobody_at_port = seen.at("port-9"),
                            .nobody_at_443 = seen.at("port-443"),
                            .encrypted = encrypted};
    for (auto const& group : all_vectors())
        for (auto const& what : group.vectors) {
            auto const& it = seen.at(what.look_at.empty() ? what.id : what.look_at);
            rows.push_back({&group, &what, judge(what, it, beside)});
        }
    return rows;
}

[[nodiscard]] std::size_t terminal_width()
{
    constexpr std::size_t usual = 100;
    winsize size{};
    bool const known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
    return known ? size.ws_col : usual;
}

[[nodiscard]] bool print(std::string const& text)
{
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// What a reader should know before the table: others would take its lines for the proxy's fault.
[[nodiscard]] std::string heading(check_settings const& settings, place const& where)
{
    auto const through =
        settings.target ? "tunnels to " + where.target.text() : std::string{"no target given"};
    return fmt::format("{}, {}\n\n", to_text(settings.proxy), through);
}

} // namespace

int check_proxy(check_settings const& settings)
{
    expect_supported(settings);
    net::io_context context;
    proxy_place const proxy{.address = find_proxy(context, settings.proxy),
                            .host = settings.proxy.endpoint.host(),
                            .tls = settings.proxy.scheme == viaduct::proxy_scheme::https ? settings.tls
                                                                                         : nullptr};
    place const where{.target = settings.target.value_or(no_target()),
                      .proxy = settings.proxy.endpoint.text(),
                      .authorization = authorization_of(settings.proxy)};
    auto const seen = run_all(context, proxy, where, settings.target.has_value(), settings.slow_limit);
    if (auto const& control = seen.at("control"); control.end == ending::unreachable)
        throw failure{proxy_unreachable,
                      fmt::format("Failed to connect to {}: {}", where.proxy, control.problem)};
    auto const rows = judge_all(seen, proxy.tls != nullptr);
    bool const printed =
        print(settings.json ? as_json(rows)
                            : heading(settings, where) +
                                  as_table(rows, terminal_width(), ::isatty(STDOUT_FILENO) == 1));
    if (!printed) return write_failed;
    if (count(rows, verdict::risk) != 0) return something_risky;
    return read_answers(seen.at("control").received).empty() ? no_answer : nothing_risky;
}

} // namespace viaduct_curl::check

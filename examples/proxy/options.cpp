#include "options.hpp"

#include <viaduct/server/address_guard.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using viaduct::net::ip::tcp;

/// What was typed, before it is checked.
struct typed_options
{
    std::vector<std::string> http_ports{"127.0.0.1:3128"};
    std::vector<std::string> allow_ports;
    std::vector<std::string> allow_destinations;
    std::optional<std::string> access_log;
    double head_timeout = 10;
    double shutdown_lifetime = 3;
    std::size_t workers = 1;
};

[[noreturn]] void reject(std::string_view option, std::string_view value, std::string_view hint)
{
    throw CLI::ValidationError(fmt::format("{} '{}': {}", option, value, hint));
}

[[nodiscard]] std::optional<std::uint16_t> to_port(std::string_view text)
{
    std::uint16_t port = 0;
    auto const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, port);
    return error == std::errc{} && end == last ? std::optional{port} : std::nullopt;
}

[[nodiscard]] tcp::endpoint to_endpoint(std::string const& text)
{
    auto const colon = text.rfind(':');
    auto const port =
        colon == std::string::npos ? std::nullopt : to_port(std::string_view{text}.substr(colon + 1));
    auto host = text.substr(0, colon);
    bool const bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(host, ec);
    if (!port || ec || bracketed != address.is_v6())
        reject("--http-port", text, "write ADDRESS:PORT, such as 127.0.0.1:3128, 0.0.0.0:3128 or [::1]:3128");
    return {address, *port};
}

[[nodiscard]] viaduct::port_policy to_port_policy(std::vector<std::string> const& typed)
{
    viaduct::port_policy policy;
    std::vector<std::uint16_t> ports;
    for (auto const& text : typed) {
        auto const port = to_port(text);
        if (text == "all")
            policy.permit_all();
        else if (port && *port != 0)
            ports.push_back(*port);
        else
            reject("--allow-port", text, "write a port from 1 to 65535, or 'all'");
    }
    if (!ports.empty() && !policy.permits(0)) policy.permit_only(std::move(ports));
    return policy;
}

[[nodiscard]] viaduct::address_guard to_guard(std::vector<std::string> const& typed)
{
    viaduct::address_guard guard;
    for (auto const& text : typed) {
        viaduct::error_code ec;
        auto const block = viaduct::address_block::parse(text, ec);
        if (ec)
            reject("--allow-destination", text,
                   "write ADDRESS/LENGTH with no bits set beyond the length, such as 10.0.0.0/8 or fd00::/8");
        guard.allow(block);
    }
    return guard;
}

[[nodiscard]] std::chrono::milliseconds to_duration(std::string_view option, double seconds, double least)
{
    if (!(seconds >= least && seconds <= 86400))
        reject(option, fmt::format("{}", seconds), fmt::format("write seconds from {} to 86400", least));
    return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

/// An empty name is more often a variable that is not set than a wish to have no log.
[[nodiscard]] std::string to_log(std::string const& text)
{
    if (text.empty()) reject("--access-log", text, "write a file name, or '-' for standard output");
    return text;
}

[[nodiscard]] proxy_options check(typed_options const& typed)
{
    proxy_options options;
    for (auto const& text : typed.http_ports)
        options.service.listen.push_back(to_endpoint(text));
    options.service.way.ports = to_port_policy(typed.allow_ports);
    options.service.way.guard = to_guard(typed.allow_destinations);
    options.service.accept.request.head_timeout = to_duration("--head-timeout", typed.head_timeout, 0.001);
    options.shutdown_lifetime = to_duration("--shutdown-lifetime", typed.shutdown_lifetime, 0);
    options.workers = typed.workers;
    if (typed.access_log) options.access_log = to_log(*typed.access_log);
    return options;
}

void declare(CLI::App& app, typed_options& typed)
{
    app.set_version_flag("-V,--version", "viaduct-proxy " VIADUCT_VERSION);
    app.add_option("--http-port", typed.http_ports,
                   "Listen there; port 0 takes a free one. Repeat for several")
        ->type_name("ADDRESS:PORT")
        ->capture_default_str();
    app.add_option("--allow-port", typed.allow_ports,
                   "A port that tunnels may lead to, instead of 443. Repeat for several")
        ->type_name("PORT|all");
    app.add_option("--allow-destination", typed.allow_destinations,
                   "Let tunnels go to these addresses, although they are not public. Repeat for several")
        ->type_name("CIDR");
    app.add_option("--access-log", typed.access_log,
                   "One line a request in Squid's native format; '-' is standard output")
        ->type_name("FILE|-");
    app.add_option("--head-timeout", typed.head_timeout, "How long a client may take for its request")
        ->type_name("SECONDS")
        ->capture_default_str();
    app.add_option("--shutdown-lifetime", typed.shutdown_lifetime,
                   "How long open tunnels may go on after SIGTERM")
        ->type_name("SECONDS")
        ->capture_default_str();
    app.add_option("--workers", typed.workers, "Threads that carry tunnels; one for each CPU is enough")
        ->type_name("N")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.footer("With no option it serves this machine only, port 443 only, and public addresses only.\n"
               "SIGTERM and SIGINT end it once its tunnels have ended or their time is over; a second one "
               "ends it at once.\n"
               "SIGUSR1 opens the access log anew.");
}

} // namespace

std::optional<proxy_options> parse_command_line(int argc, char** argv, int& exit_status)
{
    CLI::App app{"A CONNECT proxy: opens tunnels for HTTP clients, and nothing else.", "viaduct-proxy"};
    typed_options typed;
    declare(app, typed);
    try {
        app.parse(argc, argv);
        return check(typed);
    } catch (CLI::Success const& e) { // --help, --version
        exit_status = app.exit(e);
    } catch (CLI::Error const& e) {
        fmt::print(stderr, "viaduct-proxy: {}\nTry 'viaduct-proxy --help'.\n", e.what());
        exit_status = 2;
    }
    return std::nullopt;
}

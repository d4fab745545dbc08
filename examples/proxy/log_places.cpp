#include "log_places.hpp"

#include "log_plan.hpp"
#include "output_line_sink.hpp"
#include "words.hpp"
#include <viaduct/log/daemon_line_sink.hpp>
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/format_problem.hpp>
#include <viaduct/log/journald_line_sink.hpp>
#include <viaduct/log/syslog_line_sink.hpp>
#include <viaduct/log/tcp_line_sink.hpp>
#include <viaduct/log/udp_line_sink.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace viaduct_proxy {
namespace {

using viaduct::log_failure_options;

struct receiver
{
    std::string host;
    std::uint16_t port;
};

/// `//HOST:PORT`; an IPv6 address is in brackets.
[[nodiscard]] receiver to_receiver(log_line const& line)
{
    auto const colon = line.place.rfind(':');
    auto const port =
        colon == std::string::npos ? std::nullopt : to_port(std::string_view{line.place}.substr(colon + 1));
    bool const has_slashes = line.place.starts_with("//");
    auto host = line.place.substr(0, colon).substr(has_slashes ? 2 : 0);
    bool const bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!has_slashes || !port || *port == 0 || host.empty() || (!bracketed && host.find(':') != host.npos))
        reject(line.flag, line.value,
               fmt::format("write {0}://HOST:PORT, such as {0}://192.0.2.1:5140", name_of(line.module)));
    return {std::move(host), *port};
}

[[nodiscard]] viaduct::syslog_priority to_priority(log_line const& line)
{
    try {
        return viaduct::parse_syslog_priority(line.place);
    } catch (viaduct::format_problem const& e) {
        auto const before = line.value.find(line.place);
        reject(line.flag, line.value, fmt::format("column {}: {}", before + e.column(), e.what()));
    }
}

[[nodiscard]] viaduct::line_sink_ptr open_file(log_line const& line, unsigned keep,
                                               log_failure_options failure)
{
    viaduct::file_sink_options options;
    options.buffer_size = line.buffer_size.value_or(0);
    options.keep = line.rotate.value_or(keep);
    options.failure = std::move(failure);
    return std::make_shared<viaduct::file_line_sink>(line.place, std::move(options));
}

[[nodiscard]] viaduct::line_sink_ptr open_daemon(log_line const& line, log_plan const& plan,
                                                 log_failure_options failure)
{
    viaduct::daemon_line_options options;
    options.command = {plan.daemon, line.place};
    options.keep = plan.rotate;
    if (line.buffer_size) options.buffer_size = *line.buffer_size;
    auto const runs = std::make_shared<bool>(false); // until then the exception says it all
    options.failure = {failure.on_error, [runs, tell = failure.on_trouble](auto const& trouble) {
                           if (*runs) tell(trouble);
                       }};
    auto lines = std::make_shared<viaduct::daemon_line_sink>(std::move(options));
    *runs = true;
    return lines;
}

[[nodiscard]] viaduct::line_sink_ptr open_syslog(log_line const& line, log_failure_options failure)
{
    viaduct::syslog_options options;
    options.priority = to_priority(line);
    options.app_name = "viaduct-proxy";
    options.failure = std::move(failure);
    return std::make_shared<viaduct::syslog_line_sink>(std::move(options));
}

[[nodiscard]] viaduct::line_sink_ptr open_journal(log_line const& line, log_failure_options failure)
{
    viaduct::journald_options options;
    options.identifier = line.place.empty() ? "viaduct-proxy" : line.place;
    options.failure = std::move(failure);
    return std::make_shared<viaduct::journald_line_sink>(std::move(options));
}

[[nodiscard]] viaduct::line_sink_ptr open_udp(log_line const& line, log_failure_options failure)
{
    auto to = to_receiver(line);
    viaduct::udp_line_options options;
    options.host = std::move(to.host);
    options.port = to.port;
    options.failure = std::move(failure);
    return std::make_shared<viaduct::udp_line_sink>(std::move(options));
}

[[nodiscard]] viaduct::line_sink_ptr open_tcp(log_line const& line, log_failure_options failure)
{
    auto to = to_receiver(line);
    viaduct::tcp_line_options options;
    options.host = std::move(to.host);
    options.port = to.port;
    if (line.buffer_size) options.buffer_size = *line.buffer_size;
    options.failure = std::move(failure);
    return std::make_shared<viaduct::tcp_line_sink>(std::move(options));
}

[[nodiscard]] viaduct::line_sink_ptr open_it(log_line const& line, log_plan const& plan,
                                             log_failure_options failure)
{
    switch (line.module) {
    case log_module::daemon: return open_daemon(line, plan, std::move(failure));
    case log_module::syslog: return open_syslog(line, std::move(failure));
    case log_module::journald: return open_journal(line, std::move(failure));
    case log_module::udp: return open_udp(line, std::move(failure));
    case log_module::tcp: return open_tcp(line, std::move(failure));
    case log_module::standard_output: return std::make_shared<output_line_sink>(std::move(failure));
    default: return open_file(line, plan.rotate, std::move(failure));
    }
}

} // namespace

void check_place(log_line const& line)
{
    if (line.module == log_module::udp || line.module == log_module::tcp) std::ignore = to_receiver(line);
    if (line.module == log_module::syslog) std::ignore = to_priority(line);
    if (line.module == log_module::standard_output && !line.place.empty())
        reject(line.flag, line.value, "'stdout' has no place");
}

viaduct::line_sink_ptr open_place(log_line const& line, log_plan const& plan,
                                  viaduct::log_trouble_handler const& on_trouble)
{
    try {
        return open_it(line, plan, {line.on_error, on_trouble});
    } catch (viaduct::system_error const& e) {
        auto const what = line.module == log_module::daemon ? plan.daemon + ": " : std::string{};
        reject(line.flag, line.value, what + e.code().message());
    }
}

} // namespace viaduct_proxy

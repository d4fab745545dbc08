#include "proxy_log.hpp"

#include "say.hpp"
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/stream_line_sink.hpp>

#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <stdexcept>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::line_sink_ptr open_lines(std::string const& where)
{
    if (where == "-") return std::make_shared<viaduct::stream_line_sink>(std::cout);
    try {
        return std::make_shared<viaduct::file_line_sink>(where);
    } catch (viaduct::system_error const& e) {
        throw std::runtime_error{fmt::format("--access-log '{}': {}", where, e.code().message())};
    }
}

} // namespace

proxy_log::proxy_log(std::optional<std::string> const& where)
{
    if (!where) return;
    log_.emplace(viaduct::squid_native(), open_lines(*where));
}

/// The target of a request that rules were asked about is a checked one: it can stand in a line.
void proxy_log::write(viaduct::tunnel_record const& record) noexcept
{
    if (log_) log_->write(record);
    if (record.reported.empty()) return;
    try {
        auto const who = record.user.empty() ? record.client : record.user + " at " + record.client;
        auto const what = record.reported.starts_with('(') ? record.reported + " before an answer to"
                                                           : '\'' + record.reported + "' would deny";
        tell(fmt::format("on trial: --report-only {} {} to {}", what, printable(who), record.target));
    } catch (std::exception const&) { // no memory: the line is lost
    }
}

void proxy_log::flush() noexcept
{
    if (log_) log_->flush();
}

void proxy_log::reopen() noexcept
{
    if (log_) log_->reopen();
}

} // namespace viaduct_proxy

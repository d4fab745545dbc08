#include "proxy_log.hpp"

#include "say.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>

namespace viaduct_proxy {

std::shared_ptr<viaduct::log_sink> proxy_log::exchange(std::shared_ptr<viaduct::log_sink> logs) noexcept
{
    std::lock_guard const lock{mutex_};
    return std::exchange(logs_, std::move(logs));
}

std::shared_ptr<viaduct::log_sink> proxy_log::logs() const noexcept
{
    std::lock_guard const lock{mutex_};
    return logs_;
}

/// The target of a request that rules were asked about is a checked one: it can stand in a line.
void proxy_log::write(viaduct::tunnel_record const& record) noexcept
{
    if (auto const now = logs()) now->write(record);
    if (record.reported.empty() || record.event != viaduct::record_event::end) return;
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
    if (auto const now = logs()) now->flush();
}

void proxy_log::reopen() noexcept
{
    if (auto const now = logs()) now->reopen();
}

void proxy_log::rotate() noexcept
{
    if (auto const now = logs()) now->rotate();
}

viaduct::record_wishes proxy_log::wishes() const noexcept
{
    auto const now = logs();
    return now ? now->wishes() : viaduct::record_wishes{};
}

} // namespace viaduct_proxy

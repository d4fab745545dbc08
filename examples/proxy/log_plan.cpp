#include "log_plan.hpp"

#include "log_places.hpp"
#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/log_filter.hpp>
#include <viaduct/log/log_tee.hpp>

#include <utility>

namespace viaduct_proxy {
namespace {

/// What ACLs may look at that is in records only if somebody wants it.
constexpr viaduct::record_wishes wishes_of_acls{true, true, false};

[[nodiscard]] std::shared_ptr<viaduct::log_sink> open_log(planned_log const& planned, log_plan const& plan,
                                                          viaduct::log_trouble_handler const& on_trouble)
{
    viaduct::async_sink_options options;
    options.capacity = plan.queue;
    options.when_full = plan.when_full;
    options.format = planned.format;
    auto lines = std::make_shared<viaduct::async_sink>(open_place(planned.line, plan, on_trouble), options);
    std::shared_ptr<viaduct::log_sink> log =
        std::make_shared<viaduct::formatted_log>(planned.format, std::move(lines));
    if (!planned.wanted) return log;
    return std::make_shared<viaduct::log_filter>(std::move(log), planned.wanted, wishes_of_acls);
}

} // namespace

std::shared_ptr<viaduct::log_sink> open_logs(log_plan const& plan, std::shared_ptr<log_watch> const& watch)
{
    auto const on_trouble = [watch](viaduct::log_trouble const& trouble) { watch->hear(trouble); };
    std::vector<std::shared_ptr<viaduct::log_sink>> logs;
    for (auto const& planned : plan.logs)
        logs.push_back(open_log(planned, plan, on_trouble));
    if (logs.empty()) return nullptr;
    if (logs.size() == 1) return logs.front();
    return std::make_shared<viaduct::log_tee>(std::move(logs));
}

} // namespace viaduct_proxy

#ifndef VIADUCT_EXAMPLES_PROXY_LOG_PLAN_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_PLAN_HPP

#include "log_acls.hpp"
#include "log_line.hpp"
#include "log_watch.hpp"
#include <viaduct/log/async_sink.hpp>
#include <viaduct/log/log_sink.hpp>
#include <viaduct/log/record_format.hpp>

#include <memory>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// One access log that is to be.
struct planned_log
{
    log_line line{};
    viaduct::record_format_ptr format{}; ///< Null for `none`.
    record_condition wanted{};           ///< Empty: every record.
};

/// All of them.
struct log_plan
{
    std::vector<planned_log> logs{};
    unsigned rotate = 0;             ///< Old files, where a log says nothing else.
    std::string daemon{};            ///< The program for `daemon`.
    std::size_t queue = 1024 * 1024; ///< Octets of lines that wait for their place, for each log.
    viaduct::full_queue when_full = viaduct::full_queue::drop_new;
};

/// Opens everything, and starts a thread for each log.
/**
 * @return What the service writes to; null without any log.
 * @throws mistake if a place cannot be opened.
 */
[[nodiscard]] std::shared_ptr<viaduct::log_sink> open_logs(log_plan const& plan,
                                                           std::shared_ptr<log_watch> const& watch);

} // namespace viaduct_proxy

#endif

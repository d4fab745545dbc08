#include "running_proxy.hpp"

#include "log_plan.hpp"
#include "say.hpp"
#include <viaduct/detail/machine_name.hpp>
#include <viaduct/log/log_tee.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace viaduct_proxy {
namespace {

using endpoints = std::vector<viaduct::net::ip::tcp::endpoint>;

[[nodiscard]] std::string to_text(viaduct::net::ip::tcp::endpoint const& where)
{
    bool const v6 = where.address().is_v6();
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", where.address().to_string(), v6 ? "]" : "", where.port());
}

/// Tells of the endpoints that are not among others.
void tell_of(char const* what, endpoints const& some, endpoints const& others)
{
    for (auto const& where : some)
        if (std::find(others.begin(), others.end(), where) == others.end())
            tell(fmt::format("{} {}", what, to_text(where)));
}

/// A user and a group, as they were written.
[[nodiscard]] auto names_of(std::optional<wished_identity> const& who)
{
    auto const wish = who.value_or(wished_identity{});
    return std::pair{wish.user, wish.group};
}

/// Tells of a setting that was changed in vain.
void tell_if(bool has_changed, char const* setting)
{
    if (has_changed) tell(fmt::format("another {} needs a new start", setting));
}

} // namespace

running_proxy::running_proxy(proxy_options options, std::shared_ptr<log_watch> watch, identity const& whom)
    : watch_{std::move(watch)},
      pages_{std::make_shared<manager_pages>(
          std::vector{options.service.accept.request.name, viaduct::detail::machine_name()})},
      log_{nullptr},
      options_{std::move(options)},
      limits_{options_.service.way.limits}
{
    complete(options_);
    {
        acting_as const its_owner{whom}; // for files alone: ports may need root
        std::ignore = log_.exchange(closer_.keep(open(options_.logs)));
    }
    pool_.emplace(context_, options_.workers, options_.service, options_.sharing);
}

running_proxy::~running_proxy()
{
    options_.helpers->stop();
    for (auto const& each : retired_)
        each->stop();
    pool_.reset();
    log_.flush();
}

/// The access logs, and the counts of `/metrics`.
std::shared_ptr<viaduct::log_sink> running_proxy::open(log_plan const& plan)
{
    auto logs = open_logs(plan, watch_);
    auto counts = pages_->counts();
    if (!counts || !logs) return counts ? counts : logs;
    return std::make_shared<viaduct::log_tee>(
        std::vector<std::shared_ptr<viaduct::log_sink>>{std::move(logs), std::move(counts)});
}

/// What the options cannot say: the objects that stay.
void running_proxy::complete(proxy_options& options)
{
    options.service.accept.log = &log_;
    options.service.accept.on_exhausted = std::ref(shortage_);
    options.service.pages = pages_;
}

void running_proxy::start()
{
    options_.helpers->start();
    pages_->attach(context_, *pool_, options_.workers);
    pool_->start();
    tell_of("listening on", pool_->endpoints(), {});
    set_ready(true);
}

void running_proxy::reload(proxy_options next)
{
    auto logs = closer_.keep(open(next.logs));
    auto const before = pool_->endpoints();
    complete(next);
    next.helpers->start();
    try {
        swap_everything(next, logs);
    } catch (...) {
        retire(std::move(next.helpers));
        throw;
    }
    auto const after = pool_->endpoints();
    pages_->on_reload();
    tell_of("no longer listening on", before, after);
    tell_of("listening on", after, before);
}

/// The logs come first, as the service asks them for their wishes.
void running_proxy::swap_everything(proxy_options& next, std::shared_ptr<viaduct::log_sink> const& logs)
{
    auto const limits = next.service.way.limits;
    if (limits_) next.service.way.limits = limits_;
    auto former = log_.exchange(logs);
    try {
        pool_->reload(next.service);
    } catch (...) {
        former = log_.exchange(std::move(former));
        throw;
    }
    if (limits_)
        limits_->reload(limits ? limits->options() : viaduct::limit_options{});
    else
        limits_ = limits;
    put_in_force(next);
}

void running_proxy::put_in_force(proxy_options& next)
{
    if (next.workers != options_.workers)
        tell(fmt::format("workers {}: needs a new start, there are {}", next.workers, options_.workers));
    tell_if(next.sharing != options_.sharing, "port_sharing");
    tell_if(next.pid.path != options_.pid.path, "pid_filename");
    tell_if(names_of(next.user) != names_of(options_.user), "cache_effective_user or cache_effective_group");
    tell_if(next.umask != options_.umask, "umask");
    tell_if(next.descriptors != options_.descriptors, "max_filedescriptors");
    next.workers = options_.workers;
    next.sharing = options_.sharing;
    next.pid = options_.pid;
    next.user = options_.user;
    next.umask = options_.umask;
    next.descriptors = options_.descriptors;
    auto const helpers = options_.helpers;
    options_ = std::move(next);
    retire(helpers);
}

/// Their thread is joined when it has ended, which is when nobody can ask them any more.
void running_proxy::retire(std::shared_ptr<helper_programs> helpers)
{
    auto const place = retired_.insert(retired_.end(), helpers);
    bool const runs = helpers->retire(
        [this, place] { viaduct::net::post(context_, [this, place] { retired_.erase(place); }); });
    if (!runs) retired_.erase(place);
}

} // namespace viaduct_proxy

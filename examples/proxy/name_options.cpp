#include "name_options.hpp"

#include "directive_match.hpp"
#include "words.hpp"
#include <viaduct/net/caching_resolver.hpp>
#include <viaduct/net/system_resolver.hpp>

#if defined(VIADUCT_PROXY_CARES)
#include <viaduct/net/cares_resolver.hpp>
#endif

#include <utility>

namespace viaduct_proxy {
namespace {

#if defined(VIADUCT_PROXY_CARES)
constexpr bool has_cares = true;
#else
constexpr bool has_cares = false;
#endif

[[nodiscard]] std::chrono::seconds to_seconds(setting<double> const& what)
{
    return std::chrono::duration_cast<std::chrono::seconds>(to_duration(what, 0, a_year));
}

} // namespace

void name_options::declare(CLI::App& app)
{
    flag_group flags{app, "Names"};
    flags.text("--dns", service_, "system|cares",
               "Who is asked: the system, or name servers by c-ares [system, without --dns-server and -f]");
    flags.list("--dns-server", servers_, "ADDRESS[:PORT]", "A name server, in place of the system's");
    flags.number("--dns-cache", cache_, "Names that are remembered; 0: none");
}

void name_options::take(directive_match& line)
{
    line.text("dns_service", service_)
        .each("dns_nameservers",
              [this](typed const& what) {
                  for (auto const& each : split_plain(what))
                      servers_.push_back(with_value(what, each));
              })
        .time("positive_dns_ttl", kept_at_most_)
        .time("negative_dns_ttl", failure_kept_)
        .number("ipcache_size", cache_)
        .text("hosts_file", hosts_file_);
}

/// Squid asks name servers itself, and for names as they are.
void name_options::assume_squid()
{
    asks_servers_ = has_cares;
}

std::shared_ptr<viaduct::resolver> name_options::make_cares() const
{
#if defined(VIADUCT_PROXY_CARES)
    viaduct::cares_options options;
    for (auto const& text : servers_) {
        auto const where = to_endpoint(text.where(), text.value, 53);
        options.servers.emplace_back(where.address(), where.port());
    }
    if (hosts_file_) options.hosts_file = hosts_file_->value != "none";
    return std::make_shared<viaduct::cares_resolver>(options);
#else
    lacks(servers_.empty() ? "--dns cares" : servers_.front().where(), "c-ares");
#endif
}

std::shared_ptr<viaduct::resolver> name_options::make_service() const
{
    auto const by_default = servers_.empty() && !asks_servers_ ? "system" : "cares";
    auto const name = service_ ? service_->value : by_default;
    if (name != "system" && name != "cares") reject(*service_, "write system or cares");
    if (name == "system" && !servers_.empty())
        reject(servers_.front(), "the system chooses its servers itself: leave out --dns system");
    if (hosts_file_ && hosts_file_->value != "none" && hosts_file_->value != "/etc/hosts")
        reject(*hosts_file_, "write /etc/hosts or none: another file is not read");
    if (name == "cares") return make_cares();
    return std::make_shared<viaduct::system_resolver>();
}

void name_options::apply(proxy_options& to) const
{
    auto service = make_service();
    if (cache_.value != 0) {
        viaduct::caching_options options;
        options.cache.size = cache_.value;
        options.cache.positive_max = to_seconds(kept_at_most_);
        options.cache.negative = to_seconds(failure_kept_);
        options.cache.positive_min = std::min(options.cache.positive_min, options.cache.positive_max);
        service = std::make_shared<viaduct::caching_resolver>(std::move(service), options);
    }
    to.service.way.names = std::move(service);
}

} // namespace viaduct_proxy

#include "name_options.hpp"

#include "words.hpp"
#include <viaduct/net/caching_resolver.hpp>
#include <viaduct/net/system_resolver.hpp>

#if defined(VIADUCT_PROXY_CARES)
#include <viaduct/net/cares_resolver.hpp>
#endif

#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] std::shared_ptr<viaduct::resolver>
make_cares([[maybe_unused]] std::vector<std::string> const& servers)
{
#if defined(VIADUCT_PROXY_CARES)
    viaduct::cares_options options;
    for (auto const& text : servers) {
        auto const where = to_endpoint("--dns-server", text, 53);
        options.servers.emplace_back(where.address(), where.port());
    }
    return std::make_shared<viaduct::cares_resolver>(options);
#else
    lacks(servers.empty() ? "--dns cares" : "--dns-server", "c-ares");
#endif
}

} // namespace

void name_options::declare(CLI::App& app)
{
    flag_group flags{app, "Names"};
    flags.text("--dns", service_, "system|cares",
               "Who is asked: the system, or name servers by c-ares [system, without --dns-server]");
    flags.list("--dns-server", servers_, "ADDRESS[:PORT]", "A name server, in place of the system's");
    flags.number("--dns-cache", cache_, "Names that are remembered; 0: none");
}

std::shared_ptr<viaduct::resolver> name_options::make_service() const
{
    bool const is_known = !service_ || *service_ == "system" || *service_ == "cares";
    if (!is_known) reject("--dns", *service_, "write system or cares");
    if (service_ == "system" && !servers_.empty())
        reject("--dns-server", servers_.front(),
               "the system chooses its servers itself: leave out --dns system");
    if (service_ == "cares" || !servers_.empty()) return make_cares(servers_);
    return std::make_shared<viaduct::system_resolver>();
}

void name_options::apply(proxy_options& to) const
{
    auto service = make_service();
    if (cache_ != 0) {
        viaduct::caching_options options;
        options.cache.size = cache_;
        service = std::make_shared<viaduct::caching_resolver>(std::move(service), options);
    }
    to.service.way.names = std::move(service);
}

} // namespace viaduct_proxy

#ifndef VIADUCT_IMPL_DETAIL_DIALER_STATE_IPP
#define VIADUCT_IMPL_DETAIL_DIALER_STATE_IPP

#include <viaduct/detail/dialer_state.hpp>

#include <vector>

namespace viaduct::detail {

VIADUCT_DECL proxy_list dialer_state::ways_to(authority const& target) const
{
    return health_.order(options_.select ? options_.select(target) : options_.proxies.select(target));
}

VIADUCT_DECL connect_options dialer_state::options_for(proxy_url const& proxy)
{
    auto result = options_.connect;
    result.auth = auth_for(proxy);
    result.who.reset(); // it is in there, for those proxies that it is meant for
    result.proxy_host = proxy.endpoint.host();
    return result;
}

VIADUCT_DECL std::shared_ptr<proxy_auth> dialer_state::auth_for(proxy_url const& proxy)
{
    auto const& who = proxy.who ? proxy.who : options_.connect.who;
    auto const key = to_text(proxy) + ' ' + (who ? who->user + '\n' + who->password : "");
    std::lock_guard const lock{mutex_};
    auto const [at, is_new] = auths_.try_emplace(key);
    if (is_new) at->second = options_.auth ? options_.auth(proxy) : make_auth(proxy);
    return at->second;
}

VIADUCT_DECL std::shared_ptr<proxy_auth> dialer_state::make_auth(proxy_url const& proxy) const
{
    if (options_.connect.auth) return options_.connect.auth;
    auto const& who = proxy.who ? proxy.who : options_.connect.who;
    std::vector<std::shared_ptr<authenticator>> made;
    for (auto const& scheme : options_.schemes)
        if (who || !scheme.needs_credentials) made.push_back(scheme.make(who.value_or(credentials{})));
    if (made.empty()) return nullptr;
    auto auth = std::make_shared<proxy_auth>(std::move(made));
    if (options_.unasked) auth->begin_with(auth->schemes().front());
    return auth;
}

VIADUCT_DECL system_resolver& default_resolver()
{
    static system_resolver resolver;
    return resolver;
}

} // namespace viaduct::detail

#endif

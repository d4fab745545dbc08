#ifndef VIADUCT_IMPL_DETAIL_DIALER_STATE_IPP
#define VIADUCT_IMPL_DETAIL_DIALER_STATE_IPP

#include <viaduct/detail/dialer_state.hpp>
#include <viaduct/net/system_resolver.hpp>

#include <exception>
#include <vector>

namespace viaduct::detail {

VIADUCT_DECL resolver& dialer_state::names() const
{
    return options_.names ? *options_.names : default_resolver();
}

VIADUCT_DECL proxy_list dialer_state::ways_to(authority const& target) const
{
    if (!options_.select) return health_.order(options_.proxies.select(target));
    try {
        return health_.order(options_.select(target));
    } catch (std::exception const&) {
        return {}; // such as a parser's: there is no way then
    }
}

VIADUCT_DECL connect_options dialer_state::options_for(proxy_url const& proxy, fields const& more,
                                                       bool is_only_proxy)
{
    auto result = options_.connect;
    result.auth = auth_for(proxy);
    result.who.reset(); // it is in there, for those proxies that it is meant for
    result.proxy_host = proxy.endpoint.host();
    for (auto const field : more)
        result.proxy_fields.add(field.name, field.value);
    if (!is_only_proxy) result.proxy_fields.erase("Proxy-Authorization"); // for whom it is nobody can tell
    return result;
}

VIADUCT_DECL std::shared_ptr<proxy_auth> dialer_state::auth_for(proxy_url const& proxy)
{
    auto const& who = proxy.who ? proxy.who : options_.connect.who;
    auto const key = to_text(proxy) + ' ' + (who ? who->user : "");
    auto const find = [&]() -> identity const* {
        auto const at = auths_.find(key);
        return at != auths_.end() && at->second.who == who ? &at->second : nullptr;
    };
    {
        std::lock_guard const lock{mutex_};
        if (auto const* const known = find()) return known->auth;
    }
    auto made =
        options_.auth ? options_.auth(proxy) : make_auth(proxy); // the user's function: not under a lock
    std::lock_guard const lock{mutex_};
    if (auto const* const known = find()) return known->auth; // somebody was faster
    if (auths_.size() >= max_auths) auths_.clear();           // a PAC engine that names ever new proxies
    auths_.insert_or_assign(key, identity{who, made});
    return made;
}

VIADUCT_DECL std::shared_ptr<proxy_auth> dialer_state::make_auth(proxy_url const& proxy) const
{
    auto const& who = proxy.who ? proxy.who : options_.connect.who;
    bool const secret_may_go = options_.plaintext_secrets || proxy.scheme == proxy_scheme::https;
    std::vector<std::shared_ptr<authenticator>> made;
    for (auto const& scheme : options_.schemes) {
        if (!who && scheme.needs_credentials) continue;
        auto next = scheme.make(who.value_or(credentials{}));
        if (secret_may_go || !next->reveals_secret()) made.push_back(std::move(next));
    }
    if (made.empty()) return nullptr;
    auto auth = std::make_shared<proxy_auth>(std::move(made));
    if (options_.unasked) auth->begin_with(auth->schemes().front());
    return auth;
}

VIADUCT_DECL resolver& default_resolver()
{
    static auto& shared = *new system_resolver; // never destroyed: somebody may dial until the very end
    return shared;
}

} // namespace viaduct::detail

#endif

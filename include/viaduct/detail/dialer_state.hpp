#ifndef VIADUCT_DETAIL_DIALER_STATE_HPP
#define VIADUCT_DETAIL_DIALER_STATE_HPP

#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/proxy_auth.hpp>
#include <viaduct/client/proxy_health.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/net/resolver.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace viaduct::detail {

/// What the dials of a dialer share: its options, and what earlier dials have learned.
class dialer_state
{
public:
    explicit dialer_state(dialer_options options) : options_{std::move(options)}, health_{options_.demote_for}
    {}

    [[nodiscard]] dialer_options const& options() const noexcept { return options_; }
    [[nodiscard]] proxy_health& health() noexcept { return health_; }
    [[nodiscard]] VIADUCT_DECL resolver& names() const;

    /// The ways to a target, those with an unreachable proxy last.
    [[nodiscard]] VIADUCT_DECL proxy_list ways_to(authority const& target) const;

    /// How to ask a proxy; the nonces and tokens of earlier tunnels through it come along.
    [[nodiscard]] VIADUCT_DECL connect_options options_for(proxy_url const& proxy, fields const& more,
                                                           bool is_only_proxy);

private:
    static constexpr std::size_t max_auths = 256;

    /// Who asks a proxy, and what is known of that.
    struct identity
    {
        std::optional<credentials> who;
        std::shared_ptr<proxy_auth> auth;
    };

    [[nodiscard]] std::shared_ptr<proxy_auth> auth_for(proxy_url const& proxy);
    [[nodiscard]] std::shared_ptr<proxy_auth> make_auth(proxy_url const& proxy) const;

    dialer_options options_;
    proxy_health health_;
    std::mutex mutex_;                      // of what follows
    std::map<std::string, identity> auths_; // by URL and user
};

/// The resolver of all dialers without one of their own.
[[nodiscard]] VIADUCT_DECL resolver& default_resolver();

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/dialer_state.ipp>
#endif

#endif

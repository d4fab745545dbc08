#ifndef VIADUCT_DETAIL_DIAL_PLAN_HPP
#define VIADUCT_DETAIL_DIAL_PLAN_HPP

#include <viaduct/client/dial_report.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>

#include <cstddef>
#include <utility>

namespace viaduct::detail {

/// Which step a dial takes next: a rule without I/O, told of each step's outcome.
/**
 * Ways are tried in their order. A way that fails before its last proxy could be asked gives its place to the
 * next one, also when a proxy before it could not get to it. An answer of the last proxy is final, whatever
 * it says; so is the no of any other, and what nobody can mend (no TLS was given, the user has cancelled).
 */
class dial_plan
{
public:
    enum class step : unsigned char
    {
        resolve,        // `first_stop`
        connect,        // to what was found
        send_header,    // of the PROXY protocol
        secure,         // TLS with `proxy`
        converse,       // CONNECT through `proxy` to `next_target`
        resolve_target, // `next_target`, for a SOCKS proxy that wants an address
        socks,          // SOCKS through `proxy` to `next_target`
        done            // `error`
    };

    struct abilities
    {
        bool header = false;     // there is one to be sent
        bool tls = false;        // there is something that speaks it
        bool plain_only = false; // a bare socket is wanted
    };

    dial_plan(proxy_list ways, authority target, abilities can)
        : ways_{std::move(ways)},
          target_{std::move(target)},
          can_{can}
    {
        for (auto& way : ways_) // `direct` as a proxy's URL stands for none
            std::erase_if(way, [](proxy_url const& proxy) { return proxy.is_direct(); });
    }

    [[nodiscard]] VIADUCT_DECL step begin();
    [[nodiscard]] VIADUCT_DECL step on_resolved(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_connected(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_header_sent(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_secured(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_target_resolved(error_code ec);
    [[nodiscard]] VIADUCT_DECL step on_asked(error_code ec); // by CONNECT or SOCKS

    [[nodiscard]] error_code error() const noexcept { return error_; }
    [[nodiscard]] dial_phase phase() const noexcept { return phase_; }
    [[nodiscard]] std::size_t way() const noexcept { return way_; }
    [[nodiscard]] std::size_t hop() const noexcept { return hop_; }

    /// The proxy at hand; null on the direct way.
    [[nodiscard]] proxy_url const* proxy() const { return hop_ < route().size() ? &route()[hop_] : nullptr; }

    /// Whose address the TCP connection goes to.
    [[nodiscard]] authority const& first_stop() const
    {
        return route().empty() ? target_ : route().front().endpoint;
    }

    [[nodiscard]] authority const& target() const noexcept { return target_; }

    /// Where the proxy at hand shall connect to.
    [[nodiscard]] authority const& next_target() const
    {
        return hop_ + 1 < route().size() ? route()[hop_ + 1].endpoint : target_;
    }

    /// Whether no other proxy is in any way.
    [[nodiscard]] bool has_one_proxy() const
    {
        std::size_t proxies = 0;
        for (auto const& way : ways_)
            proxies += way.size();
        return proxies == 1;
    }

    /// The way at hand; the direct one if there is none at all.
    [[nodiscard]] proxy_route const& route() const { return ways_.empty() ? none_ : ways_[way_]; }

private:
    [[nodiscard]] step try_way();
    [[nodiscard]] step enter_hop();
    [[nodiscard]] step ask();
    [[nodiscard]] step on_failure(error_code ec, bool last_asked = false);
    [[nodiscard]] static bool is_verdict(error_code ec);
    [[nodiscard]] static bool is_final(error_code ec);

    proxy_list ways_;
    proxy_route none_;
    authority target_;
    abilities can_;
    std::size_t way_ = 0;
    std::size_t hop_ = 0;
    dial_phase phase_ = dial_phase::resolve;
    bool answered_ = false; // a proxy has, and the conversation goes on with a new connection
    error_code error_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/dial_plan.ipp>
#endif

#endif

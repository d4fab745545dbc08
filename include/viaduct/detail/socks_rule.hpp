#ifndef VIADUCT_DETAIL_SOCKS_RULE_HPP
#define VIADUCT_DETAIL_SOCKS_RULE_HPP

#include <viaduct/action.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/client/socks4_handshake.hpp>
#include <viaduct/client/socks5_handshake.hpp>
#include <viaduct/detail/asio.hpp>

#include <cstddef>
#include <optional>
#include <variant>

namespace viaduct::detail {

/// The rule for a SOCKS proxy of either version, so that one operation drives both.
class socks_rule
{
public:
    using address = net::ip::address;

    /**
     * @param scheme One of SOCKS.
     * @param found What the target's name was looked up to, where the proxy is to get an address; for SOCKS4
     * of IPv4.
     */
    socks_rule(proxy_scheme scheme, authority const& target, std::optional<address> const& found,
               std::optional<credentials> const& who)
        : rule_{is_socks4(scheme) ? version_4(target, found, who) : version_5(target, found, who)}
    {}

    [[nodiscard]] action resume(error_code ec, std::size_t bytes_transferred)
    {
        return std::visit([&](auto& rule) { return rule.resume(ec, bytes_transferred); }, rule_);
    }

    [[nodiscard]] std::size_t surplus() const noexcept { return 0; }

    /// The code of the proxy's no; 0 if it was none.
    [[nodiscard]] unsigned refusal() const
    {
        auto const code = std::visit([](auto const& rule) { return rule.reply_code(); }, rule_).value_or(0);
        bool const granted = code == socks4_handshake::granted && rule_.index() == 1;
        return granted ? 0 : code;
    }

private:
    using any_version = std::variant<socks5_handshake, socks4_handshake>;

    [[nodiscard]] static bool is_socks4(proxy_scheme scheme)
    {
        return scheme == proxy_scheme::socks4 || scheme == proxy_scheme::socks4a;
    }

    [[nodiscard]] static any_version version_4(authority const& target, std::optional<address> const& found,
                                               std::optional<credentials> const& who)
    {
        auto const user = who ? std::string_view{who->user} : std::string_view{};
        if (found) return socks4_handshake{found->to_v4().to_bytes(), target.port(), user};
        return socks4_handshake{target, user};
    }

    [[nodiscard]] static any_version version_5(authority const& target, std::optional<address> const& found,
                                               std::optional<credentials> const& who)
    {
        if (!found) return socks5_handshake{target, who};
        if (found->is_v4()) return socks5_handshake{found->to_v4().to_bytes(), target.port(), who};
        return socks5_handshake{found->to_v6().to_bytes(), target.port(), who};
    }

    any_version rule_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_CLIENT_DIALER_OPTIONS_HPP
#define VIADUCT_CLIENT_DIALER_OPTIONS_HPP

#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/basic_authenticator.hpp>
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/dial_observer.hpp>
#include <viaduct/client/proxy_auth.hpp>
#include <viaduct/client/proxy_selection.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/connect_clocks.hpp>
#include <viaduct/net/outgoing_socket.hpp>
#include <viaduct/net/proxy_protocol.hpp>
#include <viaduct/net/resolver.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace viaduct {

/// What a proxy is told by the PROXY protocol, in front of everything else.
struct proxy_header
{
    proxy_protocol_version version = proxy_protocol_version::v1;

    /// Whose connection it is; without, this end of the connection to the proxy. Port 0 stands for the port
    /// of this end.
    std::optional<net::ip::tcp::endpoint> source{};
};

/// How to reach targets. The defaults are meant to be kept, but for `proxies`.
struct dialer_options
{
    /// The ways, and the targets that need none: `proxies_from_environment()`, or one's own.
    proxy_settings proxies{};

    /// Chooses the ways to each target in place of `proxies`: the place for a PAC engine, together with
    /// `parse_pac_result`. Called once a dial, on the thread that starts it. An empty list, or an exception,
    /// ends the dial with `errc::no_proxy_left`.
    std::function<proxy_list(authority const& target)> select{};

    /// The schemes that may use the credentials of a proxy's URL, the preferred one first. See
    /// `basic_scheme`, and for more `digest_scheme`, `negotiate_scheme`, `ntlm_scheme`, which need libraries.
    std::vector<auth_scheme> schemes{basic_scheme()};

    /// Whether the first request carries an answer by the first of `schemes` unasked, if it can be made
    /// without a challenge. With Basic this saves an exchange, and shows the password to any proxy.
    bool unasked = false;

    /// Whether a scheme that sends the secret itself, such as Basic, may be used without TLS to the proxy.
    /// Off, such a scheme of `schemes` is as if it were not there.
    bool plaintext_secrets = true;

    /// Makes what identifies us to a proxy, in place of `schemes`; null for nothing. Called once a
    /// proxy, or more often by dials at the same time; must not throw.
    std::function<std::shared_ptr<proxy_auth>(proxy_url const& proxy)> auth{};

    /// For `https` proxies: see `make_tls_connector`. Without, they fail with `errc::tls_unavailable`.
    std::shared_ptr<tls_connector> tls{};

    /// For the exchange with each proxy. Its `who`, if there is one, is for proxies whose URL has none. Its
    /// `auth` and `proxy_host` are not looked at: each proxy has its own. Its fields go to every proxy, but
    /// for a Proxy-Authorization: that goes out only if there is no more than one proxy.
    connect_options connect{};

    std::optional<proxy_header> header{}; ///< Sent to the first proxy of each way, or to the target.

    /// Finds the addresses of the first proxy of each way, of a target without proxies, and of whatever a
    /// `socks5` or `socks4` proxy is asked for; null for the system's name service. See `fixed_names`,
    /// `caching_resolver`, `cares_resolver`. Shared by all dials; what is an address already it is not asked.
    std::shared_ptr<resolver> names{};

    /// What each connection leaves with, unless a dial is given something of its own. An address of ours is
    /// for one family: connections over the other one leave as the system chooses.
    outgoing_socket from{};

    std::chrono::milliseconds resolve_timeout = std::chrono::seconds{5}; ///< Each look-up.
    connect_clocks clocks{};                                             ///< The TCP connection.
    std::chrono::milliseconds tls_timeout = std::chrono::seconds{10};    ///< Each TLS handshake.
    std::chrono::milliseconds timeout = std::chrono::seconds{60};        ///< All together; zero: no limit.

    /// How long a proxy that could not be reached stands behind the others of its list; zero: not at all.
    std::chrono::seconds demote_for = std::chrono::minutes{5};

    bool no_delay = true;   ///< TCP_NODELAY on the connection.
    bool keep_alive = true; ///< SO_KEEPALIVE on the connection.

    /// Hears what happens; see there.
    std::shared_ptr<dial_observer> observer{};
};

} // namespace viaduct

#endif

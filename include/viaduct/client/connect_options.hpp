#ifndef VIADUCT_CLIENT_CONNECT_OPTIONS_HPP
#define VIADUCT_CLIENT_CONNECT_OPTIONS_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/http/head.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace viaduct {

class proxy_auth;

/// How to ask a proxy for a tunnel. The defaults are meant to be kept.
struct connect_options
{
    /// Sent with the first request, as Basic; a proxy that wants nothing ignores it. A 407 is the end then.
    std::optional<credentials> who{};

    /// Answers the proxy's challenges, in place of `who`: see `connect_conversation`. Shared by all tunnels
    /// through the same proxy.
    std::shared_ptr<proxy_auth> auth{};

    /// The proxy's own name, for schemes that ask a third party about it (Negotiate); may stay empty without.
    std::string proxy_host{};

    /// The User-Agent of the CONNECT request; none is sent if it is empty.
    std::string user_agent{};

    /// Whether `Proxy-Connection: Keep-Alive` is sent; old proxies want it before they keep a connection.
    bool proxy_connection = true;

    /// Further fields of the CONNECT request. One with the name of a default field replaces it. They are for
    /// the proxy alone: nothing of them reaches the origin, and no field of the origin's request belongs
    /// here. What would announce content (Content-Length, Transfer-Encoding, Trailer, Expect), and a second
    /// Host or Proxy-Authorization, fail with `errc::field_name_invalid` before anything is sent.
    fields proxy_fields{};

    /// 0 or 1: the minor version in the request line.
    int minor_version = 1;

    /// For each head of the answer.
    head_limits limits{64 * 1024, 16 * 1024, 256};

    /// How many 1xx answers may come before the final one.
    unsigned max_interim = 8;

    /// How much of a refusal's content is kept, in octets; the rest is not read.
    std::size_t max_body = 16 * 1024;

    /// How many requests one tunnel may take, with all reconnections: the end of a proxy that asks for ever.
    unsigned max_attempts = 6;

    /// How much of a 407's content is read away to go on over the same connection, in octets; with more, a
    /// new connection is the better way.
    std::size_t max_drain = 64 * 1024;

    /// On each connection, from the start to the end of the last head, what answers challenges included; zero
    /// for no limit.
    std::chrono::milliseconds timeout = std::chrono::seconds{30};

    /// How long to wait for a refusal's content, once its head is there.
    std::chrono::milliseconds body_timeout = std::chrono::seconds{2};
};

} // namespace viaduct

#endif

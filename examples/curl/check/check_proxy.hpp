#ifndef VIADUCT_CURL_CHECK_CHECK_PROXY_HPP
#define VIADUCT_CURL_CHECK_CHECK_PROXY_HPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace viaduct_curl::check {

/// What to check, and how.
struct check_settings
{
    viaduct::proxy_url proxy; ///< http or https; its credentials are sent as Basic.
    std::optional<viaduct::authority>
        target{}; ///< Where tunnels may lead; without, some vectors are not tried.
    std::chrono::milliseconds slow_limit = std::chrono::seconds{12}; ///< How long a slow head may go on.
    bool json = false;
    std::shared_ptr<viaduct::tls_connector> tls{}; ///< For https.
};

/// The exit codes of a check. Those that curl has mean what they mean to curl.
enum check_exit : int
{
    nothing_risky = 0,
    proxy_unreachable = 7,
    no_answer = 8, ///< A well-formed request got no answer of HTTP/1: there is nothing to judge by.
    write_failed = 23,
    something_risky = 120 ///< curl has no such code.
};

/// Tries on a proxy what attackers and careless clients do to it, and prints what it made of that.
/**
 * Polite: some 60 connections, four at a time, and no name or address of anybody else but the target; bounded
 * in time and memory, whatever the proxy does.
 *
 * @return One of `check_exit`.
 * @throws failure with 1 for a proxy that is neither http nor https, 4 for https without TLS.
 */
[[nodiscard]] int check_proxy(check_settings const& settings);

} // namespace viaduct_curl::check

#endif

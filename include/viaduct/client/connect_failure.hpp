#ifndef VIADUCT_CLIENT_CONNECT_FAILURE_HPP
#define VIADUCT_CLIENT_CONNECT_FAILURE_HPP

#include <viaduct/client/dial_report.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/proxy_status.hpp>

#include <string>
#include <vector>

namespace viaduct {

/// Why there is no tunnel, with everything that is known about it.
struct connect_failure
{
    error_code error{};
    dial_report report{};

    /// The status of the refusal, 0 if none came.
    [[nodiscard]] unsigned status() const noexcept { return report.reply.status; }

    /// What the refusal says by Proxy-Status (RFC 9209), the proxy nearest to the target first. Untrusted.
    [[nodiscard]] std::vector<proxy_status> told() const
    {
        return parse_proxy_status(report.reply.fields.list());
    }

    /// The schemes that a 407 offered, as they were spelled, each once. Untrusted.
    [[nodiscard]] VIADUCT_DECL std::vector<std::string> offered_schemes() const;

    /// All of it in one line for people, printable whatever a proxy has sent, without credentials.
    /** `http://proxy.example:3128 answered 403 Forbidden: the proxy does not permit the tunnel` */
    [[nodiscard]] VIADUCT_DECL std::string message() const;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/connect_failure.ipp>
#endif

#endif

#ifndef VIADUCT_IMPL_CLIENT_CONNECT_FAILURE_IPP
#define VIADUCT_IMPL_CLIENT_CONNECT_FAILURE_IPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/detail/address_text.hpp>
#include <viaduct/http/challenge.hpp>

#include <algorithm>
#include <string_view>

namespace viaduct {
namespace detail {

inline constexpr std::size_t max_quoted = 120;      // of one thing that a proxy has said
inline constexpr std::size_t max_explanation = 400; // once it is longer, nothing is added

/// Text of a proxy's as a terminal may have it.
[[nodiscard]] inline std::string quoted(std::string_view text)
{
    std::string result{text.substr(0, max_quoted)};
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.size() > max_quoted ? result + "..." : result;
}

inline constexpr std::size_t max_offered = 16; // schemes that are told: there are not more in the world

/// Whom it is about.
[[nodiscard]] inline std::string who_of(dial_report const& report)
{
    if (report.hop.empty()) return "the proxy";
    return report.hop == "direct" ? "the target" : report.hop;
}

/// What was being done, and to whom.
[[nodiscard]] inline std::string deed(dial_report const& report)
{
    auto const host = who_of(report);
    switch (report.phase) {
    case dial_phase::resolve: return "looking up " + host;
    case dial_phase::connect:
        return "connecting to " + host +
               (report.remote.port() == 0 ? "" : " at " + to_text(report.remote.address()));
    case dial_phase::secure: return "TLS with " + host;
    default: return "CONNECT through " + host;
    }
}

/// Whether an answer is what it failed with. The report may have one of an earlier proxy, or of a connection
/// before the last one.
[[nodiscard]] inline bool is_refusal(dial_report const& report)
{
    return report.phase == dial_phase::handshake && report.reply.status != 0 && !report.reply.tunnel_open();
}

/// What the proxy, or a library that spoke with it, has said to explain itself.
[[nodiscard]] inline std::string explanation(connect_failure const& failure)
{
    std::string text;
    auto const add = [&](std::string_view label, std::string_view value) {
        if (value.empty() || text.size() > max_explanation) return;
        text.append(text.empty() ? "" : ", ").append(label).append(quoted(value));
    };
    if (is_refusal(failure.report)) {
        for (auto const& told : failure.told()) {
            add("", told.error);
            add("", told.details);
        }
        std::string offered;
        for (auto const& scheme : failure.offered_schemes())
            offered.append(offered.empty() ? "" : " ").append(scheme);
        add("offered: ", offered);
        add("Squid: ", failure.report.reply.fields.find("X-Squid-Error").value_or(""));
    }
    if (failure.report.phase == dial_phase::handshake) add("", failure.report.reply.auth_detail);
    bool const of_tls =
        failure.report.phase == dial_phase::secure || failure.error == errc::tls_handshake_failed;
    if (of_tls) add("", failure.report.tls.detail);
    return text.empty() ? text : " (" + text + ')';
}

} // namespace detail

VIADUCT_DECL std::vector<std::string> connect_failure::offered_schemes() const
{
    std::vector<std::string> schemes;
    for (auto const& offer : parse_challenges(report.reply.fields.list(), "Proxy-Authenticate"))
        if (schemes.size() < detail::max_offered &&
            std::none_of(schemes.begin(), schemes.end(), [&](auto const& s) { return offer.is(s); }))
            schemes.push_back(offer.scheme);
    return schemes;
}

VIADUCT_DECL std::string connect_failure::message() const
{
    auto const& reply = report.reply;
    auto const why = ": " + error.message() + detail::explanation(*this);
    if (!detail::is_refusal(report)) return detail::deed(report) + why;
    auto const reason = reply.reason.empty() ? "" : ' ' + detail::quoted(reply.reason);
    return detail::who_of(report) + " answered " + std::to_string(reply.status) + reason + why;
}

} // namespace viaduct

#endif

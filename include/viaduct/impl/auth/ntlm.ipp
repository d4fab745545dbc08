#ifndef VIADUCT_IMPL_AUTH_NTLM_IPP
#define VIADUCT_IMPL_AUTH_NTLM_IPP

#include <viaduct/auth/ntlm.hpp>
#include <viaduct/impl/auth/gss_exchange.hpp>

namespace viaduct {
namespace detail {

[[nodiscard]] inline gss_terms ntlm_terms(std::optional<credentials> who)
{
    return {.scheme = "NTLM",
            .mechanism = &gss_ntlm,
            .service = "HTTP",
            .keeps_credential = true, // gss-ntlmssp 1.2 loses a few kilobytes with each that it makes
            .who = std::move(who)};
}

} // namespace detail

VIADUCT_DECL ntlm_authenticator::ntlm_authenticator(std::optional<credentials> who)
    : party_{std::make_shared<detail::gss_party>(detail::ntlm_terms(std::move(who)))},
      installed_{detail::has_gss_mechanism(&detail::gss_ntlm)}
{}

VIADUCT_DECL std::unique_ptr<auth_exchange> ntlm_authenticator::begin()
{
    return std::make_unique<detail::gss_exchange>(party_);
}

VIADUCT_DECL std::string ntlm_authenticator::last_failure() const
{
    return party_->last_failure();
}

VIADUCT_DECL auth_scheme ntlm_scheme() noexcept
{
    return {"NTLM", [](credentials const& who) -> std::shared_ptr<authenticator> {
                auto const given = who.user.empty() ? std::nullopt : std::optional{who};
                return std::make_shared<ntlm_authenticator>(given);
            }};
}

} // namespace viaduct

#endif

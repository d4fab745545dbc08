#ifndef VIADUCT_IMPL_AUTH_NEGOTIATE_IPP
#define VIADUCT_IMPL_AUTH_NEGOTIATE_IPP

#include <viaduct/auth/negotiate.hpp>
#include <viaduct/impl/auth/gss_exchange.hpp>

namespace viaduct {
namespace detail {

[[nodiscard]] inline gss_terms negotiate_terms(negotiate_options options)
{
    OM_uint32 const delegation = options.delegate ? GSS_C_DELEG_FLAG : 0;
    return {.scheme = "Negotiate",
            .mechanism = &gss_spnego,
            .flags = GSS_C_MUTUAL_FLAG | delegation,
            .service = std::move(options.service),
            .host = std::move(options.host),
            .kerberos_only = !options.allow_ntlm};
}

} // namespace detail

VIADUCT_DECL negotiate_authenticator::negotiate_authenticator(negotiate_options options)
    : party_{std::make_shared<detail::gss_party>(detail::negotiate_terms(std::move(options)))}
{}

VIADUCT_DECL std::unique_ptr<auth_exchange> negotiate_authenticator::begin()
{
    return std::make_unique<detail::gss_exchange>(party_);
}

VIADUCT_DECL std::string negotiate_authenticator::last_failure() const
{
    return party_->last_failure();
}

VIADUCT_DECL auth_scheme negotiate_scheme() noexcept
{
    return {"Negotiate",
            [](credentials const&) -> std::shared_ptr<authenticator> {
                return std::make_shared<negotiate_authenticator>();
            },
            false};
}

} // namespace viaduct

#endif

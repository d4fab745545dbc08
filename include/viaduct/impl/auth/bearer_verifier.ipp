#ifndef VIADUCT_IMPL_AUTH_BEARER_VERIFIER_IPP
#define VIADUCT_IMPL_AUTH_BEARER_VERIFIER_IPP

#include <viaduct/auth/bearer.hpp>
#include <viaduct/auth/bearer_verifier.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/impl/auth/auth_params.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <exception>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline bool is_bearer_token(std::string_view token)
{
    error_code ec;
    auto value = bearer_authorization(token, ec);
    wipe(value);
    return !ec;
}

} // namespace detail

VIADUCT_DECL bearer_verifier::bearer_verifier(bearer_verifier_options options, token_check check)
    : options_{std::move(options)},
      check_{std::move(check)}
{}

VIADUCT_DECL std::string bearer_verifier::challenge()
{
    return challenge_with("");
}

VIADUCT_DECL void bearer_verifier::verify(auth_attempt attempt, verify_completion done)
{
    if (!detail::is_bearer_token(attempt.credentials))
        return done({verification::kind::rejected, {}, challenge_with("invalid_request"), {}, {}, {}});
    auto told = [done, refusal = challenge_with("invalid_token")](verification outcome) {
        if (outcome.what == verification::kind::rejected && outcome.challenge.empty())
            outcome.challenge = refusal;
        done(std::move(outcome));
    };
    try {
        check_(std::move(attempt.credentials), std::move(attempt.client), std::move(told));
    } catch (std::exception const& problem) {
        done({verification::kind::broken, {}, {}, {}, problem.what(), {}});
    }
}

VIADUCT_DECL std::string bearer_verifier::challenge_with(std::string_view error) const
{
    std::string params;
    detail::append_quoted(params, "realm", options_.realm);
    if (!options_.scope.empty()) detail::append_quoted(params, "scope", options_.scope);
    if (!error.empty()) detail::append_quoted(params, "error", error);
    auto text = detail::challenge_text("Bearer", std::move(params));
    return is_field_value(text) ? text : std::string{};
}

} // namespace viaduct

#endif

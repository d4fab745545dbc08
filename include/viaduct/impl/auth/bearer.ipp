#ifndef VIADUCT_IMPL_AUTH_BEARER_IPP
#define VIADUCT_IMPL_AUTH_BEARER_IPP

#include <viaduct/auth/bearer.hpp>
#include <viaduct/http/challenge.hpp>

#include <utility>

namespace viaduct {
namespace detail {

/// What becomes of a provider's answer.
inline void answer_with_token(error_code ec, std::string_view token, auth_completion const& done)
{
    if (!ec && token.empty()) ec = errc::credentials_unavailable;
    std::string value;
    if (!ec) value = bearer_authorization(token, ec);
    done(ec, std::move(value));
}

class bearer_exchange final : public auth_exchange
{
public:
    explicit bearer_exchange(std::shared_ptr<token_provider const> provider) noexcept
        : provider_{std::move(provider)}
    {}

    void respond(auth_request const&, challenge const*, auth_completion done) override
    {
        auto const provider = provider_; // what is done may be the end of this exchange
        (*provider)([done = std::move(done)](error_code ec, std::string const& token) {
            answer_with_token(ec, token, done);
        });
    }

    [[nodiscard]] auth_verdict judge(challenge const&) override { return auth_verdict::rejected; }

private:
    std::shared_ptr<token_provider const> provider_;
};

} // namespace detail

VIADUCT_DECL std::string bearer_authorization(std::string_view token, error_code& ec)
{
    ec = {};
    auto value = "Bearer " + std::string{token};
    // RFC 6750's b64token is the token68 of a challenge: what reads one knows which octets it may have.
    auto const read = parse_challenges(value);
    if (!token.empty() && read.size() == 1 && read.front().token68 == token) return value;
    ec = errc::credentials_invalid;
    return {};
}

VIADUCT_DECL bearer_authenticator::bearer_authenticator(token_provider provider)
    : provider_{std::make_shared<token_provider const>(std::move(provider))}
{}

VIADUCT_DECL std::unique_ptr<auth_exchange> bearer_authenticator::begin()
{
    return std::make_unique<detail::bearer_exchange>(provider_);
}

} // namespace viaduct

#endif

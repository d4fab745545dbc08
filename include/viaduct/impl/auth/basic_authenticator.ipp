#ifndef VIADUCT_IMPL_AUTH_BASIC_AUTHENTICATOR_IPP
#define VIADUCT_IMPL_AUTH_BASIC_AUTHENTICATOR_IPP

#include <viaduct/auth/basic_authenticator.hpp>

#include <string>
#include <utility>

namespace viaduct {
namespace detail {

class basic_exchange final : public auth_exchange
{
public:
    explicit basic_exchange(std::shared_ptr<credentials const> who) noexcept : who_{std::move(who)} {}

    void respond(auth_request const&, challenge const*, auth_completion done) override
    {
        error_code ec;
        auto value = basic_authorization(*who_, ec);
        done(ec, std::move(value));
    }

    [[nodiscard]] auth_verdict judge(challenge const&) override { return auth_verdict::rejected; }

private:
    std::shared_ptr<credentials const> who_;
};

} // namespace detail

VIADUCT_DECL basic_authenticator::basic_authenticator(credentials who)
    : who_{std::make_shared<credentials const>(std::move(who))}
{}

VIADUCT_DECL std::unique_ptr<auth_exchange> basic_authenticator::begin()
{
    return std::make_unique<detail::basic_exchange>(who_);
}

VIADUCT_DECL auth_scheme basic_scheme() noexcept
{
    return {"Basic", [](credentials const& who) -> std::shared_ptr<authenticator> {
                return std::make_shared<basic_authenticator>(who);
            }};
}

} // namespace viaduct

#endif

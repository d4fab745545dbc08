#ifndef VIADUCT_AUTH_BASIC_AUTHENTICATOR_HPP
#define VIADUCT_AUTH_BASIC_AUTHENTICATOR_HPP

#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>

#include <memory>
#include <string_view>

namespace viaduct {

/// The Basic scheme (RFC 7617) with one user's name and password.
/**
 * Every answer is the same one, and it is complete before it returns: `errc::credentials_invalid` is the only
 * error. A 407 after it means that the proxy does not know the pair, so `judge` always rejects.
 *
 * The password travels readable; what protects it is TLS to the proxy, or nothing.
 *
 * Thread safety: the members may be called from several threads at once.
 */
class basic_authenticator final : public authenticator
{
public:
    /// @param who Is kept, with the password readable, while the authenticator or one of its exchanges lives.
    VIADUCT_DECL explicit basic_authenticator(credentials who);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }

    [[nodiscard]] bool reveals_secret() const noexcept override { return true; }

    /// Begins the conversation of one tunnel; it may outlive the authenticator.
    [[nodiscard]] VIADUCT_DECL std::unique_ptr<auth_exchange> begin() override;

private:
    std::shared_ptr<credentials const> who_;
};

/// The Basic scheme for whoever the credentials will belong to.
[[nodiscard]] VIADUCT_DECL auth_scheme basic_scheme() noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/basic_authenticator.ipp>
#endif

#endif

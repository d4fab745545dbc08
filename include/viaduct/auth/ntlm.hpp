#ifndef VIADUCT_AUTH_NTLM_HPP
#define VIADUCT_AUTH_NTLM_HPP

#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

namespace detail {
class gss_party;
}

/// The NTLM scheme ([MS-NTHT]), through GSSAPI's mechanism of that name (the package gss-ntlmssp).
/**
 * For proxies that know nothing better: what travels can be used to guess the password, and tells nobody who
 * the proxy is. Needs the library viaduct-gssapi; the mechanism is looked for when the authenticator is made.
 *
 * Threads, lifetimes and errors are those of `negotiate_authenticator`; `errc::credentials_unavailable` here
 * means that the mechanism is missing, or that it knows no user where none was given.
 *
 * Thread safety: the members may be called from several threads at once.
 */
class ntlm_authenticator final : public authenticator
{
public:
    /// @param who The user, as `DOMAIN\user`, `user@domain` or `user`, and the password; kept while the
    /// authenticator or one of its exchanges lives. Without it the mechanism's own: `NTLM_USER_FILE`, or
    /// whom winbind has logged in, as found by the first exchange that finds one.
    VIADUCT_DECL explicit ntlm_authenticator(std::optional<credentials> who = std::nullopt);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "NTLM"; }

    /// 0 if the mechanism is not installed.
    [[nodiscard]] int strength(challenge const&) const override { return installed_ ? 1 : 0; }

    [[nodiscard]] bool can_begin() const override { return installed_; }
    [[nodiscard]] bool binds_connection() const noexcept override { return true; }

    /// Begins the conversation of one tunnel, on one connection.
    [[nodiscard]] VIADUCT_DECL std::unique_ptr<auth_exchange> begin() override;

    /// As with `negotiate_authenticator`.
    [[nodiscard]] VIADUCT_DECL std::string last_failure() const override;

private:
    std::shared_ptr<detail::gss_party> party_;
    bool installed_;
};

/// The NTLM scheme for whoever the credentials will belong to; an empty user name means the mechanism's own.
[[nodiscard]] VIADUCT_DECL auth_scheme ntlm_scheme() noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/ntlm.ipp>
#endif

#endif

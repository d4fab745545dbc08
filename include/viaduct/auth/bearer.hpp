#ifndef VIADUCT_AUTH_BEARER_HPP
#define VIADUCT_AUTH_BEARER_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/error.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// The value of an Authorization or Proxy-Authorization field for the Bearer scheme (RFC 6750 section 2.1).
/**
 * @param token Letters, digits and `-._~+/`, with `=` at the end only (RFC 9110's token68).
 * @param ec `errc::credentials_invalid` for any other token, the empty one included.
 * @return `Bearer ` and the token; empty on an error. A secret: never log it.
 */
[[nodiscard]] VIADUCT_DECL std::string bearer_authorization(std::string_view token, error_code& ec);

/// Fetches a token, and tells it or an error to the function it is given.
/**
 * It is called anew for each attempt, so a token that has expired can be renewed; keeping a fresh one is the
 * provider's business. It may answer before it returns or later, on any thread, exactly once; nobody minds if
 * the tunnel has been given up meanwhile. Several tunnels may ask at once, each on its own thread.
 */
using token_provider = std::function<void(std::function<void(error_code ec, std::string token)> done)>;

/// The Bearer scheme (RFC 6750) with tokens from a provider.
/**
 * `respond` ends with the provider's own error, with `errc::credentials_unavailable` for an empty token, or
 * with `errc::credentials_invalid` for one that no field can carry. A 407 after a token means that the proxy
 * does not take it, so `judge` always rejects.
 *
 * Thread safety: the members may be called from several threads at once if the provider may.
 */
class bearer_authenticator final : public authenticator
{
public:
    /// @param provider Not empty; kept while the authenticator or one of its exchanges lives.
    VIADUCT_DECL explicit bearer_authenticator(token_provider provider);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Bearer"; }

    [[nodiscard]] bool reveals_secret() const noexcept override { return true; }

    /// Begins the conversation of one tunnel; it may outlive the authenticator.
    [[nodiscard]] VIADUCT_DECL std::unique_ptr<auth_exchange> begin() override;

private:
    std::shared_ptr<token_provider const> provider_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/bearer.ipp>
#endif

#endif

#ifndef VIADUCT_CLIENT_PROXY_AUTH_HPP
#define VIADUCT_CLIENT_PROXY_AUTH_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/http/challenge.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace viaduct {

/// How to identify oneself to one proxy: the schemes that may be used, and which of them it accepted last.
/**
 * Shared by all tunnels through the proxy: once one has come about, the next begins with the same scheme and
 * needs no challenge.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class proxy_auth
{
public:
    using scheme_ptr = std::shared_ptr<authenticator>;

    /// @param schemes The preferred one first: of those that the proxy offers, the first is tried first.
    explicit proxy_auth(std::vector<scheme_ptr> schemes) : schemes_{std::move(schemes)} {}

    /// The schemes, in the order of preference.
    [[nodiscard]] std::vector<scheme_ptr> const& schemes() const noexcept { return schemes_; }

    /// Their names, for people: `Digest, Basic`.
    [[nodiscard]] VIADUCT_DECL std::string names() const;

    /// What the next tunnel begins with, before any challenge; null if that must wait for one.
    [[nodiscard]] VIADUCT_DECL scheme_ptr first() const;

    /// The proxy has opened a tunnel after an answer by this scheme.
    VIADUCT_DECL void accepted(scheme_ptr const& by);

    /// The proxy has rejected an answer by this scheme.
    VIADUCT_DECL void rejected(scheme_ptr const& by);

    /// Begins all tunnels with this scheme, as if it had been accepted: Basic without waiting to be asked.
    void begin_with(scheme_ptr const& by) { accepted(by); }

private:
    std::vector<scheme_ptr> schemes_;
    mutable std::mutex mutex_;
    scheme_ptr accepted_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_auth.ipp>
#endif

#endif

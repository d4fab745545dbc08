#ifndef VIADUCT_AUTH_BASIC_VERIFIER_HPP
#define VIADUCT_AUTH_BASIC_VERIFIER_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/auth/password_store.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/error.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

namespace detail {
class slow_checks;
} // namespace detail

/// What a `basic_verifier` is told.
struct basic_verifier_options
{
    std::string realm = "proxy"; ///< What people are shown when they are asked for a password.
    bool utf8 = true; ///< Says `charset="UTF-8"` (RFC 7617 section 2.1). The octets are compared as they are.
    std::size_t max_waiting = 256; ///< How many checks may wait for a thread, of all verifiers together; and
                                   ///< how many clients for the same one.
};

/// The server's side of the Basic scheme (RFC 7617), over a store of passwords.
/**
 * Credentials that cannot be read, and those without a user's name, are wrong. If the store throws, or more
 * checks than `max_waiting` wait already, the outcome is `broken`.
 *
 * A slow store is asked on threads of the process that do nothing else, half as many as there are processors;
 * a check that has begun there goes on although nobody waits for it any more, and clients that offer the same
 * credentials meanwhile share its outcome. Any other is asked within `verify`.
 *
 * Thread safety: all members may be called from several threads at once.
 */
class basic_verifier final : public verifier
{
public:
    /// Whether this is the user's password; see `password_store::check`. Called within `verify`.
    using check_function = std::function<bool(credentials const& who)>;

    /// @param store Not null.
    VIADUCT_DECL basic_verifier(basic_verifier_options options, std::shared_ptr<password_store const> store);

    /// @param check Not empty; may be called from several threads at once.
    VIADUCT_DECL basic_verifier(basic_verifier_options options, check_function check);

    /// @param passwords Of each user; kept readable while the verifier lives, then overwritten. For tests,
    /// and for a program with one user of its own.
    VIADUCT_DECL basic_verifier(basic_verifier_options options, std::map<std::string, std::string> passwords);

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }

    /// Empty if the realm cannot stand in a field.
    [[nodiscard]] VIADUCT_DECL std::string challenge() override;

    [[nodiscard]] bool can_be_cached() const noexcept override { return true; }

    VIADUCT_DECL void verify(auth_attempt attempt, verify_completion done) override;

private:
    std::string challenge_;
    std::shared_ptr<detail::slow_checks> slow_; // null for a store that is not slow
    std::shared_ptr<password_store const> store_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/basic_verifier.ipp>
#endif

#endif

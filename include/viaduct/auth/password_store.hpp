#ifndef VIADUCT_AUTH_PASSWORD_STORE_HPP
#define VIADUCT_AUTH_PASSWORD_STORE_HPP

#include <viaduct/auth/basic.hpp>

namespace viaduct {

/// Who knows the users' passwords.
/** Shared by all connections: every member may be called from several threads at once. */
class password_store
{
public:
    password_store() = default;
    password_store(password_store const&) = delete;
    password_store& operator=(password_store const&) = delete;
    virtual ~password_store() = default;

    /// Whether this is the user's password.
    /**
     * An unknown user should cost as much time as a known one, so that a clock does not tell who exists.
     *
     * @param who Untrusted: any octets but controls, and no colon in the name.
     * @throws std::exception if the store cannot tell; its `what()` goes to the operator, so it must hold no
     * secret.
     */
    [[nodiscard]] virtual bool check(credentials const& who) const = 0;

    /// Whether `check` may take longer than a thread that serves connections can spare: a hash made to be
    /// slow, a file, a network. It is then called on a thread of its own.
    [[nodiscard]] virtual bool is_slow() const noexcept = 0;
};

} // namespace viaduct

#endif

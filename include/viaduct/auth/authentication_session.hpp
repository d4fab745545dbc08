#ifndef VIADUCT_AUTH_AUTHENTICATION_SESSION_HPP
#define VIADUCT_AUTH_AUTHENTICATION_SESSION_HPP

#include <viaduct/auth/verifier.hpp>

#include <memory>

namespace viaduct {

/// What one connection keeps between the legs of a conversation; the owner of the connection has it.
struct authentication_session
{
    std::shared_ptr<verifier> of{}; ///< Whose it is: a client may change its mind about the scheme.
    std::shared_ptr<verifier_session> kept{};
};

} // namespace viaduct

#endif

#ifndef VIADUCT_AUTH_AUTH_SCHEME_HPP
#define VIADUCT_AUTH_AUTH_SCHEME_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>

#include <memory>
#include <string_view>

namespace viaduct {

/// A scheme before anybody's credentials are known: its name, and how to make its authenticator.
/**
 * A list of them says which schemes a client speaks and which it likes better, before the proxy's URL has
 * told who asks. `basic_scheme` and `digest_scheme` return the built-in ones; a captureless lambda makes one
 * of one's own.
 */
struct auth_scheme
{
    std::string_view name; ///< The registered name, of static lifetime; compare without regard to case.
    std::shared_ptr<authenticator> (*make)(credentials const& who); ///< Never null, and never returns null.
    bool needs_credentials = true; ///< False for one that finds its own, such as Kerberos's tickets.
};

} // namespace viaduct

#endif

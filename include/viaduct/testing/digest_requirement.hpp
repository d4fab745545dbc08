#ifndef VIADUCT_TESTING_DIGEST_REQUIREMENT_HPP
#define VIADUCT_TESTING_DIGEST_REQUIREMENT_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/auth/digest.hpp>
#include <viaduct/auth/digest_store.hpp>
#include <viaduct/auth/digest_verifier.hpp>

#include <memory>
#include <string>
#include <utility>

namespace viaduct::testing {

/// Wants one user and a password, by Digest (RFC 7616) with SHA-256 or MD5. Needs OpenSSL: link
/// viaduct-openssl.
/**
 * @code
 * proxy.otherwise(proxy_behaviour::require(digest_requirement("alice", "opensesame")));
 * @endcode
 */
[[nodiscard]] inline std::shared_ptr<verifier> digest_requirement(std::string user, std::string password)
{
    auto const look_up = [who = credentials{std::move(user), std::move(password)}](digest_question const& q) {
        return q.user == who.user ? digest_secret(q.algorithm, who, q.realm) : std::string{};
    };
    return std::make_shared<digest_verifier>(digest_verifier_options{},
                                             std::make_shared<digest_store_function>(look_up));
}

} // namespace viaduct::testing

#endif

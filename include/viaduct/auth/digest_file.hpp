#ifndef VIADUCT_AUTH_DIGEST_FILE_HPP
#define VIADUCT_AUTH_DIGEST_FILE_HPP

// The algorithms are those of auth/digest.hpp, so this header is not part of viaduct.hpp.

#include <viaduct/auth/digest_store.hpp>
#include <viaduct/error.hpp>

#include <functional>
#include <memory>
#include <string>

namespace viaduct {

namespace detail {
class watched_digest_users;
} // namespace detail

/// The users of an htdigest file, which is read again when it has changed.
/**
 * A line is `user:realm:secret`, as Apache's `htdigest` writes it: the secret is what `digest_secret` makes,
 * for MD5 of 32 hexadecimal digits. One of 64 is for SHA-256; a user may have a line for each. Empty lines
 * and those that begin with `#` are left out, and a line may end with CR LF. Of two lines for the same user,
 * realm and length of the secret the first counts. An algorithm is offered if all users of the realm have a
 * secret for it.
 *
 * Whether the file has changed is looked at, on a thread of its own, when a secret is asked for, once a
 * second at most. A file that cannot be read, or has a wrong line, leaves the version before it in force.
 *
 * Thread safety: all members may be called from several threads at once.
 */
class digest_file final : public digest_store
{
public:
    /// Is told `FILE: why` or `FILE:LINE: why`, once for each broken version, on any thread.
    using reporter = std::function<void(std::string const& problem)>;

    /// Nothing is read yet: see `reload`.
    VIADUCT_DECL explicit digest_file(std::string path, reporter report = {});

    /// Reads the file now, on this thread, whether it has changed or not.
    /** @return What is wrong with it; empty if it is in force. */
    VIADUCT_DECL std::string reload();

    [[nodiscard]] VIADUCT_DECL bool has(digest_algorithm algorithm, std::string const& realm) const override;

    VIADUCT_DECL void find(digest_question question, std::function<void(digest_answer)> done) override;

private:
    std::shared_ptr<detail::watched_digest_users> users_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/digest_file.ipp>
#endif

#endif

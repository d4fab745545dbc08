#ifndef VIADUCT_AUTH_PASSWORD_FILE_HPP
#define VIADUCT_AUTH_PASSWORD_FILE_HPP

// The hashes are libcrypt's and OpenSSL's, so this header is not part of viaduct.hpp: it belongs to
// viaduct-htpasswd.

#include <viaduct/auth/password_store.hpp>
#include <viaduct/error.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// The users of an htpasswd file, as it was when it was read.
/**
 * A line is `user:hash`; more behind another colon is not looked at, empty lines and those that begin with
 * `#` are left out, and a line may end with CR LF. Of two lines for a user the first counts, as in Apache.
 *
 * The hashes are those of Apache's `htpasswd` and of crypt(3): bcrypt (`$2a$`, `$2b$`, `$2y$`), Apache's MD5
 * (`$apr1$`), SHA-1 (`{SHA}`), and whatever else this system's libcrypt knows: SHA-512, SHA-256 and yescrypt,
 * MD5 (`$1$`), DES. A password that is not hashed is an error, not a password.
 *
 * Looking up a user that is not there takes the time of one that is: a hash of the kind that most users have
 * is computed for nothing.
 *
 * Thread safety: all members may be called from several threads at once; nothing ever changes.
 */
class password_file final : public password_store
{
public:
    /// Reads the text of such a file.
    /**
     * @param name What the errors call it.
     * @param problem What is wrong, as `NAME:LINE: ...`, without anything of the line; empty on success.
     * @return Null if a line is wrong: no colon, no user's name, a control character, an unknown hash, above
     * 1024 octets.
     */
    [[nodiscard]] VIADUCT_DECL static std::shared_ptr<password_file const>
    parse(std::string_view text, std::string const& name, std::string& problem);

    /// Reads a file, of 16 MiB at most.
    /** @param problem As for `parse`, or why it cannot be read. */
    [[nodiscard]] VIADUCT_DECL static std::shared_ptr<password_file const> load(std::string const& path,
                                                                                std::string& problem);

    VIADUCT_DECL ~password_file() override;

    /// Takes as long as the hash is made to take: up to half a second for a bcrypt.
    /** @throws std::runtime_error if libcrypt or OpenSSL refuses the kind of hash. */
    [[nodiscard]] VIADUCT_DECL bool check(credentials const& who) const override;

    [[nodiscard]] bool is_slow() const noexcept override { return true; }

    /// How many users there are.
    [[nodiscard]] std::size_t size() const noexcept { return hashes_.size(); }

private:
    password_file() = default;

    [[nodiscard]] std::string_view add(std::string_view line);
    void choose_dummy();

    std::string name_;
    std::map<std::string, std::string, std::less<>> hashes_;
    std::string dummy_; // for users that are not there
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/password_file.ipp>
#endif

#endif

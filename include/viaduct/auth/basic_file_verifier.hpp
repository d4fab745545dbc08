#ifndef VIADUCT_AUTH_BASIC_FILE_VERIFIER_HPP
#define VIADUCT_AUTH_BASIC_FILE_VERIFIER_HPP

// The hashes are libcrypt's and OpenSSL's, so this header is not part of viaduct.hpp: it belongs to
// viaduct-htpasswd.

#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/auth/password_file.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/error.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

namespace detail {
class watched_passwords;
} // namespace detail

/// The Basic scheme over an htpasswd file, which is read again when it has changed.
/**
 * Whether it has is looked at when a password is checked, once a second at most. A check that is under way
 * goes on with what it began with. A file that cannot be read, or has a wrong line, leaves the version before
 * it in force, and the reporter is told; until there is one that can be read every outcome is `broken`.
 *
 * What an `authentication` has cached is not forgotten: see `authentication::forget`.
 *
 * Thread safety: all members may be called from several threads at once.
 */
class basic_file_verifier final : public verifier
{
public:
    /// Is told `FILE: why` or `FILE:LINE: why`, once for each broken version, on any thread.
    using reporter = std::function<void(std::string const& problem)>;

    /// Nothing is read yet: see `reload`.
    VIADUCT_DECL basic_file_verifier(basic_verifier_options options, std::string path, reporter report = {});

    /// Reads the file now, on this thread, whether it has changed or not.
    /** @return What is wrong with it; empty if it is in force. */
    VIADUCT_DECL std::string reload();

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }

    [[nodiscard]] std::string challenge() override { return basic_.challenge(); }

    [[nodiscard]] bool can_be_cached() const noexcept override { return true; }

    VIADUCT_DECL void verify(auth_attempt attempt, verify_completion done) override;

private:
    std::shared_ptr<detail::watched_passwords> passwords_;
    basic_verifier basic_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/basic_file_verifier.ipp>
#endif

#endif

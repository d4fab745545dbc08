#ifndef VIADUCT_IMPL_NET_TLS_CONTEXT_HPP
#define VIADUCT_IMPL_NET_TLS_CONTEXT_HPP

#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/detail/tls_layer.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/tls_option_problem.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// What OpenSSL says about an error, for people.
[[nodiscard]] inline std::string reason_of(unsigned long code)
{
    if (ERR_GET_LIB(code) == ERR_LIB_SYS)
        return error_code{ERR_GET_REASON(code), net::error::get_system_category()}.message();
    auto const* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason ? reason : "it cannot be used";
}

/// Sets a context up, step by step, and remembers what went wrong first: what both sides have in common.
/** `Options` are those of either side, which call the same things by the same names. */
class tls_context_maker
{
public:
    [[nodiscard]] error_code error() const noexcept { return error_; }
    [[nodiscard]] tls_option_problem const& problem() const noexcept { return problem_; }
    [[nodiscard]] std::shared_ptr<net::ssl::context> const& context() const noexcept { return context_; }

protected:
    explicit tls_context_maker(std::shared_ptr<net::ssl::context> context) : context_{std::move(context)}
    {
        ERR_clear_error();
    }

    [[nodiscard]] SSL_CTX* native() const { return context_->native_handle(); }

    void check(bool good, errc what, std::string const& name)
    {
        if (good || error_) return;
        error_ = what;
        problem_ = {name, reason_of(ERR_peek_error())}; // the cause; later ones say where it was noticed
        ERR_clear_error();
    }

    void trust(std::string const& file, std::string const& path)
    {
        if (!file.empty())
            check(SSL_CTX_load_verify_file(native(), file.c_str()) == 1, errc::tls_ca_invalid, file);
        if (!path.empty())
            check(is_readable(path) && SSL_CTX_load_verify_dir(native(), path.c_str()) == 1,
                  errc::tls_ca_invalid, path);
    }

    template <class Options>
    void identify(Options const& options)
    {
        auto const& certificate = options.certificate_file;
        auto const& key = options.key_file.empty() ? certificate : options.key_file;
        error_code ignored;
        context_->set_password_callback(
            [password = options.key_password](std::size_t, net::ssl::context::password_purpose) {
                return password; // also an empty one: OpenSSL must not ask the terminal
            },
            ignored);
        check(SSL_CTX_use_certificate_chain_file(native(), certificate.c_str()) == 1,
              errc::tls_certificate_invalid, certificate);
        check(SSL_CTX_use_PrivateKey_file(native(), key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                  SSL_CTX_check_private_key(native()) == 1,
              errc::tls_key_invalid, key);
    }

    template <class Options>
    void restrict(Options const& options)
    {
        bool const newest = options.min_version == "TLSv1.3";
        check(newest || options.min_version == "TLSv1.2", errc::tls_option_invalid, options.min_version);
        SSL_CTX_set_min_proto_version(native(), newest ? TLS1_3_VERSION : TLS1_2_VERSION);
        if (!options.ciphers.empty())
            check(SSL_CTX_set_cipher_list(native(), options.ciphers.c_str()) == 1, errc::tls_option_invalid,
                  options.ciphers);
        if (!options.cipher_suites.empty())
            check(SSL_CTX_set_ciphersuites(native(), options.cipher_suites.c_str()) == 1,
                  errc::tls_option_invalid, options.cipher_suites);
        for (auto const& protocol : options.alpn)
            check(alpn_octets({protocol}).has_value(), errc::tls_option_invalid, protocol);
    }

private:
    /// OpenSSL looks into the directory only when it verifies, and takes one that is not there for empty.
    [[nodiscard]] static bool is_readable(std::string const& directory)
    {
        std::error_code ec;
        std::filesystem::directory_iterator const opened{directory, ec};
        return !ec;
    }

    std::shared_ptr<net::ssl::context> context_;
    error_code error_;
    tls_option_problem problem_;
};

} // namespace viaduct::detail

#endif

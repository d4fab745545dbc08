#ifndef VIADUCT_IMPL_CLIENT_TLS_CLIENT_IPP
#define VIADUCT_IMPL_CLIENT_TLS_CLIENT_IPP

#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/tls_client_op.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace viaduct {
namespace detail {

/// What OpenSSL says about an error, for people.
[[nodiscard]] inline std::string reason_of(unsigned long code)
{
    if (ERR_GET_LIB(code) == ERR_LIB_SYS)
        return error_code{ERR_GET_REASON(code), net::error::get_system_category()}.message();
    auto const* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason ? reason : "it cannot be used";
}

/// Sets a context up, step by step, and remembers what went wrong first.
class tls_context_maker
{
public:
    explicit tls_context_maker(tls_client_options const& options)
        : options_{options},
          context_{std::make_shared<net::ssl::context>(net::ssl::context::tls_client)}
    {
        ERR_clear_error();
        trust();
        identify();
        restrict();
    }

    [[nodiscard]] error_code error() const noexcept { return error_; }
    [[nodiscard]] tls_option_problem const& problem() const noexcept { return problem_; }
    [[nodiscard]] std::shared_ptr<net::ssl::context> const& context() const noexcept { return context_; }

private:
    [[nodiscard]] SSL_CTX* native() const { return context_->native_handle(); }

    void check(bool good, errc what, std::string const& name)
    {
        if (good || error_) return;
        error_ = what;
        problem_ = {name, reason_of(ERR_peek_error())}; // the cause; later ones say where it was noticed
        ERR_clear_error();
    }

    void trust()
    {
        auto const& file = options_.ca_file;
        auto const& path = options_.ca_path;
        context_->set_verify_mode(options_.verify ? net::ssl::verify_peer : net::ssl::verify_none);
        if (!options_.verify) return;
        if (file.empty() && path.empty())
            return check(SSL_CTX_set_default_verify_paths(native()) == 1, errc::tls_ca_invalid,
                         "the system's certificates");
        if (!file.empty())
            check(SSL_CTX_load_verify_file(native(), file.c_str()) == 1, errc::tls_ca_invalid, file);
        if (!path.empty())
            check(is_readable(path) && SSL_CTX_load_verify_dir(native(), path.c_str()) == 1,
                  errc::tls_ca_invalid, path);
    }

    /// OpenSSL looks into the directory only when it verifies, and takes one that is not there for empty.
    [[nodiscard]] static bool is_readable(std::string const& directory)
    {
        std::error_code ec;
        std::filesystem::directory_iterator const opened{directory, ec};
        return !ec;
    }

    void identify()
    {
        auto const& certificate = options_.certificate_file;
        if (certificate.empty()) // a key of its own is of no use
            return check(options_.key_file.empty(), errc::tls_key_invalid, options_.key_file);
        auto const& key = options_.key_file.empty() ? certificate : options_.key_file;
        error_code ignored;
        context_->set_password_callback(
            [password = options_.key_password](std::size_t, net::ssl::context::password_purpose) {
                return password; // also an empty one: OpenSSL must not ask the terminal
            },
            ignored);
        check(SSL_CTX_use_certificate_chain_file(native(), certificate.c_str()) == 1,
              errc::tls_certificate_invalid, certificate);
        check(SSL_CTX_use_PrivateKey_file(native(), key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                  SSL_CTX_check_private_key(native()) == 1,
              errc::tls_key_invalid, key);
    }

    void restrict()
    {
        bool const newest = options_.min_version == "TLSv1.3";
        check(newest || options_.min_version == "TLSv1.2", errc::tls_option_invalid, options_.min_version);
        SSL_CTX_set_min_proto_version(native(), newest ? TLS1_3_VERSION : TLS1_2_VERSION);
        if (!options_.ciphers.empty())
            check(SSL_CTX_set_cipher_list(native(), options_.ciphers.c_str()) == 1, errc::tls_option_invalid,
                  options_.ciphers);
        if (!options_.cipher_suites.empty())
            check(SSL_CTX_set_ciphersuites(native(), options_.cipher_suites.c_str()) == 1,
                  errc::tls_option_invalid, options_.cipher_suites);
        for (auto const& protocol : options_.alpn)
            check(!protocol.empty() && protocol.size() <= 255, errc::tls_option_invalid, protocol);
    }

    tls_client_options const& options_;
    std::shared_ptr<net::ssl::context> context_;
    error_code error_;
    tls_option_problem problem_;
};

/// The connector over OpenSSL.
class openssl_connector final : public tls_connector
{
public:
    openssl_connector(std::shared_ptr<net::ssl::context> context, tls_client_options const& options)
        : context_{std::move(context)},
          options_{options}
    {}

    void async_handshake(any_stream below, std::string const& host, completion done) override
    {
        auto layer = std::make_unique<tls_layer>(std::move(below), context_);
        auto const ec = layer->prepare(options_, host);
        async_stable<tls_client_op, void(error_code, any_stream, tls_facts)>(std::move(done),
                                                                             std::move(layer), ec);
    }

private:
    std::shared_ptr<net::ssl::context> context_;
    tls_client_options options_;
};

} // namespace detail

VIADUCT_DECL std::shared_ptr<tls_connector> make_tls_connector(tls_client_options const& options,
                                                               error_code& ec, tls_option_problem* problem)
{
    detail::tls_context_maker const made{options};
    ec = made.error();
    if (problem) *problem = made.problem();
    return ec ? nullptr : make_tls_connector(made.context(), options);
}

VIADUCT_DECL std::shared_ptr<tls_connector> make_tls_connector(tls_client_options const& options)
{
    error_code ec;
    tls_option_problem problem;
    auto made = make_tls_connector(options, ec, &problem);
    if (ec) throw system_error(ec, problem.what + ": " + problem.detail);
    return made;
}

VIADUCT_DECL std::shared_ptr<tls_connector> make_tls_connector(std::shared_ptr<net::ssl::context> context,
                                                               tls_client_options const& options)
{
    return std::make_shared<detail::openssl_connector>(std::move(context), options);
}

} // namespace viaduct

#endif

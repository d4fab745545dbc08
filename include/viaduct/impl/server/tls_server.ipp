#ifndef VIADUCT_IMPL_SERVER_TLS_SERVER_IPP
#define VIADUCT_IMPL_SERVER_TLS_SERVER_IPP

#include <viaduct/impl/net/tls_context.hpp>
#include <viaduct/impl/server/tls_server_side.hpp>
#include <viaduct/server/tls_server.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct {
namespace detail {

/// A context and what its callbacks refer to.
struct tls_server_setup
{
    net::ssl::context context{net::ssl::context::tls_server};
    std::string protocols{}; // as ALPN has them
};

/// Chooses the first of ours that the client has, too.
inline int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* size,
                           unsigned char const* offered, unsigned offered_size, void* setup)
{
    auto const& ours = static_cast<tls_server_setup const*>(setup)->protocols;
    unsigned char* out = nullptr;
    auto const result = SSL_select_next_proto(&out, size, reinterpret_cast<unsigned char const*>(ours.data()),
                                              static_cast<unsigned>(ours.size()), offered, offered_size);
    *chosen = out;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// The context of a server.
class tls_server_context : public tls_context_maker
{
public:
    explicit tls_server_context(tls_server_options const& options)
        : tls_server_context{options, std::make_shared<tls_server_setup>()}
    {}

private:
    tls_server_context(tls_server_options const& options, std::shared_ptr<tls_server_setup> const& setup)
        : tls_context_maker{std::shared_ptr<net::ssl::context>{setup, &setup->context}},
          options_{options}
    {
        check(!options.certificate_file.empty(), errc::tls_certificate_invalid, "the server's certificate");
        identify(options);
        restrict(options);
        select_protocols(*setup);
        set_up_sessions();
        if (options.client_certificate == client_certificate::none)
            check(options.crl_file.empty(), errc::tls_option_invalid, options.crl_file); // would do nothing
        else
            ask_clients();
    }

    void select_protocols(tls_server_setup& setup)
    {
        setup.protocols = alpn_octets(options_.alpn).value_or("");
        if (!setup.protocols.empty()) SSL_CTX_set_alpn_select_cb(native(), choose_protocol, &setup);
    }

    void set_up_sessions()
    {
        SSL_CTX_set_options(native(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                          SSL_OP_CIPHER_SERVER_PREFERENCE);
        SSL_CTX_set_dh_auto(native(), 1);
        SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_OFF); // a ticket is the client's to keep
        SSL_CTX_set_timeout(native(), resumed_for);
        std::string_view const purpose = "viaduct"; // none resumes a session with a certificate without it
        SSL_CTX_set_session_id_context(native(), reinterpret_cast<unsigned char const*>(purpose.data()),
                                       static_cast<unsigned>(purpose.size()));
        if (options_.session_tickets) return;
        SSL_CTX_set_options(native(), SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(native(), 0);
    }

    void ask_clients()
    {
        bool const required = options_.client_certificate == client_certificate::required;
        SSL_CTX_set_verify(native(), SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           nullptr);
        bool const named = !options_.client_ca_file.empty() || !options_.client_ca_path.empty();
        check(named, errc::tls_ca_invalid, "the authorities of clients' certificates");
        trust(options_.client_ca_file, options_.client_ca_path);
        tell_authorities();
        if (!options_.crl_file.empty()) revoke();
    }

    /// A client that has several certificates chooses by these.
    void tell_authorities()
    {
        if (error()) return;
        auto* const names = sk_X509_NAME_new_null();
        if (!options_.client_ca_file.empty())
            SSL_add_file_cert_subjects_to_stack(names, options_.client_ca_file.c_str());
        if (!options_.client_ca_path.empty())
            SSL_add_dir_cert_subjects_to_stack(names, options_.client_ca_path.c_str());
        SSL_CTX_set_client_CA_list(native(), names); // takes them over
        ERR_clear_error();                           // of what else lies in the directory
    }

    void revoke()
    {
        auto* const store = SSL_CTX_get_cert_store(native());
        auto* const files = X509_STORE_add_lookup(store, X509_LOOKUP_file());
        bool const good =
            files && X509_load_crl_file(files, options_.crl_file.c_str(), X509_FILETYPE_PEM) > 0;
        check(good, errc::tls_ca_invalid, options_.crl_file);
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    }

    static constexpr long resumed_for = 5 * 60; // seconds; nobody looks at a certificate again meanwhile

    tls_server_options const& options_;
};

[[nodiscard]] inline std::shared_ptr<net::ssl::context>
make_server_context(tls_server_options const& options, error_code& ec, tls_option_problem* problem)
{
    tls_server_context const made{options};
    ec = made.error();
    if (problem) *problem = made.problem();
    return ec ? nullptr : made.context();
}

[[noreturn]] inline void throw_tls_problem(error_code ec, tls_option_problem const& problem)
{
    throw system_error(ec, problem.what + ": " + problem.detail);
}

/// The acceptor over OpenSSL.
class openssl_acceptor final : public tls_server
{
public:
    openssl_acceptor(tls_server_options const& options, std::shared_ptr<net::ssl::context> context)
        : options_{options},
          context_{std::move(context)}
    {}

    void async_handshake(any_stream below, completion done) override
    {
        auto layer = std::make_unique<tls_layer>(std::move(below), context());
        async_stable<tls_server_op, void(error_code, any_stream, tls_client_facts)>(
            std::move(done), std::move(layer), tls_server_side{options_.user});
    }

    void reload(error_code& ec, tls_option_problem* problem) override
    {
        auto made = make_server_context(options_, ec, problem);
        if (ec) return;
        std::lock_guard const lock{mutex_};
        context_.swap(made); // the old one goes behind the lock, unless somebody still uses it
    }

    void reload() override
    {
        error_code ec;
        tls_option_problem problem;
        reload(ec, &problem);
        if (ec) throw_tls_problem(ec, problem);
    }

private:
    [[nodiscard]] std::shared_ptr<net::ssl::context> context()
    {
        std::lock_guard const lock{mutex_};
        return context_;
    }

    tls_server_options const options_;
    std::mutex mutex_;
    std::shared_ptr<net::ssl::context> context_;
};

} // namespace detail

VIADUCT_DECL std::shared_ptr<tls_server> make_tls_acceptor(tls_server_options const& options, error_code& ec,
                                                           tls_option_problem* problem)
{
    auto context = detail::make_server_context(options, ec, problem);
    return ec ? nullptr : std::make_shared<detail::openssl_acceptor>(options, std::move(context));
}

VIADUCT_DECL std::shared_ptr<tls_server> make_tls_acceptor(tls_server_options const& options)
{
    error_code ec;
    tls_option_problem problem;
    auto made = make_tls_acceptor(options, ec, &problem);
    if (ec) detail::throw_tls_problem(ec, problem);
    return made;
}

} // namespace viaduct

#endif

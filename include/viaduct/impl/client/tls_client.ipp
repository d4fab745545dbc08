#ifndef VIADUCT_IMPL_CLIENT_TLS_CLIENT_IPP
#define VIADUCT_IMPL_CLIENT_TLS_CLIENT_IPP

#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/tls_client_op.hpp>
#include <viaduct/impl/net/tls_context.hpp>

#include <memory>
#include <string>
#include <utility>

namespace viaduct {
namespace detail {

/// The context of a client.
class tls_client_context : public tls_context_maker
{
public:
    explicit tls_client_context(tls_client_options const& options)
        : tls_context_maker{std::make_shared<net::ssl::context>(net::ssl::context::tls_client)}
    {
        if (options.verify) trust(options);
        identify(options);
        restrict(options);
    }

private:
    void trust(tls_client_options const& options)
    {
        SSL_CTX_set_verify(native(), SSL_VERIFY_PEER, nullptr);
        if (options.ca_file.empty() && options.ca_path.empty())
            return check(SSL_CTX_set_default_verify_paths(native()) == 1, errc::tls_ca_invalid,
                         "the system's certificates");
        tls_context_maker::trust(options.ca_file, options.ca_path);
    }

    void identify(tls_client_options const& options)
    {
        if (!options.certificate_file.empty()) return tls_context_maker::identify(options);
        check(options.key_file.empty(), errc::tls_key_invalid, options.key_file); // of no use alone
    }
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
        tls_client_side const side{prepare_tls_client(layer->session(), options_, host)};
        async_stable<tls_client_op, void(error_code, any_stream, tls_facts)>(std::move(done),
                                                                             std::move(layer), side);
    }

private:
    std::shared_ptr<net::ssl::context> context_;
    tls_client_options options_;
};

} // namespace detail

VIADUCT_DECL std::shared_ptr<tls_connector> make_tls_connector(tls_client_options const& options,
                                                               error_code& ec, tls_option_problem* problem)
{
    detail::tls_client_context const made{options};
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

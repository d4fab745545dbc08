#ifndef VIADUCT_TESTS_NET_TLS_STREAMS_HPP
#define VIADUCT_TESTS_NET_TLS_STREAMS_HPP

#include "streams.hpp"
#include <viaduct/relay/tls_stream_end.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace fixture {

using tls_stream = net::ssl::stream<net::ip::tcp::socket>;

namespace detail {

struct openssl_deleter
{
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// Signs itself, and is good until the program ends.
inline void use_throw_away_certificate(net::ssl::context& context)
{
    std::unique_ptr<EVP_PKEY, openssl_deleter> const key{EVP_EC_gen("P-256")};
    std::unique_ptr<X509, openssl_deleter> const certificate{X509_new()};
    auto* const x = certificate.get();
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 60 * 60);
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<unsigned char const*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    if (X509_sign(x, key.get(), EVP_sha256()) == 0 ||
        SSL_CTX_use_certificate(context.native_handle(), x) != 1 ||
        SSL_CTX_use_PrivateKey(context.native_handle(), key.get()) != 1)
        throw std::runtime_error{"no certificate"};
}

/// Both sides of every session use it; up to this version of TLS, or any.
[[nodiscard]] inline net::ssl::context make_context(int newest = 0)
{
    net::ssl::context context{net::ssl::context::tls};
    use_throw_away_certificate(context);
    SSL_CTX_set_max_proto_version(context.native_handle(), newest);
    return context;
}

/// Two sessions that have shaken hands; the first is the TLS client.
[[nodiscard]] inline std::pair<tls_stream, tls_stream> tls_pair(net::any_io_executor const& executor,
                                                                net::ssl::context& tls)
{
    auto sockets = viaduct::testing::tcp_pair(executor);
    std::pair<tls_stream, tls_stream> both{tls_stream{std::move(sockets.first), tls},
                                           tls_stream{std::move(sockets.second), tls}};
    int ready = 0;
    auto const count = [&ready](viaduct::error_code ec) {
        if (ec) throw viaduct::system_error{ec};
        ++ready;
    };
    both.first.async_handshake(tls_stream::client, count);
    both.second.async_handshake(tls_stream::server, count);
    auto& context = static_cast<net::io_context&>(net::query(executor, net::execution::context));
    context.restart();
    while (ready != 2)
        context.run_one();
    return both;
}

} // namespace detail

struct over_tls
{
    static auto pair(net::any_io_executor const& executor)
    {
        static auto context = detail::make_context();
        return detail::tls_pair(executor, context);
    }
};

struct over_tls_12
{
    static auto pair(net::any_io_executor const& executor)
    {
        static auto context = detail::make_context(TLS1_2_VERSION);
        return detail::tls_pair(executor, context);
    }
};

template <>
struct far_end<tls_stream>
{
    static constexpr bool resets = true;

    static void limit_buffers(tls_stream& s, int send, int receive)
    {
        limit_socket_buffers(s.next_layer(), send, receive);
    }

    static void end_sending(tls_stream& s)
    {
        auto const alert = std::make_shared<std::string>(viaduct::detail::close_notify(s.native_handle()));
        net::async_write(s.next_layer(), net::buffer(*alert), [alert](viaduct::error_code, std::size_t) {});
    }

    static void reset(tls_stream& s) { far_end<net::ip::tcp::socket>::reset(s.next_layer()); }
};

} // namespace fixture

#endif

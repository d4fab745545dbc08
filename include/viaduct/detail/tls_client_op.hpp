#ifndef VIADUCT_DETAIL_TLS_CLIENT_OP_HPP
#define VIADUCT_DETAIL_TLS_CLIENT_OP_HPP

#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/any_stream_layer.hpp>
#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/tls_connector.hpp>
#include <viaduct/relay/tls_stream_end.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A layer of TLS above any stream.
class tls_layer final : public basic_stream_layer<net::ssl::stream<any_stream>>
{
public:
    tls_layer(any_stream below, std::shared_ptr<net::ssl::context> const& context)
        : basic_stream_layer{std::move(below), *context},
          context_{context}
    {}

    [[nodiscard]] net::ip::tcp::socket& socket() noexcept override { return stream_.lowest_layer(); }
    [[nodiscard]] any_stream* below() noexcept override { return &stream_.next_layer(); }
    [[nodiscard]] std::string end_sending() override { return close_notify(stream_.native_handle()); }

    [[nodiscard]] bool is_idle() override
    {
        auto* const session = stream_.native_handle();
        return SSL_has_pending(session) == 0 && BIO_ctrl_pending(SSL_get_rbio(session)) == 0 &&
               stream_.next_layer().is_idle();
    }

    [[nodiscard]] net::ssl::stream<any_stream>& stream() noexcept { return stream_; }

    /// Whom to ask for, and whose certificate to accept.
    [[nodiscard]] error_code prepare(tls_client_options const& options, std::string const& host)
    {
        auto* const session = stream_.native_handle();
        auto const asked = without_last_dot(options.server_name.empty() ? host : options.server_name);
        auto const expected = without_last_dot(options.verify_host.empty() ? host : options.verify_host);
        error_code is_name; // set where it is no address
        net::ip::make_address(asked, is_name);
        if (is_name && SSL_set_tlsext_host_name(session, asked.c_str()) != 1) return errc::tls_option_invalid;
        auto* const param = SSL_get0_param(session);
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT); // RFC 9525
        if (options.verify) SSL_set_verify(session, SSL_VERIFY_PEER, SSL_get_verify_callback(session));
        if (X509_VERIFY_PARAM_set1_ip_asc(param, expected.c_str()) != 1 &&
            X509_VERIFY_PARAM_set1_host(param, expected.c_str(), expected.size()) != 1)
            return errc::tls_option_invalid;
        ERR_clear_error(); // of a name that is no address
        return offer(options.alpn);
    }

    /// What the session has agreed on, or why there is none.
    [[nodiscard]] tls_facts facts() const
    {
        auto* const session = const_cast<tls_layer*>(this)->stream_.native_handle();
        tls_facts f;
        if (auto const* const cipher = SSL_get_current_cipher(session)) {
            f.protocol = SSL_get_version(session);
            f.cipher = SSL_CIPHER_get_name(cipher);
        }
        unsigned char const* alpn = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(session, &alpn, &size);
        f.alpn.assign(reinterpret_cast<char const*>(alpn), size);
        f.verify_result = SSL_get_verify_result(session);
        if (auto* const certificate = SSL_get0_peer_certificate(session)) {
            std::array<char, 256> name{};
            X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), static_cast<int>(name.size()));
            f.subject = name.data();
        }
        return f;
    }

private:
    /// The dot at the end of a complete DNS name stands in no certificate, and must not be sent (RFC 6066
    /// section 3).
    [[nodiscard]] static std::string without_last_dot(std::string name)
    {
        if (name.size() > 1 && name.back() == '.') name.pop_back();
        return name;
    }

    [[nodiscard]] error_code offer(std::vector<std::string> const& protocols)
    {
        std::string wire;
        for (auto const& protocol : protocols) {
            if (protocol.empty() || protocol.size() > 255) return errc::tls_option_invalid;
            wire.append(1, static_cast<char>(protocol.size())).append(protocol);
        }
        if (wire.empty()) return {};
        auto const* const octets = reinterpret_cast<unsigned char const*>(wire.data());
        bool const good =
            SSL_set_alpn_protos(stream_.native_handle(), octets, static_cast<unsigned>(wire.size())) == 0;
        return good ? error_code{} : make_error_code(errc::tls_option_invalid);
    }

    std::shared_ptr<net::ssl::context> context_; // which the session refers to
};

/// The handshake.
class tls_client_op : public one_step_at_a_time
{
public:
    struct on_handshake
    {};

    tls_client_op(std::unique_ptr<tls_layer> layer, error_code unusable)
        : layer_{std::move(layer)},
          unusable_{unusable}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (unusable_)
            return net::post(layer_->socket().get_executor(), prepend(self.then(on_handshake{}), unusable_));
        layer_->stream().async_handshake(net::ssl::stream_base::client, self.then(on_handshake{}));
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec)
    {
        auto facts = layer_->facts();
        if (self.cancelled()) ec = net::error::operation_aborted;
        if (!ec) return self.complete(ec, any_stream{std::move(layer_)}, std::move(facts));
        facts.detail =
            is_of_certificate(ec) ? X509_verify_cert_error_string(facts.verify_result) : ec.message();
        ec = cause_of(ec);
        error_code ignored;
        layer_->socket().close(ignored);
        layer_.reset();
        self.complete(ec, any_stream{}, std::move(facts));
    }

private:
    /// The result of the verification alone does not tell: nobody may have wanted it.
    [[nodiscard]] static bool is_of_certificate(error_code ec)
    {
        auto const packed = static_cast<unsigned>(ec.value());
        return ec.category() == net::error::get_ssl_category() && ERR_GET_LIB(packed) == ERR_LIB_SSL &&
               ERR_GET_REASON(packed) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    }

    /// OpenSSL's many errors are of two kinds: the certificate, and everything else.
    [[nodiscard]] static error_code cause_of(error_code ec)
    {
        if (is_of_certificate(ec)) return errc::tls_verification_failed;
        bool const of_tls = ec.category() == net::error::get_ssl_category() ||
                            ec == net::ssl::error::stream_truncated || ec == net::error::eof;
        return of_tls ? make_error_code(errc::tls_handshake_failed) : ec;
    }

    std::unique_ptr<tls_layer> layer_;
    error_code unusable_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_TLS_LAYER_HPP
#define VIADUCT_DETAIL_TLS_LAYER_HPP

#include <viaduct/detail/any_stream_layer.hpp>
#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/tls_stream_end.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A layer of TLS above any stream, for either side.
class tls_layer final : public basic_stream_layer<net::ssl::stream<any_stream>>
{
public:
    tls_layer(any_stream below, std::shared_ptr<net::ssl::context> const& context)
        : basic_stream_layer{std::move(below), *context},
          context_{context}
    {}

    [[nodiscard]] net::ip::tcp::socket& socket() noexcept override { return stream_.lowest_layer(); }
    [[nodiscard]] any_stream* below() noexcept override { return &stream_.next_layer(); }
    [[nodiscard]] std::string end_sending() override { return close_notify(session()); }

    [[nodiscard]] bool is_idle() override
    {
        return SSL_has_pending(session()) == 0 && BIO_ctrl_pending(SSL_get_rbio(session())) == 0 &&
               stream_.next_layer().is_idle();
    }

    [[nodiscard]] net::ssl::stream<any_stream>& stream() noexcept { return stream_; }
    [[nodiscard]] SSL* session() noexcept { return stream_.native_handle(); }

private:
    std::shared_ptr<net::ssl::context> context_; // which the session refers to
};

/// The protocols as the extension for them has it (RFC 7301 section 3.1); nothing if one cannot be said.
[[nodiscard]] inline std::optional<std::string> alpn_octets(std::vector<std::string> const& protocols)
{
    std::string octets;
    for (auto const& protocol : protocols) {
        if (protocol.empty() || protocol.size() > 255) return std::nullopt;
        octets.append(1, static_cast<char>(protocol.size())).append(protocol);
    }
    return octets;
}

/// Tells what both sides have agreed on.
template <class Facts>
void tell_agreement(SSL const* session, Facts& facts)
{
    if (auto const* const cipher = SSL_get_current_cipher(session)) {
        facts.protocol = SSL_get_version(session);
        facts.cipher = SSL_CIPHER_get_name(cipher);
    }
    unsigned char const* alpn = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session, &alpn, &size);
    facts.alpn.assign(reinterpret_cast<char const*>(alpn), size);
}

} // namespace viaduct::detail

#endif

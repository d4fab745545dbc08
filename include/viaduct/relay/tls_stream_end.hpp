#ifndef VIADUCT_RELAY_TLS_STREAM_END_HPP
#define VIADUCT_RELAY_TLS_STREAM_END_HPP

#include <viaduct/detail/asio_ssl.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace viaduct {
namespace detail {

struct bio_deleter
{
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using bio_ptr = std::unique_ptr<BIO, bio_deleter>;

/// Makes a session say that no more comes from its side, and returns the octets that say so.
/** They are caught in memory on their way to the transport, so that a read of the session may be under way.
 */
[[nodiscard]] inline std::string close_notify(SSL* session)
{
    bio_ptr const caught{BIO_new(BIO_s_mem())};
    BIO* const transport = SSL_get_wbio(session);
    if (!caught || !transport) return {};
    BIO_up_ref(transport);
    BIO_up_ref(caught.get());
    SSL_set0_wbio(session, caught.get());
    ERR_clear_error();
    SSL_shutdown(session); // once: sends, and does not wait for the other side's
    ERR_clear_error();
    char* octets = nullptr;
    auto const size = BIO_get_mem_data(caught.get(), &octets);
    std::string result(octets, static_cast<std::size_t>(size));
    SSL_set0_wbio(session, transport);
    return result;
}

} // namespace detail

/// How a TLS stream ends: include this where one is relayed. Needs OpenSSL.
/**
 * The end of the other stream becomes a close_notify alert, and the session stays readable, as TLS 1.3 has it
 * (RFC 8446 section 6.1). A transport that ends without the peer's alert has been cut off by somebody: the
 * other stream is reset, so that nobody takes the part for the whole.
 *
 * The alert is written to the next layer past the stream's own queue. Should the stream be writing at that
 * instant on behalf of its reader (an answer to a KeyUpdate, a renegotiation) while the peer does not read,
 * the two may mix, and the peer then sees a broken record in place of the alert.
 */
template <class NextLayer>
struct stream_end<net::ssl::stream<NextLayer>>
{
    using stream = net::ssl::stream<NextLayer>;

    static constexpr bool can_half_close = true;

    [[nodiscard]] static bool is_reset(error_code ec) noexcept
    {
        return ec == net::ssl::error::stream_truncated ||
               stream_end<typename stream::lowest_layer_type>::is_reset(ec);
    }

    [[nodiscard]] static std::string last_octets(stream& s)
    {
        return detail::close_notify(s.native_handle());
    }

    /// Breaks off the transport.
    static void reset(stream& s) { stream_end<typename stream::lowest_layer_type>::reset(s.lowest_layer()); }
};

} // namespace viaduct

#endif

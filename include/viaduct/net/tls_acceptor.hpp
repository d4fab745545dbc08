#ifndef VIADUCT_NET_TLS_ACCEPTOR_HPP
#define VIADUCT_NET_TLS_ACCEPTOR_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/tls_client_facts.hpp>

namespace viaduct {

/// Puts TLS on a stream, as a server: what an acceptor needs for a TLS listener.
/**
 * The one for OpenSSL is made by `make_tls_acceptor` of `<viaduct/server/tls_server.hpp>`.
 *
 * Thread safety: `async_handshake` may be called from several threads at once.
 */
class tls_acceptor
{
public:
    using completion = detail::any_handler<void(error_code, any_stream, tls_client_facts)>;

    tls_acceptor() = default;
    tls_acceptor(tls_acceptor const&) = delete;
    tls_acceptor& operator=(tls_acceptor const&) = delete;
    virtual ~tls_acceptor() = default;

    /// Shakes hands over a stream.
    /**
     * @param below Taken over. After a failure it is closed.
     * @param done Gets `errc::client_tls_failed`, `errc::client_certificate_rejected` for one that is missing
     * or not trusted, or an error of the stream below; or no error and the stream with TLS on it. Its slot
     * cancels the handshake.
     */
    virtual void async_handshake(any_stream below, completion done) = 0;
};

} // namespace viaduct

#endif

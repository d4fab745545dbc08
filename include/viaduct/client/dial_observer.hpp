#ifndef VIADUCT_CLIENT_DIAL_OBSERVER_HPP
#define VIADUCT_CLIENT_DIAL_OBSERVER_HPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

class client_handshake;

/// A CONNECT request as it may be shown: there is no way to get its credentials out of it.
class redacted_request
{
public:
    VIADUCT_DECL explicit redacted_request(client_handshake const& request);

    /// The head as it is sent, with `***` for the credentials.
    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    /// How many octets the real one has.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::string text_;
    std::size_t size_;
};

/// When and where something happens during a dial.
struct dial_moment
{
    std::chrono::steady_clock::time_point at{}; ///< Now.
    std::size_t way = 0;                        ///< Which way of the list is being tried, from 0.
    std::size_t hop = 0;                        ///< Which proxy of that way, from 0.
    std::string_view proxy{}; ///< `http://proxy.example:3128`; `direct` without one. Valid during the call.
    std::uint64_t dial = 0;   ///< Which dial: each one of this process has another number.
};

/// Hears what happens during dials, as it happens: derive from it and override what is of interest.
/**
 * The functions are called on the dial's executor, between its steps, so they should be quick; what they get
 * is valid during the call. Text that comes from a proxy is untrusted. One observer may serve many dials,
 * which `dial_moment::dial` tells apart, and must be ready for several threads if they have several. The
 * functions must not throw.
 *
 * A dial ends with `on_established` or with `on_failed`, unless its executor is destroyed under it.
 */
class dial_observer
{
public:
    using endpoint = net::ip::tcp::endpoint;

    virtual ~dial_observer() = default;

    /// A dial begins: the first call of each, unless it is cancelled before it could begin.
    virtual void on_dialling(dial_moment const&, authority const& /*target*/) {}

    /// The look-up of a name begins.
    virtual void on_resolving(dial_moment const&, authority const& /*whom*/) {}

    /// It is over.
    virtual void on_resolved(dial_moment const&, std::vector<endpoint> const& /*found*/, error_code) {}

    /// A TCP connection is tried; several may be under way at once.
    virtual void on_connecting(dial_moment const&, endpoint const& /*to*/) {}

    /// One of them has failed.
    virtual void on_connect_failed(dial_moment const&, endpoint const& /*to*/, error_code) {}

    /// One of them has come about, and the others are given up.
    virtual void on_connected(dial_moment const&, endpoint const& /*remote*/, endpoint const& /*local*/) {}

    /// The TLS handshake with the proxy begins.
    virtual void on_securing(dial_moment const&) {}

    /// It is over.
    virtual void on_secured(dial_moment const&, tls_facts const&, error_code) {}

    /// The proxy is about to be asked for a tunnel.
    virtual void on_asking(dial_moment const&, authority const& /*for_target*/) {}

    /// Credentials are being made; the scheme is the one that was chosen.
    virtual void on_authorizing(dial_moment const&, std::string_view /*scheme*/) {}

    /// A CONNECT request is about to be sent.
    virtual void on_request(dial_moment const&, redacted_request const&) {}

    /// Its answer has come, or has not.
    /** @param head All heads of this answer, the interim ones first. */
    virtual void on_answer(dial_moment const&, std::string_view /*head*/, connect_reply const&, error_code) {}

    /// The conversation goes on with a new connection to the same proxy.
    virtual void on_reconnecting(dial_moment const&) {}

    /// The tunnel is open.
    virtual void on_established(dial_moment const&, dial_report const&) {}

    /// There will be none. A way that failed is followed by the next one, if there is one, before this.
    virtual void on_failed(dial_moment const&, connect_failure const&) {}
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/dial_observer.ipp>
#endif

#endif

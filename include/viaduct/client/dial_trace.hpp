#ifndef VIADUCT_CLIENT_DIAL_TRACE_HPP
#define VIADUCT_CLIENT_DIAL_TRACE_HPP

#include <viaduct/client/dial_observer.hpp>
#include <viaduct/log/line_sink.hpp>

#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// Tells everything that dials do, as it happens, in lines like those of `curl -v`.
/**
 * A line begins with `*` for what is done, with `>` for what a proxy is sent, and with `<` for what it
 * answers:
 *
 * @code
 * * Dialling broker.example:8883
 * * Looking up proxy.example
 * * Addresses: 192.0.2.1
 * *   Trying 192.0.2.1:3128...
 * * Connected to 192.0.2.1:3128 from 198.51.100.7:40312 (http://proxy.example:3128)
 * * Establishing HTTP proxy tunnel to broker.example:8883
 * > CONNECT broker.example:8883 HTTP/1.1
 * ...
 * < HTTP/1.1 200 Connection established
 * <
 * * CONNECT tunnel established, response 200
 * @endcode
 *
 * What a proxy has said is escaped as `escape::quoted` does it, but for the quotes: a line stays a line, and
 * a terminal is safe. Of a line that is longer than `escape::max_text` octets only those are told.
 *
 * Credentials do not get this far: a `redacted_request` has none. Other fields that hold secrets, such as
 * cookies (`is_secret_field`) and `Proxy-Authentication-Info`, are told as `***`, sent or received. In any
 * line of an answer so is what follows the name of a scheme that sends a secret or a ticket (Basic, Bearer,
 * Kerberos, Negotiate, NTLM) and is no parameter of a challenge: tickets, and credentials that a proxy sends
 * back. One that repeats them in a way of its own is not recognised.
 *
 * Distinct objects: safe. Shared objects: safe; the lines of one event stay together.
 */
class dial_trace final : public dial_observer
{
public:
    /// @param lines Where the lines go, for instance a `stream_line_sink` on `std::cerr`; shared. It is
    /// called under a lock, and each line has its line feed.
    /// @param numbered Whether each line begins with the number of its dial (`[7] * ...`): for whoever dials
    /// several targets at the same time.
    explicit dial_trace(line_sink_ptr lines, bool numbered = false) noexcept
        : lines_{std::move(lines)},
          numbered_{numbered}
    {}

    VIADUCT_DECL void on_dialling(dial_moment const& now, authority const& target) override;
    VIADUCT_DECL void on_resolving(dial_moment const& now, authority const& whom) override;
    VIADUCT_DECL void on_resolved(dial_moment const& now, std::vector<endpoint> const& found,
                                  error_code ec) override;
    VIADUCT_DECL void on_connecting(dial_moment const& now, endpoint const& to) override;
    VIADUCT_DECL void on_connect_failed(dial_moment const& now, endpoint const& to, error_code ec) override;
    VIADUCT_DECL void on_connected(dial_moment const& now, endpoint const& remote,
                                   endpoint const& local) override;
    VIADUCT_DECL void on_securing(dial_moment const& now) override;
    VIADUCT_DECL void on_secured(dial_moment const& now, tls_facts const& facts, error_code ec) override;
    VIADUCT_DECL void on_asking(dial_moment const& now, authority const& for_target) override;
    VIADUCT_DECL void on_authorizing(dial_moment const& now, std::string_view scheme) override;
    VIADUCT_DECL void on_request(dial_moment const& now, redacted_request const& request) override;
    VIADUCT_DECL void on_answer(dial_moment const& now, std::string_view head, connect_reply const& reply,
                                error_code ec) override;
    VIADUCT_DECL void on_reconnecting(dial_moment const& now) override;
    VIADUCT_DECL void on_established(dial_moment const& now, dial_report const& report) override;
    VIADUCT_DECL void on_failed(dial_moment const& now, connect_failure const& what) override;

private:
    /// Calls a function with something that takes lines, and passes those on.
    template <class Write>
    void tell(dial_moment const& now, Write write) noexcept;

    std::mutex mutex_; // of the sink
    line_sink_ptr lines_;
    bool numbered_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/dial_trace.ipp>
#endif

#endif

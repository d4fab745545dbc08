#ifndef VIADUCT_CLIENT_DIAL_SPANS_HPP
#define VIADUCT_CLIENT_DIAL_SPANS_HPP

#include <viaduct/client/dial_observer.hpp>
#include <viaduct/http/trace_context.hpp>
#include <viaduct/log/line_sink.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

namespace detail {
class dial_account;
} // namespace detail

/// What the spans of dials are given besides what the dials tell.
struct dial_span_options
{
    /// The span that the dials belong to; without it each dial is a trace of its own. One that is not
    /// sampled is the end of it: nothing is written then.
    std::optional<trace_context> parent{};

    std::string service_name = "viaduct"; ///< The resource's `service.name`.
};

/// Tells dials as spans of OpenTelemetry, one line of JSON each when it is over.
/**
 * A line is a `TracesData` of OTLP's JSON encoding, so a file of them can be read by the Collector's
 * `otlpjsonfile` receiver. Its spans are the dial itself (`dial`, kind CLIENT) and its children:
 *
 * | Span | Kind | Attributes, by OpenTelemetry's semantic conventions where they know one |
 * |---|---|---|
 * | `dial` | CLIENT | `server.address`, `server.port` (the target), `network.peer.address`,
 * `network.peer.port`, | | | | `http.response.status_code`, `viaduct.proxy`, `viaduct.way`, `error.type` | |
 * `lookup` | INTERNAL | `dns.question.name`, `dns.answers`, `error.type` | | `connect` | INTERNAL |
 * `network.transport`, `network.type`, `network.peer.address`, `network.peer.port`, | | | | `error.type`;
 * `viaduct.given_up` for one that another has overtaken | | `TLS` | INTERNAL | `tls.protocol.name`,
 * `tls.protocol.version`, `tls.cipher`, `tls.next_protocol`, | | | | `tls.server.subject`, `error.type` | |
 * `CONNECT` | CLIENT | `http.request.method`, `server.address`, `server.port`, `http.request.resend_count`, |
 * | | | `viaduct.auth.scheme`, `http.response.status_code`, `error.type` |
 * | `SOCKS5`, `SOCKS4` | CLIENT | `server.address`, `server.port` |
 *
 * Every child has `viaduct.proxy`, the proxy at hand without credentials. `error.type` is the status of a
 * refusal, `timeout` for any clock, and otherwise an error's category and value (`viaduct:89`). The error's
 * message is the span's. A CONNECT that is challenged ended with an error (`407`), as the conventions have
 * it, though the dial may go on and come about.
 *
 * Neither requests nor answers are in there, so there is no place for credentials. All text is escaped by
 * `escape::json`.
 *
 * Times are those of the system's clock when the dial began, plus what the steady clock has counted. A dial
 * has at most `max_spans`; how many more there were tells `viaduct.spans_dropped`.
 *
 * Distinct objects: safe. Shared objects: safe; dials at the same time are kept apart. What is known of one
 * whose executor was destroyed before its end is kept until this object goes, or `max_dials` are open.
 */
class dial_spans final : public dial_observer
{
public:
    static constexpr std::size_t max_spans = 128;    ///< Of one dial.
    static constexpr std::size_t max_dials = 16'384; ///< Open at a time; beyond, the oldest are forgotten.

    /// @param lines Shared; called under a lock, when a dial is over.
    /// @throws std::invalid_argument if `options.parent` is none that `parse_traceparent` could have read.
    VIADUCT_DECL explicit dial_spans(line_sink_ptr lines, dial_span_options options = {});

    VIADUCT_DECL ~dial_spans() override;

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
    VIADUCT_DECL void on_established(dial_moment const& now, dial_report const& report) override;
    VIADUCT_DECL void on_failed(dial_moment const& now, connect_failure const& what) override;

private:
    /// Calls a function with the account of a dial, if there is one.
    template <class Write>
    void with(dial_moment const& now, Write write) noexcept;
    void begin(dial_moment const& now, authority const* target);
    void end(dial_moment const& now, dial_report const& report, error_code ec) noexcept;

    std::mutex mutex_; // of everything
    line_sink_ptr lines_;
    dial_span_options options_;
    std::random_device random_;
    std::map<std::uint64_t, std::unique_ptr<detail::dial_account>> dials_; // by number
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/dial_spans.ipp>
#endif

#endif

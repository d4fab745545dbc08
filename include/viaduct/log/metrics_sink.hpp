#ifndef VIADUCT_LOG_METRICS_SINK_HPP
#define VIADUCT_LOG_METRICS_SINK_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/log_sink.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

/// Counts what records tell, for Prometheus: a log that keeps sums in place of lines. Link `viaduct-metrics`.
/**
 * Made from the record of each request's end; other records are passed over. Give it to a service beside, or
 * in place of, other logs, and serve `text()` wherever the monitoring asks for it, by convention at
 * `/metrics`.
 *
 * | Metric | Labels | What |
 * |---|---|---|
 * | `viaduct_requests_total` | `outcome`, `status` | requests that are over |
 * | `viaduct_proxy_errors_total` | `error` | refusals, by the error type of RFC 9209 that was sent |
 * | `viaduct_authentications_total` | `scheme` | requests whose user has proved who he is |
 * | `viaduct_connect_attempts_total`, `viaduct_connect_failures_total` | | connections towards targets |
 * | `viaduct_tunnels_opened_total` | | tunnels that were open, and are over |
 * | `viaduct_tunnels_ended_total` | `by`, `reason` | how those ended |
 * | `viaduct_client_bytes_total` | `direction` | octets to and from clients |
 * | `viaduct_request_head_seconds`, `viaduct_decision_seconds`, `viaduct_lookup_seconds`, |||
 * | `viaduct_connect_seconds`, `viaduct_setup_seconds`, `viaduct_tunnel_seconds` | | histograms of times |
 * | `viaduct_tunnel_bytes` | `direction` | histogram of the octets of a tunnel |
 *
 * **How many series there are is fixed when it is made.** The value of each label comes from a list in this
 * library, and everything else is counted as `other`; what comes from outside (names of hosts and users,
 * addresses, rules) is never a label, so no client can make the monitoring's memory grow, and none can be
 * found in it. All series are there from the beginning, with zeros, so that a rate is right from the first
 * event on.
 *
 * A record costs no allocation, no look-up of a metric by its name, and a lock of a few nanoseconds for each
 * histogram.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class metrics_sink final : public log_sink
{
public:
    /// The Content-Type of `text()`.
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    VIADUCT_DECL metrics_sink();
    VIADUCT_DECL ~metrics_sink() override;

    VIADUCT_DECL void write(tunnel_record const& record) noexcept override;

    /// Nothing: what a record holds in any case is enough.
    [[nodiscard]] record_wishes wishes() const noexcept override { return {}; }

    /// Adds a number that goes up and down and that somebody else knows, such as how many requests are
    /// served.
    /**
     * @code
     * metrics->add_gauge("viaduct_requests_active", "Requests that are being served now.",
     *                    [&] { return static_cast<double>(proxy.active()); });
     * @endcode
     *
     * @param name As Prometheus has it: letters, digits, `_` and `:`, no digit in front.
     * @param help One line for people.
     * @param value Called by `text()`, on its caller's thread. Whoever adds it sees to it that what it asks
     * lives as long as this sink, and that it may be asked from that thread.
     * @throws std::invalid_argument for a name that cannot be one, or that is taken.
     */
    VIADUCT_DECL void add_gauge(std::string const& name, std::string const& help,
                                std::function<double()> value);

    /// Adds the account of what a log has lost, as `viaduct_log_records_lost_total`.
    /**
     * @param log The value of its label `log`: what the operator calls that log.
     * @param lost Such as `formatted_log::lost`; called as the value of a gauge is.
     * @throws std::invalid_argument if there is one for that log already.
     */
    VIADUCT_DECL void add_log(std::string const& log, std::function<std::uint64_t()> lost);

    /// Everything in Prometheus' text format, sorted by name. Throws what the functions given to it throw.
    [[nodiscard]] VIADUCT_DECL std::string text() const;

private:
    struct metrics; // no header of the Prometheus library is needed here

    std::unique_ptr<metrics> metrics_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/metrics_sink.ipp>
#endif

#endif

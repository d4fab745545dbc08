#ifndef VIADUCT_LOG_ENVOY_FORMAT_HPP
#define VIADUCT_LOG_ENVOY_FORMAT_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/format_problem.hpp>
#include <viaduct/log/record_format.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace viaduct {

namespace detail {
struct envoy_program;
}

/// As what a tunnel is logged.
enum class envoy_kind : unsigned char
{
    connect, ///< As the HTTP request that it was: with its method, its target and its status.
    tcp      ///< As octets that pass by, as a sidecar sees them: `"- - -" 0`, and sizes with the heads.
};

/// What an Envoy has from its configuration, and a record cannot know.
struct envoy_options
{
    envoy_kind kind = envoy_kind::connect;
    std::string cluster{};  ///< UPSTREAM_CLUSTER; the name of the parent, if there is one, where it is empty.
    std::string route{};    ///< ROUTE_NAME.
    std::string hostname{}; ///< HOSTNAME; the system's name for this machine where it is empty.
};

/// Envoy's own default, also for TCP.
inline constexpr std::string_view envoy_default_spec =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
    "\"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" "
    "\"%UPSTREAM_HOST%\"\n";

/// What the sidecars of Istio log since Istio 1.9.
inline constexpr std::string_view istio_default_spec =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    "\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
    "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% "
    "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "
    "%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

/// What they logged when Istio was at 1.0, as its page on external proxies shows it.
inline constexpr std::string_view istio_1_0_spec =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
    "\"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" "
    "\"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% "
    "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME%\n";

/// Lines by an Envoy format string: `%COMMAND%`, `%COMMAND(ARGUMENTS)%`, `%COMMAND(ARGUMENTS):LENGTH%`.
/**
 * All commands of Envoy are known. One that has no meaning for a tunnel (gRPC, metadata, fingerprints) writes
 * `-`, like one whose value is not set. As in Envoy:
 *
 * - a length cuts the value, before it is escaped; `%%` is a per cent sign;
 * - `START_TIME` and `EMIT_TIME` are in UTC, their `_LOCAL` twins in local time, and an argument is a pattern
 *   of strftime's, with `%3f` (`%6f`, `%9f`) for fractions of a second;
 * - `REQ(X?Y)` and `RESP(X?Y)` are a field of the request, or of a refusal, or else another one; `:METHOD`
 * and
 *   `:AUTHORITY` are what the request line said. A CONNECT has no `:PATH`;
 * - durations are whole milliseconds.
 *
 * Unlike Envoy, which writes values as they come, everything is escaped: between double quotes of the format
 * as by `escape::quoted`, elsewhere as by `escape::column`. RESPONSE_FLAGS are the flags that Envoy has for
 * such causes: UF, UH, UT, UR, UC, UO, UPE and DF for the way, NR, UAEX, RL, OM and DPE for refusals, DC, SI,
 * DT and LR for ends. RESPONSE_CODE_DETAILS is `via_upstream` for a tunnel, else the error type that
 * Proxy-Status told (RFC 9209); CONNECTION_TERMINATION_DETAILS says why we ended an open tunnel, in
 * `error_name`'s word. Octets are those of the tunnel alone (`envoy_kind::connect`), or all of the
 * connection.
 *
 * Every line ends with a line feed, whether the format does or not; one within is an error.
 */
class envoy_format final : public record_format
{
public:
    /// @param spec For instance `envoy_default_spec`. A line feed at the end may also be written as `\n`.
    /// @throws format_problem for an unknown command, naming the nearest one; for an argument that is missing
    /// or too many, a command that does not end, an unknown code in a time, a line feed within.
    VIADUCT_DECL explicit envoy_format(std::string_view spec, envoy_options options = {});

    VIADUCT_DECL void append(tunnel_record const& record, std::string& line) const override;
    [[nodiscard]] VIADUCT_DECL record_wishes wishes() const noexcept override;

private:
    std::shared_ptr<detail::envoy_program const> program_;
};

/// Lines by `envoy_default_spec`.
[[nodiscard]] VIADUCT_DECL record_format_ptr envoy_default(envoy_options options = {});

/// Lines by `istio_default_spec`.
[[nodiscard]] VIADUCT_DECL record_format_ptr istio_default(envoy_options options = {});

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/envoy_format.ipp>
#endif

#endif

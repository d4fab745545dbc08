#ifndef VIADUCT_CLIENT_TUNNEL_HPP
#define VIADUCT_CLIENT_TUNNEL_HPP

#include <viaduct/client/dial_report.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/any_stream.hpp>

#include <utility>

namespace viaduct {

/// A connection to a target through whatever was on the way: a movable stream over TCP, TLS or TLS in TLS.
/**
 * Read and write it as any stream of Asio's, put an `ssl::stream<viaduct::tunnel>` on it for TLS with the
 * target, relay it. The first octet read is the target's first one. Where there is no TLS with a proxy,
 * `release` gives the bare socket, and nothing of Viaduct stays in the way.
 *
 * A dial that failed leaves a tunnel that is not open; its report tells why.
 */
class tunnel : public any_stream
{
public:
    tunnel() = default;
    tunnel(any_stream stream, dial_report report) : any_stream{std::move(stream)}, report_{std::move(report)}
    {}

    /// How it came about, or why it did not.
    [[nodiscard]] dial_report const& report() const& noexcept { return report_; }

    /// The same, moved out of a tunnel that is of no more use.
    [[nodiscard]] dial_report report() && noexcept { return std::move(report_); }

    /// Takes the bare socket out, whose descriptor may then go to any library; the tunnel is not open then.
    /**
     * @param ec `errc::tunnel_not_plain` if there is TLS on the socket, and the tunnel stays as it is;
     * `net::error::not_connected` if the tunnel is not open.
     */
    [[nodiscard]] net::ip::tcp::socket release(error_code& ec)
    {
        ec = release_error();
        if (!ec) return release_socket();
        return net::ip::tcp::socket{is_open() ? get_executor() : executor_type{net::system_executor{}}};
    }

    /// @throws system_error
    [[nodiscard]] net::ip::tcp::socket release()
    {
        if (auto const ec = release_error()) throw system_error(ec, "release");
        return release_socket();
    }

private:
    [[nodiscard]] error_code release_error() const
    {
        if (is_plain()) return {};
        return is_open() ? make_error_code(errc::tunnel_not_plain) : error_code{net::error::not_connected};
    }

    dial_report report_;
};

} // namespace viaduct

#endif

#ifndef VIADUCT_TESTING_PROXY_RECORD_HPP
#define VIADUCT_TESTING_PROXY_RECORD_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace viaduct::testing {

/// A request that a `proxy_server` got.
/**
 * @code
 * auto const asked = proxy.requests().at(0);
 * CHECK(asked.target == "api.example:443");
 * CHECK(asked.fields.find("User-Agent") == "app/1.0");
 * @endcode
 */
struct proxy_request
{
    std::string target{}; ///< `host:port` in its canonical form; of an invalid request as it came.
    std::string method{};
    viaduct::fields fields{};
    std::string user{}; ///< Who has proved it; empty for nobody.
    net::ip::tcp::endpoint client{};
    std::size_t connection = 0; ///< The connection's number, from 0.
    std::chrono::steady_clock::time_point read_at{};
    error_code error{};  ///< Why it was no valid CONNECT; the proxy has refused it by itself then.
    unsigned status = 0; ///< What it was answered; 0 for nothing or garbage.
};

/// How a tunnel ended.
enum class proxy_tunnel_end : unsigned char
{
    open,   ///< It has not.
    closed, ///< Both sides have, in order.
    reset,  ///< One side has reset its connection.
    failed, ///< Another error: see `proxy_tunnel::error`.
    broken, ///< The behaviour wanted that.
    stopped ///< The server was.
};

/// A tunnel of a `proxy_server`. Its octets are those up to now.
struct proxy_tunnel
{
    std::string target{};            ///< What the client asked for.
    net::ip::tcp::endpoint origin{}; ///< Where it led.
    std::uint64_t to_target = 0;     ///< Octets read from the client.
    std::uint64_t to_client = 0;     ///< Octets written to the client, behind the answer.
    proxy_tunnel_end end = proxy_tunnel_end::open;
    error_code error{};
};

} // namespace viaduct::testing

#endif

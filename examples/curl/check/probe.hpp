#ifndef VIADUCT_CURL_CHECK_PROBE_HPP
#define VIADUCT_CURL_CHECK_PROBE_HPP

#include "fill.hpp"
#include "observation.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace viaduct_curl::check {

/// How the proxy is reached.
struct proxy_place
{
    viaduct::net::ip::tcp::endpoint address{};
    std::string host{};                            ///< For its certificate.
    std::shared_ptr<viaduct::tls_connector> tls{}; ///< Null for plain TCP.
};

/// What one connection is for.
struct probe_plan
{
    sending octets{};
    bool trickles = false;
    bool ends = false;
    bool watches = false;
    std::chrono::milliseconds limit{0}; ///< For all of it.
};

/// Makes one connection, sends what is planned, and reads what comes, all within bounds.
/** @param executor One thread, or one strand.
 * @param done Called once, never from within this function. */
void start_probe(viaduct::net::any_io_executor const& executor, proxy_place const& proxy, probe_plan plan,
                 std::function<void(observation)> done);

} // namespace viaduct_curl::check

#endif

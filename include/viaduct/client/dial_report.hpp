#ifndef VIADUCT_CLIENT_DIAL_REPORT_HPP
#define VIADUCT_CLIENT_DIAL_REPORT_HPP

#include <viaduct/client/connect_reply.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What a dial is doing, or was doing when it failed.
enum class dial_phase : unsigned char
{
    resolve,    ///< Asking for addresses.
    connect,    ///< Making the TCP connection.
    secure,     ///< Shaking hands with the proxy by TLS.
    handshake,  ///< Asking the proxy for the tunnel.
    established ///< The tunnel is open.
};

/// A phase's name, for people.
[[nodiscard]] constexpr std::string_view name_of(dial_phase phase) noexcept
{
    constexpr std::string_view names[] = {"resolve", "connect", "secure", "handshake", "established"};
    return names[static_cast<std::size_t>(phase)];
}

/// One thing that was tried on the way to a tunnel: an address, a TLS handshake, a CONNECT request.
struct dial_attempt
{
    dial_phase phase = dial_phase::resolve;   ///< What it was.
    std::string hop{};                        ///< The proxy, as `dial_report::hop`.
    net::ip::tcp::endpoint address{};         ///< In phase connect: which one.
    error_code error{};                       ///< What came of it; none after a success.
    unsigned status = 0;                      ///< In phase handshake: of the answer; 0 if none came.
    std::string scheme{};                     ///< In phase handshake: of the credentials that were sent.
    std::chrono::steady_clock::duration at{}; ///< From the start of the dial to its end.
};

/// How a dial went, whether or not it got through.
/** What proxies have said in it is untrusted: escape it before it goes to a terminal or a log. */
struct dial_report
{
    using duration = std::chrono::steady_clock::duration;

    dial_phase phase = dial_phase::resolve; ///< The last one reached, on the way that was tried last.
    std::size_t way = 0;                    ///< Which way of the list that was, from 0.
    std::size_t hop_index = 0;              ///< Which proxy of that way, from 0.
    std::string hop{};               ///< That proxy, `https://proxy.example:8443`, or `direct` without one.
    net::ip::tcp::endpoint remote{}; ///< The address that answered, or the last one tried.
    net::ip::tcp::endpoint local{};  ///< This end of the connection, if it came about.
    connect_reply reply{};           ///< Of the last proxy that was asked, as far as an answer came.
    tls_facts tls{};                 ///< Of the last proxy that speaks TLS.
    unsigned socks_reply = 0;        ///< The code of a SOCKS proxy's refusal, as it came; 0 without one.
    std::vector<dial_attempt> attempts{}; ///< Everything that was tried, in the order of its end.

    // From the start to the end of each phase, on the way tried last; zero if it was not reached.
    duration resolved{};
    duration connected{};
    duration secured{}; ///< Zero without TLS, too.
    duration established{};
};

} // namespace viaduct

#endif

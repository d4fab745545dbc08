#ifndef VIADUCT_NET_PROXY_HEADER_HPP
#define VIADUCT_NET_PROXY_HEADER_HPP

#include <viaduct/action.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct {

/// What a PROXY protocol header says about the connection that it stands in front of.
struct proxy_header_facts
{
    /// The connection's own addresses count, and the two below are empty: `UNKNOWN` in version 1; `LOCAL`, or
    /// addresses of something else than TCP, in version 2.
    bool local = false;

    net::ip::tcp::endpoint source{};      ///< Who has connected to the sender.
    net::ip::tcp::endpoint destination{}; ///< Where that one has connected to.
};

/// Reads a PROXY protocol header of either version: the server's side, without any I/O.
/**
 * See `action` for how to drive it. Version 1 or 2 shows by the first octet. It takes away the header and not
 * an octet more; TLS, or the request, comes next from the same stream. It ends with
 *
 *   - success; `header()` tells what was read;
 *   - `errc::proxy_header_malformed` for anything else, as soon as it shows: another beginning, a line above
 * 107 octets or not exactly of the specified form, a number with leading zeros, an address of the wrong
 * family, a version, command or family that is not assigned, a length too small for its addresses or above
 * 4096;
 *   - `errc::client_closed_before_head` when the stream ends first, which is how many load balancers look
 * whether a server lives;
 *   - the error of a read that failed.
 *
 * IPv4 addresses mapped to IPv6 are told as IPv4, so that no rule about the one is passed by the other. What
 * follows the addresses in version 2 (the TLVs, and with them a checksum) is passed over. Nobody should take
 * a header from whom he does not trust: it says what its sender likes.
 *
 * Source: sections 2.1 and 2.2 of HAProxy's "The PROXY protocol". `proxy_protocol_header` writes them.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class proxy_header_reader
{
public:
    /// Takes the outcome of the last action and returns the next one; the arguments of the first call are not
    /// looked at.
    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// How many octets of the last read lie behind the header; they were not taken.
    [[nodiscard]] std::size_t surplus() const noexcept { return surplus_; }

    /// What was read; of no meaning before the rule has ended with success.
    [[nodiscard]] proxy_header_facts const& header() const noexcept { return header_; }

private:
    [[nodiscard]] action read_up_to(std::size_t size);
    [[nodiscard]] action on_octets();
    [[nodiscard]] action on_line();
    [[nodiscard]] action on_block();
    [[nodiscard]] action finish(std::size_t size, bool good);
    [[nodiscard]] std::string_view received() const noexcept
    {
        return std::string_view{memory_}.substr(0, size_);
    }

    proxy_header_facts header_;
    std::string memory_;
    std::size_t size_ = 0;
    std::size_t surplus_ = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/proxy_header.ipp>
#endif

#endif

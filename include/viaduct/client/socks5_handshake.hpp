#ifndef VIADUCT_CLIENT_SOCKS5_HANDSHAKE_HPP
#define VIADUCT_CLIENT_SOCKS5_HANDSHAKE_HPP

#include <viaduct/action.hpp>
#include <viaduct/auth/basic.hpp>
#include <viaduct/http/authority.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace viaduct {

/// Asks a SOCKS5 proxy for a tunnel: the client's side of RFC 1928 and RFC 1929, without any I/O.
/**
 * See `action` for how to drive it. It offers to go without authentication and, if there is a user name, the
 * method with user name and password; then it asks for a connection to the target and ends with
 *
 *   - success, once the target is connected. The address that the proxy tells is passed over;
 *   - `errc::socks_auth_unsupported` if the proxy chooses none of the methods that were offered;
 *   - `errc::socks_auth_rejected` if it does not accept user name and password;
 *   - `errc::socks_failed` to `errc::socks_address_type_unsupported` for the reply codes 1 to 8, and
 * `errc::socks_failed` for any other but 0. What follows the code is not read;
 *   - `errc::socks_reply_malformed` for what is no answer of SOCKS5, as soon as it shows;
 *   - `errc::proxy_closed` when the stream ends before the reply does;
 *   - `errc::socks_host_too_long`, before anything is sent;
 *   - the error of a read or write that failed.
 *
 * It never asks for an octet more than the answer has, so there is no surplus, and what the target sends
 * stays in the stream.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class socks5_handshake
{
public:
    /// Asks for a name that the proxy looks up, or for an address if the target's host is one.
    /**
     * @param target Copied as far as it is needed.
     * @param who Up to 255 octets each; the password may be empty. With an empty user name there is nobody.
     */
    VIADUCT_DECL explicit socks5_handshake(authority const& target,
                                           std::optional<credentials> const& who = std::nullopt);

    /// Asks for an IPv4 address that was looked up already, in network order; `to_bytes()` in Asio gives it.
    VIADUCT_DECL socks5_handshake(std::span<unsigned char const, 4> address, std::uint16_t port,
                                  std::optional<credentials> const& who = std::nullopt);

    /// The same for an IPv6 address.
    VIADUCT_DECL socks5_handshake(std::span<unsigned char const, 16> address, std::uint16_t port,
                                  std::optional<credentials> const& who = std::nullopt);

    /// Takes the outcome of the last action and returns the next one; the arguments of the first call are not
    /// looked at.
    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// How many octets of the last read lie behind the reply: always none.
    [[nodiscard]] std::size_t surplus() const noexcept { return 0; }

    /// The reply code as it came, 0 for success; nothing as long as there is none.
    [[nodiscard]] std::optional<unsigned> reply_code() const noexcept { return reply_code_; }

private:
    enum class phase : unsigned char
    {
        start,
        method,
        verdict,
        reply
    };

    socks5_handshake(std::string request, std::optional<credentials> const& who);

    action ask(std::string_view octets, phase answer, std::size_t answer_size);
    action read_more();
    action on_octets();
    action on_method();
    action on_verdict();
    action on_reply();
    [[nodiscard]] unsigned octet(std::size_t at) const noexcept
    {
        return static_cast<unsigned char>(answer_[at]);
    }

    error_code invalid_; // of the credentials
    std::string login_;  // the message with user name and password; empty if there are none
    std::string request_;
    std::array<char, 262> answer_{}; // the longest reply: one with a name of 255 octets
    std::size_t wanted_ = 0;         // octets of the answer, as far as is known
    std::size_t received_ = 0;
    std::optional<unsigned> reply_code_{};
    phase phase_ = phase::start; // which answer is awaited
    bool writing_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/socks5_handshake.ipp>
#endif

#endif

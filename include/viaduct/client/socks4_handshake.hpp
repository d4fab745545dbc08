#ifndef VIADUCT_CLIENT_SOCKS4_HANDSHAKE_HPP
#define VIADUCT_CLIENT_SOCKS4_HANDSHAKE_HPP

#include <viaduct/action.hpp>
#include <viaduct/http/authority.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace viaduct {

/// Asks a SOCKS4 proxy for a tunnel: the client's side of SOCKS4, and of its extension 4A, without any I/O.
/**
 * See `action` for how to drive it. There is no RFC; the rule follows the two notes by the protocol's authors
 * that every implementation goes by. It asks for a connection to the target in the name of a user, whom
 * nothing proves, and ends with
 *
 *   - success, once the target is connected. The address that the proxy tells is passed over;
 *   - `errc::socks_failed` for the reply code 0x5b, and for any other that means nothing;
 *   - `errc::socks_auth_rejected` for the codes 0x5c and 0x5d: the proxy has asked the client's machine who
 * the user is (RFC 1413), and got no answer or another one. What follows a code of failure is not read;
 *   - `errc::socks_reply_malformed` for what is no answer of SOCKS4, as soon as it shows;
 *   - `errc::proxy_closed` when the stream ends before the reply does;
 *   - `errc::socks_address_type_unsupported`, `errc::socks_host_too_long` or `errc::credentials_invalid`,
 * before anything is sent;
 *   - the error of a read or write that failed.
 *
 * The reply has 8 octets, and it never asks for one more: there is no surplus, and what the target sends
 * stays in the stream.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class socks4_handshake
{
public:
    /// The reply code of success.
    static constexpr unsigned granted = 0x5a;

    /// Asks for an IPv4 address if the target's host is one, and otherwise for a name that the proxy looks
    /// up.
    /**
     * Only SOCKS4A has names: a proxy without it takes what stands in place of the address for one, and says
     * that it cannot be reached. An IPv6 address goes as its text, where a name would stand: there is no
     * other form for it, and many proxies give it to their name service, which knows what it is.
     *
     * @param target Copied. An address 0.0.0.x other than 0.0.0.0 cannot be asked for, as it announces a
     * name: `errc::socks_address_type_unsupported`.
     * @param user Copied; often empty. At most 255 octets (`errc::socks_host_too_long`), as many proxies
     * have no room for more, and none of them zero, for that ends it (`errc::credentials_invalid`).
     */
    VIADUCT_DECL explicit socks4_handshake(authority const& target, std::string_view user = {});

    /// Asks for an address that was looked up already, in network order; `to_bytes()` in Asio gives it.
    VIADUCT_DECL socks4_handshake(std::span<unsigned char const, 4> address, std::uint16_t port,
                                  std::string_view user = {});

    /// Takes the outcome of the last action and returns the next one; the arguments of the first call are not
    /// looked at.
    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// How many octets of the last read lie behind the reply: always none.
    [[nodiscard]] std::size_t surplus() const noexcept { return 0; }

    /// The reply code as it came, `granted` for success; nothing as long as there is none.
    [[nodiscard]] std::optional<unsigned> reply_code() const noexcept { return reply_code_; }

private:
    enum class phase : unsigned char
    {
        start,
        request, // is being written
        reply    // is awaited
    };

    action read_more();
    action on_octets();

    error_code invalid_; // of what is to be asked
    std::string request_;
    std::array<char, 8> reply_{};
    std::size_t received_ = 0;
    std::optional<unsigned> reply_code_{};
    phase phase_ = phase::start;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/socks4_handshake.ipp>
#endif

#endif

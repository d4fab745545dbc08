#ifndef VIADUCT_IMPL_CLIENT_SOCKS5_HANDSHAKE_IPP
#define VIADUCT_IMPL_CLIENT_SOCKS5_HANDSHAKE_IPP

#include <viaduct/client/socks5_handshake.hpp>
#include <viaduct/impl/http/authority.ipp> // address_octets

#include <utility>

namespace viaduct {
namespace detail {

namespace socks {

using namespace std::string_view_literals;

inline constexpr unsigned version = 5;
inline constexpr unsigned no_authentication = 0;
inline constexpr unsigned user_and_password = 2;
inline constexpr std::size_t longest = 255; // what one octet can count

inline constexpr std::string_view greeting = "\x05\x01\x00"sv;
inline constexpr std::string_view greeting_with_login = "\x05\x02\x00\x02"sv;

enum address_type : unsigned char
{
    ipv4 = 1,
    name = 3,
    ipv6 = 4
};

} // namespace socks

/// Appends the text behind its length, which must fit into one octet.
inline void append_counted(std::string& out, std::string_view text)
{
    out += static_cast<char>(text.size());
    out += text;
}

/// The CONNECT request (RFC 1928 section 4); `address` is what stands between its type and the port.
[[nodiscard]] inline std::string socks_request(socks::address_type type, std::string_view address,
                                               std::uint16_t port)
{
    std::string request{"\x05\x01\x00", 3};
    request += static_cast<char>(type);
    request += address;
    request += static_cast<char>(port >> 8);
    return request += static_cast<char>(port & 0xff);
}

[[nodiscard]] inline std::string socks_request(socks::address_type type,
                                               std::span<unsigned char const> octets, std::uint16_t port)
{
    return socks_request(type, std::string(octets.begin(), octets.end()), port);
}

[[nodiscard]] inline std::string socks_request(authority const& target)
{
    if (auto const octets = address_octets<AF_INET, 4>(target.host()))
        return socks_request(socks::ipv4, *octets, target.port());
    if (auto const octets = address_octets<AF_INET6, 16>(target.host()))
        return socks_request(socks::ipv6, *octets, target.port());
    std::string counted;
    append_counted(counted, target.host()); // which is never above 253 octets
    return socks_request(socks::name, counted, target.port());
}

/// The message with user name and password (RFC 1929 section 2); empty if nobody is to be named.
[[nodiscard]] inline std::string socks_login(std::optional<credentials> const& who, error_code& ec)
{
    ec = {};
    if (!who || who->user.empty()) return {};
    if (who->user.size() > socks::longest || who->password.size() > socks::longest) {
        ec = errc::socks_host_too_long;
        return {};
    }
    std::string login{"\x01"};
    append_counted(login, who->user);
    append_counted(login, who->password);
    return login;
}

[[nodiscard]] inline errc socks_error(unsigned reply_code)
{
    switch (reply_code) {
    case 2: return errc::socks_denied;
    case 3: return errc::socks_network_unreachable;
    case 4: return errc::socks_host_unreachable;
    case 5: return errc::socks_connection_refused;
    case 6: return errc::socks_ttl_expired;
    case 7: return errc::socks_command_unsupported;
    case 8: return errc::socks_address_type_unsupported;
    default: return errc::socks_failed;
    }
}

/// The size of a reply with an address of this type; 0 for a type that does not exist.
[[nodiscard]] inline std::size_t socks_reply_size(unsigned type, unsigned first_of_address)
{
    constexpr std::size_t around = 4 + 2; // version, reply, reserved, type; the port
    switch (type) {
    case socks::ipv4: return around + 4;
    case socks::name: return around + 1 + first_of_address;
    case socks::ipv6: return around + 16;
    default: return 0;
    }
}

inline constexpr std::size_t socks_reply_start = 5; // what tells the size, and no reply is shorter

} // namespace detail

VIADUCT_DECL socks5_handshake::socks5_handshake(authority const& target,
                                                std::optional<credentials> const& who)
    : socks5_handshake{detail::socks_request(target), who}
{}

VIADUCT_DECL socks5_handshake::socks5_handshake(std::span<unsigned char const, 4> address, std::uint16_t port,
                                                std::optional<credentials> const& who)
    : socks5_handshake{detail::socks_request(detail::socks::ipv4, address, port), who}
{}

VIADUCT_DECL socks5_handshake::socks5_handshake(std::span<unsigned char const, 16> address,
                                                std::uint16_t port, std::optional<credentials> const& who)
    : socks5_handshake{detail::socks_request(detail::socks::ipv6, address, port), who}
{}

VIADUCT_DECL socks5_handshake::socks5_handshake(std::string request, std::optional<credentials> const& who)
    : login_{detail::socks_login(who, invalid_)},
      request_{std::move(request)}
{}

VIADUCT_DECL action socks5_handshake::resume(error_code ec, std::size_t bytes_transferred)
{
    if (phase_ == phase::start) {
        if (invalid_) return action::done(invalid_);
        using namespace detail::socks;
        return ask(login_.empty() ? greeting : greeting_with_login, phase::method, 2);
    }
    if (ec) return action::done(ec);
    if (std::exchange(writing_, false)) return read_more();
    if (bytes_transferred == 0) return action::done(errc::proxy_closed);
    received_ += bytes_transferred;
    return on_octets();
}

/// Writes, and then reads an answer of this size.
VIADUCT_DECL action socks5_handshake::ask(std::string_view octets, phase answer, std::size_t answer_size)
{
    phase_ = answer;
    wanted_ = answer_size;
    received_ = 0;
    writing_ = true;
    return action::write(octets);
}

VIADUCT_DECL action socks5_handshake::read_more()
{
    return action::read(std::span{answer_}.subspan(received_, wanted_ - received_));
}

VIADUCT_DECL action socks5_handshake::on_octets()
{
    if (phase_ == phase::reply) return on_reply();
    // Some proxies repeat the 5 before their verdict, where RFC 1929 has a 1: only the verdict counts.
    bool const other = phase_ == phase::method && octet(0) != detail::socks::version;
    if (other) return action::done(errc::socks_reply_malformed);
    if (received_ < wanted_) return read_more();
    return phase_ == phase::method ? on_method() : on_verdict();
}

VIADUCT_DECL action socks5_handshake::on_method()
{
    if (octet(1) == detail::socks::no_authentication)
        return ask(request_, phase::reply, detail::socks_reply_start);
    if (octet(1) == detail::socks::user_and_password && !login_.empty())
        return ask(login_, phase::verdict, 2);
    return action::done(errc::socks_auth_unsupported);
}

VIADUCT_DECL action socks5_handshake::on_verdict()
{
    if (octet(1) != 0) return action::done(errc::socks_auth_rejected);
    return ask(request_, phase::reply, detail::socks_reply_start);
}

/// Judges each octet as soon as it is there: some proxies send no more than the code of a failure.
VIADUCT_DECL action socks5_handshake::on_reply()
{
    if (octet(0) != detail::socks::version) return action::done(errc::socks_reply_malformed);
    if (received_ >= 2) reply_code_ = octet(1);
    if (reply_code_.value_or(0) != 0) return action::done(detail::socks_error(*reply_code_));
    if (received_ >= detail::socks_reply_start) wanted_ = detail::socks_reply_size(octet(3), octet(4));
    if (wanted_ == 0) return action::done(errc::socks_reply_malformed);
    return received_ < wanted_ ? read_more() : action::done();
}

} // namespace viaduct

#endif

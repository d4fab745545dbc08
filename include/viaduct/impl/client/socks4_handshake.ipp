#ifndef VIADUCT_IMPL_CLIENT_SOCKS4_HANDSHAKE_IPP
#define VIADUCT_IMPL_CLIENT_SOCKS4_HANDSHAKE_IPP

#include <viaduct/client/socks4_handshake.hpp>
#include <viaduct/impl/http/authority.ipp> // address_octets

namespace viaduct {
namespace detail {

namespace socks4 {

using octets = std::span<unsigned char const, 4>;

inline constexpr std::size_t longest_user = 255;
inline constexpr std::array<unsigned char, 4> a_name_follows{0, 0, 0, 1};

/// Whether an address stands for a name behind the user: 0.0.0.x, where x is not 0.
[[nodiscard]] inline bool announces_name(octets address)
{
    return address[0] == 0 && address[1] == 0 && address[2] == 0 && address[3] != 0;
}

[[nodiscard]] inline error_code check(octets address, std::string_view user)
{
    if (announces_name(address)) return errc::socks_address_type_unsupported;
    if (user.size() > longest_user) return errc::socks_host_too_long;
    if (user.find('\0') != std::string_view::npos) return errc::credentials_invalid;
    return {};
}

/// The CONNECT request: version, command, port, address, user, zero.
[[nodiscard]] inline std::string request(octets address, std::uint16_t port, std::string_view user)
{
    std::string text{"\x04\x01"};
    text += static_cast<char>(port >> 8);
    text += static_cast<char>(port & 0xff);
    text += std::string(address.begin(), address.end());
    return text.append(user) += '\0';
}

[[nodiscard]] inline errc error_of(unsigned reply_code)
{
    constexpr unsigned nobody_answers = 0x5c; // where the client's machine was asked for the user
    constexpr unsigned another_user = 0x5d;
    bool const is_about_user = reply_code == nobody_answers || reply_code == another_user;
    return is_about_user ? errc::socks_auth_rejected : errc::socks_failed;
}

} // namespace socks4
} // namespace detail

VIADUCT_DECL socks4_handshake::socks4_handshake(authority const& target, std::string_view user)
{
    namespace socks4 = detail::socks4;
    auto const address = detail::address_octets<AF_INET, 4>(target.host());
    invalid_ = socks4::check(address.value_or(std::array<unsigned char, 4>{}), user);
    request_ = socks4::request(address.value_or(socks4::a_name_follows), target.port(), user);
    if (!address) request_.append(target.host()) += '\0';
}

VIADUCT_DECL socks4_handshake::socks4_handshake(std::span<unsigned char const, 4> address, std::uint16_t port,
                                                std::string_view user)
    : invalid_{detail::socks4::check(address, user)},
      request_{detail::socks4::request(address, port, user)}
{}

VIADUCT_DECL action socks4_handshake::resume(error_code ec, std::size_t bytes_transferred)
{
    if (phase_ == phase::start) {
        if (invalid_) return action::done(invalid_);
        phase_ = phase::request;
        return action::write(request_);
    }
    if (ec) return action::done(ec);
    if (phase_ == phase::request) {
        phase_ = phase::reply;
        return read_more();
    }
    if (bytes_transferred == 0) return action::done(errc::proxy_closed);
    received_ += bytes_transferred;
    return on_octets();
}

VIADUCT_DECL action socks4_handshake::read_more()
{
    return action::read(std::span{reply_}.subspan(received_));
}

/// Judges each octet as soon as it is there: a proxy may close behind the code of a failure.
VIADUCT_DECL action socks4_handshake::on_octets()
{
    if (reply_[0] != 0) return action::done(errc::socks_reply_malformed); // the version, which is not the 4
    if (received_ >= 2) reply_code_ = static_cast<unsigned char>(reply_[1]);
    if (reply_code_.value_or(granted) != granted) return action::done(detail::socks4::error_of(*reply_code_));
    return received_ < reply_.size() ? read_more() : action::done();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_NET_PROXY_HEADER_IPP
#define VIADUCT_IMPL_NET_PROXY_HEADER_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/detail/proxy_v1.hpp>
#include <viaduct/detail/proxy_v2.hpp>
#include <viaduct/impl/http/authority.ipp> // address_octets
#include <viaduct/net/proxy_header.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace viaduct {
namespace detail {

/// The words of a line, with one space between two of them.
class spaced_words
{
public:
    explicit spaced_words(std::string_view text) : text_{text} {}

    [[nodiscard]] std::string_view next()
    {
        auto const at = std::min(text_.find(' '), text_.size());
        auto const word = text_.substr(0, at);
        more_ = at != text_.size();
        text_.remove_prefix(more_ ? at + 1 : at);
        return word;
    }

    /// Whether a space, and perhaps nothing else, follows the last word.
    [[nodiscard]] bool more() const noexcept { return more_; }

private:
    std::string_view text_;
    bool more_ = true;
};

/// `0` to `65535`, written in the one way there is.
[[nodiscard]] inline std::optional<std::uint16_t> proxy_v1_port(std::string_view text)
{
    std::uint16_t port = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    bool const whole = ec == std::errc{} && end == text.data() + text.size();
    return whole && (text.size() == 1 || text[0] != '0') ? std::optional{port} : std::nullopt;
}

/// An address of the one family that the line has named.
[[nodiscard]] inline std::optional<net::ip::address> proxy_v1_address(std::string_view text,
                                                                      std::string_view family)
{
    if (family == proxy_v1::tcp_over_ipv4) {
        auto const octets = address_octets<AF_INET, 4>(text);
        if (!octets) return std::nullopt;
        net::ip::address const address = net::ip::address_v4{*octets};
        return to_text(address) == text ? std::optional{address} : std::nullopt; // some systems take 010
    }
    auto const octets = address_octets<AF_INET6, 16>(text);
    return octets ? std::optional{plain_address(net::ip::address_v6{*octets})} : std::nullopt;
}

/// Reads a line without its start and end.
[[nodiscard]] inline bool read_proxy_v1(std::string_view line, proxy_header_facts& facts)
{
    spaced_words words{line};
    auto const family = words.next();
    facts.local = family == proxy_v1::unknown; // whatever follows, section 2.1 says, is to be ignored
    if (facts.local) return true;
    if (family != proxy_v1::tcp_over_ipv4 && family != proxy_v1::tcp_over_ipv6) return false;
    auto const source = proxy_v1_address(words.next(), family);
    auto const destination = proxy_v1_address(words.next(), family);
    auto const source_port = proxy_v1_port(words.next());
    auto const destination_port = proxy_v1_port(words.next());
    if (!source || !destination || !source_port || !destination_port || words.more()) return false;
    facts.source = {*source, *source_port};
    facts.destination = {*destination, *destination_port};
    return true;
}

[[nodiscard]] inline unsigned octet_at(std::string_view block, std::size_t at)
{
    return static_cast<unsigned char>(block[at]);
}

/// Two octets, the higher one first.
[[nodiscard]] inline std::uint16_t number_at(std::string_view block, std::size_t at)
{
    return static_cast<std::uint16_t>(octet_at(block, at) << 8 | octet_at(block, at + 1));
}

/// Two addresses, and then two ports.
template <class Address>
[[nodiscard]] bool read_proxy_v2_ends(std::string_view rest, proxy_header_facts& facts)
{
    typename Address::bytes_type source{};
    typename Address::bytes_type destination{};
    constexpr std::size_t size = source.size();
    if (rest.size() < 2 * size + 4) return false;
    for (std::size_t i = 0; i < size; ++i) {
        source[i] = static_cast<unsigned char>(rest[i]);
        destination[i] = static_cast<unsigned char>(rest[size + i]);
    }
    facts.source = {plain_address(Address{source}), number_at(rest, 2 * size)};
    facts.destination = {plain_address(Address{destination}), number_at(rest, 2 * size + 2)};
    return true;
}

[[nodiscard]] inline bool read_proxy_v2(std::string_view block, proxy_header_facts& facts)
{
    auto const command = octet_at(block, proxy_v2::signature.size());
    auto const family = octet_at(block, proxy_v2::signature.size() + 1);
    facts.local = command == proxy_v2::local; // whatever the family is
    if (facts.local) return true;
    if (command != proxy_v2::proxy || (family >> 4) > proxy_v2::last_family ||
        (family & 15) > proxy_v2::last_transport)
        return false;
    auto const rest = block.substr(proxy_v2::fixed_size);
    if (family == proxy_v2::tcp_over_ipv4) return read_proxy_v2_ends<net::ip::address_v4>(rest, facts);
    if (family == proxy_v2::tcp_over_ipv6) return read_proxy_v2_ends<net::ip::address_v6>(rest, facts);
    facts.local = true;
    return true;
}

} // namespace detail

VIADUCT_DECL action proxy_header_reader::resume(error_code ec, std::size_t bytes_transferred)
{
    surplus_ = 0;
    if (memory_.empty()) return read_up_to(detail::proxy_v1::longest);
    if (ec) return action::done(ec);
    if (bytes_transferred == 0) return action::done(errc::client_closed_before_head);
    size_ += bytes_transferred;
    return on_octets();
}

VIADUCT_DECL action proxy_header_reader::read_up_to(std::size_t size)
{
    if (memory_.size() < size) memory_.resize(size);
    return action::read(std::span{memory_}.subspan(size_));
}

VIADUCT_DECL action proxy_header_reader::on_octets()
{
    auto const begins_like = [this](std::string_view start) {
        return received().substr(0, start.size()) == start.substr(0, size_);
    };
    if (begins_like(detail::proxy_v1::start)) return on_line();
    if (begins_like(detail::proxy_v2::signature)) return on_block();
    return finish(size_, false);
}

VIADUCT_DECL action proxy_header_reader::on_line()
{
    using namespace detail::proxy_v1;
    auto const at = received().substr(0, longest).find(end);
    if (at == std::string_view::npos) return size_ < longest ? read_up_to(longest) : finish(size_, false);
    auto const line = received().substr(0, at).substr(start.size());
    return finish(at + end.size(), detail::read_proxy_v1(line, header_));
}

VIADUCT_DECL action proxy_header_reader::on_block()
{
    using namespace detail::proxy_v2;
    if (size_ < fixed_size) return read_up_to(fixed_size);
    std::size_t const rest = detail::number_at(received(), fixed_size - 2);
    if (rest > largest_rest) return finish(size_, false);
    auto const whole = fixed_size + rest;
    if (size_ < whole) return read_up_to(whole);
    return finish(whole, detail::read_proxy_v2(received().substr(0, whole), header_));
}

/// Ends behind so many octets; those of a header that is none were taken, for nobody has a use for them.
VIADUCT_DECL action proxy_header_reader::finish(std::size_t size, bool good)
{
    surplus_ = size_ - size;
    return action::done(good ? error_code{} : make_error_code(errc::proxy_header_malformed));
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_SERVER_ADDRESS_GUARD_IPP
#define VIADUCT_IMPL_SERVER_ADDRESS_GUARD_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/impl/server/carried_addresses.hpp>
#include <viaduct/impl/server/special_addresses.hpp>
#include <viaduct/impl/server/special_names.hpp>
#include <viaduct/server/address_guard.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>

namespace viaduct {

VIADUCT_DECL std::string_view to_string(address_class c) noexcept
{
    switch (c) {
    case address_class::global: return "global";
    case address_class::unspecified: return "unspecified";
    case address_class::loopback: return "loopback";
    case address_class::private_use: return "private";
    case address_class::shared: return "shared";
    case address_class::link_local: return "link-local";
    case address_class::multicast: return "multicast";
    case address_class::broadcast: return "broadcast";
    case address_class::documentation: return "documentation";
    case address_class::benchmarking: return "benchmarking";
    default: return "reserved";
    }
}

VIADUCT_DECL address_class classify(net::ip::address const& address) noexcept
{
    return address.is_v4() ? detail::classify_ipv4(address.to_v4().to_bytes())
                           : detail::classify_ipv6(address.to_v6().to_bytes());
}

VIADUCT_DECL address_block address_block::parse(std::string_view text, error_code& ec)
{
    address_block block;
    auto const slash = text.find('/');
    block.address_ = net::ip::make_address(std::string{text.substr(0, slash)}, ec);
    if (ec) return {};
    unsigned const bits = block.address_.is_v4() ? 32 : 128;
    block.length_ = bits;
    if (slash == std::string_view::npos) return block;

    auto const digits = text.substr(slash + 1);
    auto const last = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, block.length_);
    bool const number = error == std::errc{} && end == last && block.length_ <= bits;
    if (number && block.is_canonical()) return block;
    ec = net::error::invalid_argument;
    return {};
}

VIADUCT_DECL address_block address_block::parse(std::string_view text)
{
    error_code ec;
    auto const block = parse(text, ec);
    if (ec) throw system_error(ec, "no block of addresses: " + std::string{text});
    return block;
}

VIADUCT_DECL bool address_block::is_canonical() const noexcept
{
    auto const rest_is_zero = [&](auto const& octets) {
        for (std::size_t bit = length_; bit < octets.size() * 8; ++bit)
            if ((octets[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
        return true;
    };
    return address_.is_v4() ? rest_is_zero(address_.to_v4().to_bytes())
                            : rest_is_zero(address_.to_v6().to_bytes());
}

VIADUCT_DECL bool address_block::contains(net::ip::address const& address) const noexcept
{
    if (length_ == nothing || address.is_v4() != address_.is_v4()) return false;
    return address.is_v4()
               ? detail::same_prefix(address.to_v4().to_bytes(), address_.to_v4().to_bytes(), length_)
               : detail::same_prefix(address.to_v6().to_bytes(), address_.to_v6().to_bytes(), length_);
}

VIADUCT_DECL void address_guard::nat64(address_block prefix, error_code& ec)
{
    static constexpr auto lengths = std::to_array({32U, 40U, 48U, 56U, 64U, 96U});
    bool const is_length = std::find(lengths.begin(), lengths.end(), prefix.length()) != lengths.end();
    ec = {};
    if (!is_length || prefix.address().is_v4()) ec = net::error::invalid_argument;
    if (!ec) nat64_.push_back(prefix);
}

VIADUCT_DECL void address_guard::nat64(address_block prefix)
{
    error_code ec;
    nat64(prefix, ec);
    if (ec) throw system_error{ec, "NAT64 prefix"};
}

VIADUCT_DECL bool address_guard::is_allowed(net::ip::address const& address) const noexcept
{
    return std::any_of(allowed_.begin(), allowed_.end(),
                       [&](auto const& block) { return block.contains(address); });
}

VIADUCT_DECL bool address_guard::is_translated(net::ip::address_v6 const& address) const noexcept
{
    return std::any_of(nat64_.begin(), nat64_.end(),
                       [&](auto const& prefix) { return prefix.contains(address); });
}

/// As the function above, with the prefixes that are known here only.
template <class Predicate>
bool address_guard::all_of_carried(net::ip::address_v6 const& address, Predicate holds) const
{
    auto const octets = address.to_bytes();
    return detail::all_of_carried(octets, holds) &&
           std::all_of(nat64_.begin(), nat64_.end(), [&](auto const& prefix) {
               return !prefix.contains(address) || holds(detail::translated(octets, prefix.length()));
           });
}

VIADUCT_DECL bool address_guard::allows(net::ip::address const& address) const noexcept
{
    if (all_ || (address.is_v4() && classify(address) == address_class::global)) return true;
    if (address.is_v4()) return is_allowed(address);
    auto const v6 = address.to_v6();
    bool const translated = is_translated(v6);
    if (!translated && is_allowed(address)) return true;
    bool const unwrapped = translated || detail::own_class(v6.to_bytes()) == address_class::global;
    return unwrapped && all_of_carried(v6, [&](auto const& carried) {
               return detail::classify_ipv4(carried) == address_class::global ||
                      is_allowed(net::ip::address_v4{carried});
           });
}

VIADUCT_DECL bool address_guard::is_own(net::ip::address const& address, unsigned short port) const noexcept
{
    auto const here = classify(address);
    bool const loops_back = here == address_class::loopback || here == address_class::unspecified;
    return std::any_of(own_.begin(), own_.end(), [&](net::ip::tcp::endpoint const& own) {
        bool const to_any = here == address_class::unspecified && own.address().is_loopback();
        return own.port() == port && (address == detail::without_mapping(own.address()) || to_any ||
                                      (own.address().is_unspecified() && loops_back));
    });
}

VIADUCT_DECL bool address_guard::allows(net::ip::tcp::endpoint const& endpoint) const noexcept
{
    auto const address = detail::without_mapping(endpoint.address());
    if (!allows(endpoint.address()) || is_own(address, endpoint.port())) return false;
    if (own_.empty() || address.is_v4()) return true;
    auto const v6 = address.to_v6();
    bool const unwrapped = is_translated(v6) || detail::own_class(v6.to_bytes()) == address_class::global;
    return !unwrapped || all_of_carried(v6, [&](auto const& carried) {
        return !is_own(net::ip::address_v4{carried}, endpoint.port());
    });
}

/// Whether a block was allowed that has addresses of a class.
VIADUCT_DECL bool address_guard::allows_some(address_class kind) const noexcept
{
    auto const overlaps = [&](auto const& octets, unsigned length, auto const& table) {
        return std::any_of(table.begin(), table.end(), [&](auto const& special) {
            return special.kind == kind &&
                   detail::same_prefix(octets, special.prefix, std::min(length, special.length));
        });
    };
    return std::any_of(allowed_.begin(), allowed_.end(), [&](address_block const& block) {
        auto const& first = block.address();
        return first.is_v4() ? overlaps(first.to_v4().to_bytes(), block.length(), detail::ipv4_blocks)
                             : overlaps(first.to_v6().to_bytes(), block.length(), detail::ipv6_blocks);
    });
}

VIADUCT_DECL bool address_guard::allows_name(std::string_view host) const
{
    if (all_) return true;
    error_code not_an_address;
    auto const address = net::ip::make_address(std::string{host}, not_an_address);
    if (!not_an_address) return allows(address);
    auto const kind = detail::class_of_name(host);
    if (kind == address_class::global || allows_some(kind)) return true;
    return kind == address_class::private_use &&
           (allows_some(address_class::shared) || allows_some(address_class::link_local));
}

VIADUCT_DECL bool address_guard::leads_back(net::ip::tcp::socket const& connection,
                                            net::ip::tcp::endpoint const& remote) const noexcept
{
    bool const suspicious = std::any_of(own_.begin(), own_.end(), [&](auto const& own) {
        return own.address().is_unspecified() && own.port() == remote.port();
    });
    if (!suspicious) return false; // as it nearly always is
    error_code ec;                 // a connection that has ended leads nowhere
    auto const local = connection.local_endpoint(ec);
    // The kernel gives both ends one address where a connection stays on the machine.
    return !ec && local.address() == remote.address();
}

} // namespace viaduct

#endif

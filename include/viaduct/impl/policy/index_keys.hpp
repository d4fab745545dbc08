#ifndef VIADUCT_IMPL_POLICY_INDEX_KEYS_HPP
#define VIADUCT_IMPL_POLICY_INDEX_KEYS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/plain_address.hpp>

#include <array>
#include <bitset>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace viaduct::detail::acls {

/// What part of a request an ACL is looked up by; the one that tells more apart first.
enum class key_kind : unsigned char
{
    host,   ///< The host, or a domain that it is in.
    target, ///< Its addresses.
    client,
    local,
    port,
    local_port
};

inline constexpr std::size_t key_kinds = 6;

/// A number of 128 bits: an address (one of IPv4 as IPv6 maps it), or a port.
struct wide_number
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend auto operator<=>(wide_number const&, wide_number const&) = default;
};

inline constexpr unsigned wide_bits = 128;

/// The bits behind the first `length` ones.
[[nodiscard]] constexpr wide_number rest_of(unsigned length) noexcept
{
    constexpr auto all = ~std::uint64_t{0};
    if (length >= wide_bits) return {0, 0};
    if (length >= 64) return {0, all >> (length - 64)};
    return {all >> length, all};
}

[[nodiscard]] constexpr wide_number first_of_block(wide_number n, unsigned length) noexcept
{
    auto const rest = rest_of(length);
    return {n.high & ~rest.high, n.low & ~rest.low};
}

[[nodiscard]] constexpr wide_number last_of_block(wide_number n, unsigned length) noexcept
{
    auto const rest = rest_of(length);
    return {n.high | rest.high, n.low | rest.low};
}

[[nodiscard]] constexpr wide_number after(wide_number n) noexcept
{
    return {n.low + 1 == 0 ? n.high + 1 : n.high, n.low + 1};
}

/// The first octets of an address, in their order, as a number.
template <class Octets>
[[nodiscard]] wide_number as_number(Octets const& octets) noexcept
{
    wide_number n{0, sizeof(Octets) == 4 ? 0xffffu : 0u};
    for (auto const octet : octets)
        n = {n.high << 8 | n.low >> 56, n.low << 8 | octet};
    return n;
}

[[nodiscard]] inline wide_number as_number(net::ip::address const& address)
{
    auto const plain = without_mapping(address);
    return plain.is_v4() ? as_number(plain.to_v4().to_bytes()) : as_number(plain.to_v6().to_bytes());
}

/// Spreads what differs in any bit over all of them.
[[nodiscard]] constexpr std::uint64_t spread(std::uint64_t x) noexcept
{
    x = (x ^ x >> 32) * 0xd1b54a32d192ed03u;
    return x ^ x >> 32;
}

[[nodiscard]] constexpr std::uint64_t block_key(key_kind kind, wide_number first, unsigned length) noexcept
{
    auto const tag = static_cast<std::uint64_t>(kind) << 8 | length;
    return spread(spread(spread(tag) + first.low) + first.high);
}

/// The keys of hosts and domains.
class host_hash
{
public:
    /// Goes through a host name from its end, and calls `use` with each domain that the host is in, itself
    /// the last, and then with the host: its key, its name, and whether it is a domain.
    template <class Use>
    static void for_each(std::string_view host, Use use)
    {
        std::uint64_t hash = 0;
        for (auto at = host.size(); at-- > 0;) {
            if (host[at] == '.') use(spread(hash + domain_tag), host.substr(at + 1), true);
            hash = next(hash, host[at]);
        }
        use(spread(hash + domain_tag), host, true);
        use(spread(hash), host, false);
    }

    [[nodiscard]] static std::uint64_t key_of(std::string_view name, bool is_domain) noexcept
    {
        std::uint64_t hash = 0;
        for (auto at = name.size(); at-- > 0;)
            hash = next(hash, name[at]);
        return spread(is_domain ? hash + domain_tag : hash);
    }

private:
    static constexpr std::uint64_t domain_tag = 0x5851f42d4c957f2du;

    [[nodiscard]] static std::uint64_t next(std::uint64_t hash, char c) noexcept
    {
        return (hash + static_cast<unsigned char>(c) + 1) * 0x9e3779b97f4a7c15u;
    }
};

/// The keys of an ACL: a request that it matches has one of them.
/**
 * They are hashes, and two may be the same by chance: whoever is found by them is asked, not believed.
 */
class index_keys
{
public:
    /// An ACL with more of them is as quick as an index.
    static constexpr std::size_t most = 1u << 16;

    /// Adds what `host_hash` makes of a name.
    void add_name(std::uint64_t key) { add(key_kind::host, key); }

    /// Adds all numbers from one to another.
    void add_range(key_kind kind, wide_number first, wide_number last)
    {
        while (is_useful()) {
            auto const length = block_at(first, last);
            add(kind, block_key(kind, first, length));
            lengths_[static_cast<std::size_t>(kind)].set(length);
            if (length == 0) everything_ = true;
            auto const end = last_of_block(first, length);
            if (end >= last) return;
            first = after(end);
        }
    }

    /// Whether they tell some requests from others, at a cost.
    [[nodiscard]] bool is_useful() const noexcept { return !everything_ && hashes_.size() <= most; }

    [[nodiscard]] key_kind kind() const noexcept { return kind_; }
    [[nodiscard]] std::vector<std::uint64_t> const& hashes() const noexcept { return hashes_; }

    /// How long the blocks of this kind are that its ranges have been cut into.
    [[nodiscard]] std::bitset<wide_bits + 1> const& lengths(std::size_t kind) const noexcept
    {
        return lengths_[kind];
    }

private:
    void add(key_kind kind, std::uint64_t hash)
    {
        if (hashes_.empty() || kind > kind_) kind_ = kind;
        if (is_useful()) hashes_.push_back(hash);
    }

    /// The length of the largest block that begins here and does not reach beyond `last`.
    [[nodiscard]] static unsigned block_at(wide_number first, wide_number last) noexcept
    {
        unsigned length = wide_bits;
        while (length > 0 && first == first_of_block(first, length - 1) &&
               last_of_block(first, length - 1) <= last)
            --length;
        return length;
    }

    std::vector<std::uint64_t> hashes_;
    std::array<std::bitset<wide_bits + 1>, key_kinds> lengths_{};
    key_kind kind_ = key_kind::host; // the one that tells least apart
    bool everything_ = false;
};

} // namespace viaduct::detail::acls

#endif

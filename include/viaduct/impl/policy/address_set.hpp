#ifndef VIADUCT_IMPL_POLICY_ADDRESS_SET_HPP
#define VIADUCT_IMPL_POLICY_ADDRESS_SET_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/impl/policy/index_keys.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace viaduct::detail::acls {

/// Octets from one address to another, both included.
template <class Octets>
struct octet_range
{
    Octets first;
    Octets last;
};

/// Ranges in order and apart, so that a look among thousands is a short one.
template <class Octets>
class range_set
{
public:
    void add(octet_range<Octets> range)
    {
        // Those that it touches become one with it.
        auto at = last_from(range.last);
        while (at != ranges_.end() && !(at->second < range.first)) {
            range = {std::min(range.first, at->first), std::max(range.last, at->second)};
            ranges_.erase(at);
            at = last_from(range.last);
        }
        ranges_.emplace(range.first, range.last);
    }

    [[nodiscard]] bool contains(Octets const& address) const noexcept
    {
        auto const behind = ranges_.upper_bound(address);
        return behind != ranges_.begin() && !(std::prev(behind)->second < address);
    }

    void add(range_set const& other)
    {
        for (auto const& [first, last] : other.ranges_)
            add({first, last});
    }

    void list_keys(key_kind kind, index_keys& keys) const
    {
        for (auto const& [first, last] : ranges_)
            keys.add_range(kind, as_number(first), as_number(last));
    }

private:
    /// The last range that begins at this address or before.
    [[nodiscard]] auto last_from(Octets const& address)
    {
        auto const behind = ranges_.upper_bound(address);
        return behind == ranges_.begin() ? ranges_.end() : std::prev(behind);
    }

    std::map<Octets, Octets> ranges_; // first and last address
};

/// Addresses of both families. An IPv4 address that is written as an IPv6 one is the IPv4 one.
class address_set
{
public:
    using v4_octets = net::ip::address_v4::bytes_type;
    using v6_octets = net::ip::address_v6::bytes_type;

    void add(octet_range<v4_octets> const& range) { v4_.add(range); }
    void add(octet_range<v6_octets> const& range) { v6_.add(range); }

    void add_all_v4() { v4_.add({filled<v4_octets>(0), filled<v4_octets>(0xff)}); }
    void add_all_v6() { v6_.add({filled<v6_octets>(0), filled<v6_octets>(0xff)}); }

    void add(address_set const& other)
    {
        v4_.add(other.v4_);
        v6_.add(other.v6_);
    }

    void list_keys(key_kind kind, index_keys& keys) const
    {
        v4_.list_keys(kind, keys);
        v6_.list_keys(kind, keys);
    }

    [[nodiscard]] bool contains(net::ip::address const& address) const noexcept
    {
        if (address.is_v4()) return v4_.contains(address.to_v4().to_bytes());
        auto const octets = address.to_v6().to_bytes();
        if (!address.to_v6().is_v4_mapped()) return v6_.contains(octets);
        v4_octets plain{};
        std::copy(octets.end() - 4, octets.end(), plain.begin());
        return v4_.contains(plain);
    }

private:
    template <class Octets>
    [[nodiscard]] static Octets filled(unsigned char octet)
    {
        Octets octets{};
        octets.fill(octet);
        return octets;
    }

    range_set<v4_octets> v4_;
    range_set<v6_octets> v6_;
};

} // namespace viaduct::detail::acls

#endif

#ifndef VIADUCT_IMPL_POLICY_ADDRESS_ACLS_HPP
#define VIADUCT_IMPL_POLICY_ADDRESS_ACLS_HPP

#include <viaduct/impl/policy/address_set.hpp>
#include <viaduct/impl/policy/configured_acl.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct::detail::acls {

/// How many leading bits a mask has; nothing if it has any behind a gap.
template <class Octets>
[[nodiscard]] std::optional<unsigned> bits_of(Octets const& mask)
{
    unsigned bits = 0;
    bool over = false;
    for (std::size_t bit = 0; bit < mask.size() * 8; ++bit) {
        bool const set = (mask[bit / 8] >> (7 - bit % 8) & 1) != 0;
        if (set && over) return std::nullopt;
        over = over || !set;
        if (set) ++bits;
    }
    return bits;
}

/// The length of a prefix that stands behind a slash: a number, or a mask of the same family.
template <class Octets>
[[nodiscard]] std::optional<unsigned> read_mask(std::string_view text)
{
    if (auto const bits = number(text, sizeof(Octets) * 8)) return bits;
    error_code ec;
    auto const mask = net::ip::make_address(std::string{text}, ec);
    if (ec || mask.is_v4() != (sizeof(Octets) == 4)) return std::nullopt;
    return mask.is_v4() ? bits_of(mask.to_v4().to_bytes()) : bits_of(mask.to_v6().to_bytes());
}

/// The first or last address of a block.
/** Bits of `address` beyond the length are taken away, as Squid does. */
template <class Octets>
[[nodiscard]] Octets end_of_block(Octets address, unsigned length, bool last)
{
    for (std::size_t bit = length; bit < address.size() * 8; ++bit) {
        auto const mask = static_cast<unsigned char>(0x80u >> bit % 8);
        auto& octet = address[bit / 8];
        octet = static_cast<unsigned char>(last ? octet | mask : octet & ~mask);
    }
    return address;
}

/// One value of an ACL of addresses: `FIRST[-LAST][/MASK]`.
class address_value
{
public:
    explicit address_value(std::string_view text)
    {
        auto const slash = text.find('/');
        if (slash != std::string_view::npos) {
            mask_ = text.substr(slash + 1);
            text = text.substr(0, slash);
        }
        auto const dash = text.find('-');
        first_ = read(text.substr(0, dash), valid_);
        last_ = first_;
        if (dash == std::string_view::npos || !valid_) return;
        last_ = read(text.substr(dash + 1), valid_);
        valid_ = valid_ && first_.is_v4() == last_.is_v4();
    }

    /// Whether it begins as an address does.
    [[nodiscard]] bool is_address() const noexcept { return valid_; }

    /// Adds what it says; false if that makes no sense.
    [[nodiscard]] bool add_to(address_set& set) const
    {
        return first_.is_v4() ? add_to(set, first_.to_v4().to_bytes(), last_.to_v4().to_bytes())
                              : add_to(set, first_.to_v6().to_bytes(), last_.to_v6().to_bytes());
    }

private:
    [[nodiscard]] static net::ip::address read(std::string_view text, bool& valid)
    {
        error_code ec;
        auto const address = net::ip::make_address(std::string{text}, ec);
        valid = !ec && text.find('%') == std::string_view::npos; // a zone means nothing to a rule
        return address;
    }

    template <class Octets>
    [[nodiscard]] bool add_to(address_set& set, Octets const& first, Octets const& last) const
    {
        auto length = std::optional<unsigned>{static_cast<unsigned>(sizeof(Octets) * 8)};
        if (mask_) length = read_mask<Octets>(*mask_);
        if (!length || last < first) return false;
        set.add(octet_range<Octets>{end_of_block(first, *length, false), end_of_block(last, *length, true)});
        return true;
    }

    std::optional<std::string_view> mask_{};
    net::ip::address first_{};
    net::ip::address last_{};
    bool valid_ = false;
};

/// What the ACLs of addresses have in common: their values.
class address_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            if (!read_value(words, words.take())) return false;
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        set_.add(static_cast<address_acl&>(other).set_);
        return true;
    }

protected:
    [[nodiscard]] bool has(net::ip::address const& address) const noexcept { return set_.contains(address); }

    [[nodiscard]] bool list_blocks(key_kind kind, index_keys& keys) const
    {
        set_.list_keys(kind, keys);
        return true;
    }

private:
    [[nodiscard]] bool read_value(word_reader& words, std::string const& text)
    {
        bool const all = text == "all";
        if (all || text == "ipv4") set_.add_all_v4();
        if (all || text == "ipv6") set_.add_all_v6();
        if (all || text == "ipv4" || text == "ipv6") return true;
        address_value const value{text};
        if (value.is_address())
            return value.add_to(set_) || words.refuse(in_quotes(text) + " is no block and no range",
                                                      "ADDRESS/BITS, ADDRESS/NETMASK or FIRST-LAST");
        return words.refuse(in_quotes(text) + " is no address",
                            "names are not looked up here: dstdomain is for "
                            "those of targets");
    }

    address_set set_;
};

/// An address of the connection that the request came over.
template <net::ip::tcp::endpoint request_facts::*Endpoint, key_kind Kind>
class endpoint_acl final : public address_acl
{
public:
    using address_acl::address_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool list_keys(index_keys& keys) const override { return list_blocks(Kind, keys); }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return matches_if(has((inquiry.facts.*Endpoint).address()));
    }
};

using src_acl = endpoint_acl<&request_facts::client, key_kind::client>;
using localip_acl = endpoint_acl<&request_facts::local, key_kind::local>;

class dst_acl final : public address_acl
{
public:
    using address_acl::address_acl;

    [[nodiscard]] unsigned needs() const noexcept override
    {
        return looks_up_ ? needs_addresses : needs_nothing;
    }

    [[nodiscard]] bool list_keys(index_keys& keys) const override
    {
        return list_blocks(key_kind::target, keys);
    }

    [[nodiscard]] bool read(word_reader& words) override
    {
        auto const set = [&](std::string_view flag) { return looks_up_ = flag != "-n", !looks_up_; };
        return take_flags(words, "-n", set) && address_acl::read(words);
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader& words) override
    {
        looks_up_ =
            looks_up_ && static_cast<dst_acl&>(other).looks_up_; // a flag is the whole ACL's, as in Squid
        return address_acl::take(other, words);
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& facts = inquiry.facts;
        if (facts.target->is_address()) {
            error_code ec;
            auto const address = net::ip::make_address(facts.target->host().c_str(), ec);
            return matches_if(!ec && has(address));
        }
        if (!looks_up_) return acl_answer::no_match;
        if (facts.addresses == nullptr) return acl_answer::wants_addresses;
        return matches_if(std::any_of(facts.addresses->begin(), facts.addresses->end(),
                                      [&](auto const& address) { return has(address); }));
    }

    bool looks_up_ = true;
};

} // namespace viaduct::detail::acls

#endif

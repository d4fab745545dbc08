#ifndef VIADUCT_IMPL_POLICY_RULE_INDEX_HPP
#define VIADUCT_IMPL_POLICY_RULE_INDEX_HPP

#include <viaduct/impl/policy/index_keys.hpp>
#include <viaduct/policy/access_list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace viaduct::detail {

/// Numbers of rules, in order.
struct rule_numbers
{
    std::uint32_t const* at = nullptr;
    std::uint32_t const* end = nullptr;
};

/// Which rules of a list may say something of a request, so that the others need not be asked.
/**
 * A rule is found by one of its ACLs: one without a `!`, all before which, and itself, say nothing but that
 * they match or not. If a request has none of its keys the rule does not match, and asking it would have no
 * other effect. So the rules that are found, asked in order, come to what all of them would come to. Where an
 * ACL says no more than that only if the user or the target's addresses are known, and they are not, the rule
 * is asked.
 *
 * What cannot be found is asked always. So is the last rule: whether a refusal is a challenge depends on the
 * ACL that was asked last; and for the same reason the one before a rule without ACLs.
 *
 * Holds no ACL: those whose values it has read tell it when they are given more.
 */
class rule_index
{
public:
    explicit inline rule_index(std::vector<access_rule> const& rules);

    /// How many rules need not be asked of every request.
    [[nodiscard]] std::size_t saves() const noexcept { return size_ - always_.size(); }

    /// Whether it still says what the ACLs say.
    [[nodiscard]] bool is_current() const noexcept { return !*outdated_; }

private:
    friend class rule_walk;

    static constexpr std::uint32_t nothing = ~std::uint32_t{0};

    struct slot
    {
        std::uint64_t key = 0;
        std::uint32_t list = nothing;
    };

    class builder;

    [[nodiscard]] std::optional<rule_numbers> find(std::uint64_t key) const noexcept
    {
        for (auto at = key & mask_;; at = (at + 1) & mask_) {
            auto const& s = slots_[at];
            if (s.list == nothing) return std::nullopt;
            if (s.key == key) return list(s.list);
        }
    }

    [[nodiscard]] rule_numbers list(std::uint32_t which) const noexcept
    {
        return {numbers_.data() + begins_[which], numbers_.data() + begins_[which + 1]};
    }

    std::size_t size_;
    std::vector<std::uint32_t> always_;       // the rules that are asked in any case
    std::vector<std::uint32_t> no_user_;      // those, unless the user is known
    std::vector<std::uint32_t> no_addresses_; // and unless the target's addresses are
    std::vector<slot> slots_;            // their number is a power of two, and half of them at most are used
    std::size_t mask_ = 0;               // one less
    std::vector<std::uint32_t> numbers_; // of rules: all lists, one behind the other
    std::vector<std::size_t> begins_{0}; // where each of them begins, and where the last one ends
    std::array<std::vector<unsigned char>, acls::key_kinds> lengths_; // of the blocks to look for
    std::shared_ptr<bool> outdated_ = std::make_shared<bool>(false);
};

/// The rules that an index finds for a request, one after the other.
class rule_walk
{
public:
    rule_walk(rule_index const& index, request_facts const& facts) : index_{index}
    {
        auto const& target = *facts.target;
        bool const resolved = facts.addresses != nullptr || target.is_address();
        add(index.always_);
        if (!facts.user || facts.user->empty()) add(index.no_user_);
        if (!resolved) add(index.no_addresses_);
        acls::host_hash::for_each(target.host(), [this](std::uint64_t key, auto const&...) { look_up(key); });
        if (resolved && !lengths(acls::key_kind::target).empty()) look_up_target(facts);
        look_up(acls::key_kind::client, facts.client.address());
        look_up(acls::key_kind::local, facts.local.address());
        look_up(acls::key_kind::port, target.port());
        look_up(acls::key_kind::local_port, facts.local.port());
    }

    /// The number of the next rule to ask; that of rules if there is none.
    [[nodiscard]] std::size_t next() noexcept
    {
        if (count_ > lists_.size()) return std::min(all_++, index_.size_); // too many were found: ask all
        auto least = rule_index::nothing;
        for (std::size_t i = 0; i < count_; ++i)
            if (lists_[i].at != lists_[i].end) least = std::min(least, *lists_[i].at);
        if (least == rule_index::nothing) return index_.size_;
        for (std::size_t i = 0; i < count_; ++i) // one rule may be in several
            if (lists_[i].at != lists_[i].end && *lists_[i].at == least) ++lists_[i].at;
        return least;
    }

private:
    void add(std::vector<std::uint32_t> const& list) noexcept
    {
        add(rule_numbers{list.data(), list.data() + list.size()});
    }

    void add(rule_numbers list) noexcept
    {
        if (count_ < lists_.size()) lists_[count_] = list;
        ++count_;
    }

    void look_up(std::uint64_t key) noexcept
    {
        if (auto const found = index_.find(key)) add(*found);
    }

    void look_up(acls::key_kind kind, net::ip::address const& address)
    {
        if (!lengths(kind).empty()) look_up(kind, acls::as_number(address));
    }

    void look_up_target(request_facts const& facts)
    {
        error_code ec;
        if (facts.target->is_address()) // then that one is asked about
            return look_up(acls::key_kind::target, net::ip::make_address(facts.target->host().c_str(), ec));
        for (auto const& address : *facts.addresses)
            look_up(acls::key_kind::target, address);
    }

    void look_up(acls::key_kind kind, std::uint16_t port) { look_up(kind, acls::wide_number{0, port}); }

    void look_up(acls::key_kind kind, acls::wide_number n)
    {
        for (auto const length : lengths(kind))
            look_up(acls::block_key(kind, acls::first_of_block(n, length), length));
    }

    [[nodiscard]] std::vector<unsigned char> const& lengths(acls::key_kind kind) const noexcept
    {
        return index_.lengths_[static_cast<std::size_t>(kind)];
    }

    rule_index const& index_;
    std::array<rule_numbers, 32> lists_;
    std::size_t count_ = 0; // of all that were found
    std::size_t all_ = 0;
};

} // namespace viaduct::detail

#include <viaduct/impl/policy/rule_index_builder.hpp>

#endif

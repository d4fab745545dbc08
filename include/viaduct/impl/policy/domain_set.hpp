#ifndef VIADUCT_IMPL_POLICY_DOMAIN_SET_HPP
#define VIADUCT_IMPL_POLICY_DOMAIN_SET_HPP

#include <viaduct/impl/policy/index_keys.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::detail::acls {

/// Hosts, and domains with all that is below them; a look among any number is one walk through a name.
class domain_set
{
public:
    /// @param name In its canonical form; of a domain without the dot in front.
    void add(std::string_view name, bool is_domain)
    {
        auto const key = host_hash::key_of(name, is_domain);
        if (has(key, name, is_domain)) return;
        entries_.push_back({key, std::string{name}, is_domain});
        if (slots_.size() < 2 * entries_.size()) return grow();
        insert(entries_.size() - 1);
    }

    void add(domain_set const& other)
    {
        for (auto const& one : other.entries_)
            add(one.name, one.is_domain);
    }

    /// @param is_address So that it is in no domain, whatever it looks like.
    [[nodiscard]] bool contains(std::string_view host, bool is_address) const noexcept
    {
        if (entries_.empty()) return false;
        if (is_address) return has(host_hash::key_of(host, false), host, false);
        bool found = false;
        host_hash::for_each(host, [&](std::uint64_t key, std::string_view name, bool is_domain) {
            found = found || has(key, name, is_domain);
        });
        return found;
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    void list_keys(index_keys& keys) const
    {
        for (auto const& one : entries_)
            keys.add_name(one.key);
    }

private:
    struct entry
    {
        std::uint64_t key;
        std::string name;
        bool is_domain;
    };

    struct slot
    {
        std::uint64_t key = 0;
        std::size_t number = 0; // of the entry, from 1; 0: there is none
    };

    [[nodiscard]] bool has(std::uint64_t key, std::string_view name, bool is_domain) const noexcept
    {
        if (slots_.empty()) return false;
        for (auto at = key & mask();; at = (at + 1) & mask()) {
            auto const& s = slots_[at];
            if (s.number == 0) return false;
            if (s.key != key) continue;
            auto const& one = entries_[s.number - 1];
            if (one.is_domain == is_domain && one.name == name) return true;
        }
    }

    void insert(std::size_t number)
    {
        auto at = entries_[number].key & mask();
        while (slots_[at].number != 0)
            at = (at + 1) & mask();
        slots_[at] = {entries_[number].key, number + 1};
    }

    void grow()
    {
        auto const size = slots_.empty() ? 8 : 2 * slots_.size();
        slots_.assign(size, {});
        for (std::size_t i = 0; i < entries_.size(); ++i)
            insert(i);
    }

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

    std::vector<entry> entries_;
    std::vector<slot> slots_; // a power of two, half of which are used at most
};

} // namespace viaduct::detail::acls

#endif

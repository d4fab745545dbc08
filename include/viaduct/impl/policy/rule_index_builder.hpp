#ifndef VIADUCT_IMPL_POLICY_RULE_INDEX_BUILDER_HPP
#define VIADUCT_IMPL_POLICY_RULE_INDEX_BUILDER_HPP

#include <viaduct/impl/policy/configured_acl.hpp>
#include <viaduct/impl/policy/rule_index.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Reads rules and their ACLs into an index.
class rule_index::builder
{
public:
    builder(std::vector<access_rule> const& rules, rule_index& made) : rules_{rules}, made_{made} {}

    void build()
    {
        for (auto const& rule : rules_)
            for (auto const& term : rule.terms)
                if (!term.negated) ++known_[term.what.get()].uses;
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            bool const asked = i + 1 == rules_.size() || rules_[i + 1].terms.empty();
            place(static_cast<std::uint32_t>(i), asked ? choice{} : choice_for(rules_[i]));
        }
        make_table(entries());
    }

private:
    using entry = std::pair<std::uint64_t, std::uint32_t>; // a key, and the number of an ACL that has it

    struct known_acl
    {
        std::size_t uses = 0;
        bool read = false;
        unsigned needs = 0;
        acls::index_keys keys{};
        bool useful = false;
        std::vector<std::uint32_t> rules{}; // those that are found by it
    };

    /// The ACL to find a rule by, and what must be known for that.
    struct choice
    {
        known_acl* found_by = nullptr;
        unsigned needs = 0;
    };

    void place(std::uint32_t rule, choice const& chosen)
    {
        if (chosen.found_by == nullptr) return made_.always_.push_back(rule);
        chosen.found_by->rules.push_back(rule);
        if ((chosen.needs & acls::needs_user) != 0) made_.no_user_.push_back(rule);
        if ((chosen.needs & acls::needs_addresses) != 0) made_.no_addresses_.push_back(rule);
    }

    /// Chooses the ACL that the fewest rules have in common.
    [[nodiscard]] choice choice_for(access_rule const& rule)
    {
        choice best;
        unsigned needs = 0; // of all that are asked up to here
        for (auto const& term : rule.terms) {
            auto const* const one = dynamic_cast<acls::configured_acl const*>(term.what.get());
            if (one == nullptr) return best;
            auto& known = read(*one);
            needs |= known.needs;
            if ((needs & acls::needs_more) != 0) return best;
            if (term.negated || !known.useful) continue;
            if (best.found_by == nullptr || rank(known) < rank(*best.found_by)) best = {&known, needs};
        }
        return best;
    }

    [[nodiscard]] static std::pair<std::size_t, acls::key_kind> rank(known_acl const& known)
    {
        return {known.uses, known.keys.kind()};
    }

    [[nodiscard]] known_acl& read(acls::configured_acl const& one)
    {
        auto& known = known_[&one];
        if (std::exchange(known.read, true)) return known;
        one.watch(made_.outdated_);
        known.needs = one.needs();
        known.useful = one.list_keys(known.keys) && known.keys.is_useful();
        return known;
    }

    /// All keys, in order, each with the ACLs that have it.
    [[nodiscard]] std::vector<entry> entries()
    {
        std::vector<entry> all;
        for (auto const& [one, known] : known_) {
            if (known.rules.empty()) continue;
            for (auto const hash : known.keys.hashes())
                all.emplace_back(hash, static_cast<std::uint32_t>(used_.size()));
            used_.push_back(&known);
        }
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        return all;
    }

    void make_table(std::vector<entry> const& all)
    {
        std::size_t size = 2;
        while (size < 2 * all.size())
            size *= 2;
        made_.slots_.resize(size);
        made_.mask_ = size - 1;
        for (auto at = all.begin(); at != all.end();) {
            auto const end =
                std::find_if(at, all.end(), [&](entry const& e) { return e.first != at->first; });
            std::vector<std::uint32_t> acls;
            std::transform(at, end, std::back_inserter(acls), [](entry const& e) { return e.second; });
            insert(at->first, list_of(acls));
            at = end;
        }
        for (auto const* const known : used_)
            add_lengths(known->keys);
    }

    void insert(std::uint64_t key, std::uint32_t list)
    {
        auto at = key & made_.mask_;
        while (made_.slots_[at].list != nothing)
            at = (at + 1) & made_.mask_;
        made_.slots_[at] = {key, list};
    }

    /// The list of the rules that are found by one of these; keys of the same ACLs share it.
    [[nodiscard]] std::uint32_t list_of(std::vector<std::uint32_t> const& acls)
    {
        auto const [at, fresh] = lists_.try_emplace(acls, static_cast<std::uint32_t>(lists_.size()));
        if (!fresh) return at->second;
        auto const begin = static_cast<std::ptrdiff_t>(made_.numbers_.size());
        for (auto const one : acls) // no rule is found by two
            made_.numbers_.insert(made_.numbers_.end(), used_[one]->rules.begin(), used_[one]->rules.end());
        std::sort(made_.numbers_.begin() + begin, made_.numbers_.end());
        made_.begins_.push_back(made_.numbers_.size());
        return at->second;
    }

    void add_lengths(acls::index_keys const& keys)
    {
        for (std::size_t kind = 0; kind < acls::key_kinds; ++kind)
            for (unsigned length = 0; length <= acls::wide_bits; ++length) {
                auto& lengths = made_.lengths_[kind];
                auto const octet = static_cast<unsigned char>(length);
                if (keys.lengths(kind)[length] &&
                    std::find(lengths.begin(), lengths.end(), octet) == lengths.end())
                    lengths.push_back(octet);
            }
    }

    std::vector<access_rule> const& rules_;
    rule_index& made_;
    std::unordered_map<acl const*, known_acl> known_;
    std::vector<known_acl const*> used_;
    std::map<std::vector<std::uint32_t>, std::uint32_t> lists_;
};

inline rule_index::rule_index(std::vector<access_rule> const& rules) : size_{rules.size()}
{
    builder{rules, *this}.build();
}

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_IMPL_POLICY_GROUP_ACLS_HPP
#define VIADUCT_IMPL_POLICY_GROUP_ACLS_HPP

#include <viaduct/impl/policy/configured_acl.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail::acls {

/// Asks terms in order until one says something else than `go_on`.
[[nodiscard]] inline acl_answer ask_while(acl_answer go_on, std::vector<acl_term> const& terms,
                                          acl_inquiry& inquiry)
{
    for (auto const& term : terms)
        if (auto const said = term.ask(inquiry); said != go_on) return said;
    return go_on;
}

/// Other ACLs, as lists of terms.
class group_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        std::vector<acl_term> terms;
        while (!words.done()) {
            acl_problem problem;
            auto term = words.known().acls.read_term(words.take(), problem);
            if (!term.what) return words.refuse(problem.what, problem.hint);
            terms.push_back(std::move(term));
        }
        if (!terms.empty()) lines_.push_back(std::move(terms));
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader& words) override
    {
        auto& more = static_cast<group_acl&>(other);
        if (more.any([&](acl_term const& term) { return term.what->depends_on(*this); }))
            return words.refuse(in_quotes(name()) + " would depend on itself");
        append(lines_, more.lines_);
        return true;
    }

    [[nodiscard]] bool asks_user() const noexcept override
    {
        return any([](acl_term const& term) { return term.what->asks_user(); });
    }

    [[nodiscard]] bool asks_outcome() const noexcept override
    {
        return any([](acl_term const& term) { return term.what->asks_outcome(); });
    }

    [[nodiscard]] unsigned needs() const noexcept override
    {
        unsigned all = needs_nothing;
        for (auto const& terms : lines_)
            for (auto const& term : terms) {
                auto const* const one = configured(term);
                all |= one != nullptr ? one->needs() : needs_more;
            }
        return all;
    }

    void watch(std::shared_ptr<bool> const& outdated) const override
    {
        configured_acl::watch(outdated);
        for (auto const& terms : lines_)
            for (auto const& term : terms)
                if (auto const* const one = configured(term)) one->watch(outdated);
    }

    [[nodiscard]] bool depends_on(acl const& other) const noexcept override
    {
        return this == &other || any([&](acl_term const& term) { return term.what->depends_on(other); });
    }

protected:
    /// Null if it is the program's own.
    [[nodiscard]] static configured_acl const* configured(acl_term const& term) noexcept
    {
        return dynamic_cast<configured_acl const*>(term.what.get());
    }

    /// Adds the keys of a term, if it has any.
    [[nodiscard]] static bool list_keys_of(acl_term const& term, index_keys& keys)
    {
        auto const* const one = term.negated ? nullptr : configured(term);
        return one != nullptr && one->list_keys(keys);
    }

    [[nodiscard]] std::vector<std::vector<acl_term>> const& lines() const noexcept { return lines_; }

private:
    template <class Predicate>
    [[nodiscard]] bool any(Predicate predicate) const
    {
        return std::any_of(lines_.begin(), lines_.end(), [&](auto const& terms) {
            return std::any_of(terms.begin(), terms.end(), predicate);
        });
    }

    std::vector<std::vector<acl_term>> lines_;
};

class any_of_acl final : public group_acl
{
public:
    using group_acl::group_acl;

    [[nodiscard]] bool list_keys(index_keys& keys) const override
    {
        return std::all_of(lines().begin(), lines().end(), [&](auto const& terms) {
            return std::all_of(terms.begin(), terms.end(),
                               [&](auto const& term) { return list_keys_of(term, keys); });
        });
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        for (auto const& terms : lines())
            if (auto const said = ask_while(acl_answer::no_match, terms, inquiry);
                said != acl_answer::no_match)
                return said;
        return acl_answer::no_match;
    }
};

/// All terms of a line; its lines are alternatives.
class all_of_acl final : public group_acl
{
public:
    using group_acl::group_acl;

    [[nodiscard]] bool list_keys(index_keys& keys) const override
    {
        return std::all_of(lines().begin(), lines().end(), [&](auto const& terms) {
            return std::any_of(terms.begin(), terms.end(),
                               [&](auto const& term) { return list_keys_of(term, keys); });
        });
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        for (auto const& terms : lines())
            if (auto const said = ask_while(acl_answer::match, terms, inquiry); said != acl_answer::no_match)
                return said;
        return acl_answer::no_match;
    }
};

} // namespace viaduct::detail::acls

#endif

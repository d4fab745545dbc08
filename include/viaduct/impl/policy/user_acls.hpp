#ifndef VIADUCT_IMPL_POLICY_USER_ACLS_HPP
#define VIADUCT_IMPL_POLICY_USER_ACLS_HPP

#include <viaduct/impl/policy/configured_acl.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace viaduct::detail::acls {

/// What the ACLs of users' names have in common: their values.
class name_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        bool any_case = false;
        auto const set = [&](std::string_view flag) {
            return any_case = flag == "-i", any_case || flag == "+i";
        };
        if (!take_flags(words, "-i, +i", set)) return false;
        while (!words.done()) {
            auto const& user = words.take();
            if (user == "REQUIRED")
                anybody_ = true;
            else if (any_case)
                any_case_.insert(lowered(user));
            else
                users_.insert(user);
        }
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        auto& more = static_cast<name_acl&>(other);
        anybody_ = anybody_ || more.anybody_;
        users_.merge(more.users_);
        any_case_.merge(more.any_case_);
        return true;
    }

protected:
    [[nodiscard]] bool has(std::string_view user) const
    {
        return anybody_ || users_.find(user) != users_.end() ||
               (!any_case_.empty() && any_case_.find(lowered(user)) != any_case_.end());
    }

private:
    text_set users_;
    text_set any_case_; // in small letters
    bool anybody_ = false;
};

class proxy_auth_acl final : public name_acl
{
public:
    using name_acl::name_acl;

    [[nodiscard]] bool asks_user() const noexcept override { return true; }
    [[nodiscard]] unsigned needs() const noexcept override { return needs_user; }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return of_user(inquiry.facts, [&](std::string_view user) { return matches_if(has(user)); });
    }
};

/// Whom helpers have named; before they are asked that is nobody.
class ext_user_acl final : public name_acl
{
public:
    using name_acl::name_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return of_named(inquiry.facts, [&](std::string_view user) { return has(user); });
    }
};

/// A number that is not to be exceeded.
class limit_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        if (words.done()) return words.miss("the number of " + type() + " is missing");
        auto const& text = words.take();
        auto const limit = number(text, std::numeric_limits<unsigned>::max());
        if (!limit) return words.refuse(in_quotes(text) + " is no number");
        limit_ = *limit;
        if (words.done()) return true;
        return words.refuse(in_quotes(words.take()) + " is too much", type() + " has one number only");
    }

    [[nodiscard]] bool take(configured_acl&, word_reader& words) override
    {
        return words.refuse(in_quotes(name()) + " has its number already",
                            "use another name for another number");
    }

protected:
    [[nodiscard]] acl_answer exceeded_by(std::size_t count) const { return matches_if(count > limit_); }

private:
    std::size_t limit_ = 0;
};

class maxconn_acl final : public limit_acl
{
public:
    using limit_acl::limit_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& facts = inquiry.facts;
        return exceeded_by(facts.others == nullptr ? 1 : facts.others->tunnels_of(facts.client.address()));
    }
};

class max_user_ip_acl final : public limit_acl
{
public:
    using limit_acl::limit_acl;

    [[nodiscard]] bool asks_user() const noexcept override { return true; }
    [[nodiscard]] unsigned needs() const noexcept override { return needs_user; }

    // The credentials are in order, so Squid says 403 here: other ones are not what is wanted.
    [[nodiscard]] bool challenges() const noexcept override { return false; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        // The addresses that count are those in use; no list of past ones is there to be cleared.
        auto const strict = [](std::string_view flag) { return flag == "-s"; };
        return take_flags(words, "-s", strict) && limit_acl::read(words);
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& facts = inquiry.facts;
        return of_user(facts, [&](std::string_view user) {
            if (facts.others == nullptr) return exceeded_by(1);
            return exceeded_by(facts.others->addresses_of(user, facts.client.address()));
        });
    }
};

class external_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] external_use const& use() const noexcept { return use_; }

    [[nodiscard]] bool asks_user() const noexcept override { return asks_user_; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        if (words.done()) return words.miss("the class of helpers is missing", "external CLASS [arguments]");
        use_.helper = words.take();
        auto const& helpers = words.known().helpers;
        auto const known = helpers.find(use_.helper);
        if (known == helpers.end())
            return words.refuse("there is no class of helpers " + in_quotes(use_.helper),
                                "external_acl_type defines one");
        asks_user_ = known->second;
        while (!words.done())
            use_.arguments.push_back(words.take());
        return true;
    }

    [[nodiscard]] bool take(configured_acl&, word_reader& words) override
    {
        return words.refuse(in_quotes(name()) + " has its helper already",
                            "use another name, and any-of for both");
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& facts = inquiry.facts;
        if (!asks_user_) return of_helper(facts);
        return of_user(facts, [&](std::string_view) { return of_helper(facts); });
    }

    [[nodiscard]] acl_answer of_helper(request_facts const& facts) const
    {
        if (facts.answers == nullptr) return acl_answer::wants_answer;
        auto const said = facts.answers->find(name());
        return said == facts.answers->end() ? acl_answer::wants_answer : matches_if(said->second.matches);
    }

    external_use use_;
    bool asks_user_ = false;
};

} // namespace viaduct::detail::acls

#endif

#ifndef VIADUCT_IMPL_POLICY_REGEX_ACLS_HPP
#define VIADUCT_IMPL_POLICY_REGEX_ACLS_HPP

#include <viaduct/http/fields.hpp>
#include <viaduct/impl/policy/configured_acl.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <regex.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail::acls {

/// A POSIX extended regular expression.
class regular_expression
{
public:
    /// @param problem What is wrong with it; stays empty if nothing is.
    regular_expression(std::string const& text, bool any_case, std::string& problem)
        : compiled_{new ::regex_t{}, &discard}
    {
        int const flags = REG_EXTENDED | REG_NOSUB | (any_case ? REG_ICASE : 0);
        if (int const error = ::regcomp(compiled_.get(), text.c_str(), flags)) {
            char why[128] = "";
            ::regerror(error, compiled_.get(), why, sizeof(why));
            problem = why;
            compiled_ = {compiled_.release(), &forget}; // there is nothing to free but the block
        }
    }

    [[nodiscard]] bool matches(std::string_view text) const
    {
#if defined(REG_STARTEND)
        ::regmatch_t part{};
        part.rm_so = 0;
        part.rm_eo = static_cast<::regoff_t>(text.size());
        char const* const begin = text.empty() ? "" : text.data();
        return ::regexec(compiled_.get(), begin, 1, &part, REG_STARTEND) == 0;
#else
        return ::regexec(compiled_.get(), std::string{text}.c_str(), 0, nullptr, 0) == 0;
#endif
    }

private:
    static void forget(::regex_t* regex)
    {
        std::default_delete<::regex_t>{}(regex);
    }

    static void discard(::regex_t* regex)
    {
        ::regfree(regex);
        forget(regex);
    }

    std::unique_ptr<::regex_t, void (*)(::regex_t*)> compiled_;
};

/// What the ACLs of regular expressions have in common.
class regex_acl : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        bool any_case = false;
        bool flags = true;
        while (!words.done()) {
            auto const& text = words.take();
            if (flags && read_flag(text, any_case)) continue;
            if (flags && text == "--") {
                flags = false; // what follows may look like one
                continue;
            }
            if (!read_expression(words, text, any_case)) return false;
        }
        return true;
    }

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        append(expressions_, static_cast<regex_acl&>(other).expressions_);
        return true;
    }

protected:
    /// Takes a word that is no expression.
    [[nodiscard]] virtual bool read_flag(std::string_view text, bool& any_case)
    {
        if (text != "-i" && text != "+i") return false;
        any_case = text == "-i";
        return true;
    }

    [[nodiscard]] bool matches(std::string_view text) const
    {
        return std::any_of(expressions_.begin(), expressions_.end(),
                           [&](auto const& expression) { return expression.matches(text); });
    }

private:
    [[nodiscard]] bool read_expression(word_reader& words, std::string const& text, bool any_case)
    {
        if (text.empty())
            return words.refuse("an empty expression matches everything", "ACL \"all\" does so");
        if (text.find('\0') != std::string::npos) return words.refuse("an expression cannot have a NUL");
        std::string problem;
        regular_expression expression{text, any_case, problem};
        if (!problem.empty()) return words.refuse(in_quotes(text) + " is no regular expression", problem);
        expressions_.push_back(std::move(expression));
        return true;
    }

    std::vector<regular_expression> expressions_;
};

class dstdom_regex_acl final : public regex_acl
{
public:
    using regex_acl::regex_acl;

private:
    [[nodiscard]] bool read_flag(std::string_view text, bool& any_case) override
    {
        return text == "-n" || regex_acl::read_flag(text, any_case); // nothing is looked up in any case
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return matches_if(matches(inquiry.facts.target->host()));
    }
};

/// A field of the request: `req_header NAME ...`, `browser` for User-Agent, `referer_regex` for Referer.
class field_acl final : public regex_acl
{
public:
    using regex_acl::regex_acl;

    [[nodiscard]] bool read(word_reader& words) override
    {
        if (type() == "browser")
            field_ = "User-Agent";
        else if (type() == "referer_regex")
            field_ = "Referer";
        else if (words.done())
            return words.miss("the name of a field is missing", "req_header NAME [-i] expressions");
        else if (field_ = words.take(); !is_field_name(field_))
            return words.refuse(in_quotes(field_) + " is no name of a field");
        return regex_acl::read(words);
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader& words) override
    {
        auto const& name = static_cast<field_acl&>(other).field_;
        if (!characters::iequals(name, field_))
            return words.refuse(in_quotes(this->name()) + " is about " + field_,
                                "use another name for " + name);
        return regex_acl::take(other, words);
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        if (inquiry.facts.fields == nullptr) return acl_answer::no_match;
        auto const list = inquiry.facts.fields->list();
        auto const count = list.count(field_);
        if (count == 0) return acl_answer::no_match;
        return matches_if(count == 1 ? matches(*list.find(field_)) : matches(joined(list)));
    }

    /// The value of several lines (RFC 9110 section 5.3).
    [[nodiscard]] std::string joined(field_list list) const
    {
        std::string value;
        for (auto const& field : list)
            if (characters::iequals(field.name, field_)) value.append(", ").append(field.value);
        return value.substr(2);
    }

    std::string field_;
};

/// What the ACLs of users' names as regular expressions have in common.
class name_regex_acl : public regex_acl
{
public:
    using regex_acl::regex_acl;

    [[nodiscard]] bool take(configured_acl& other, word_reader& words) override
    {
        anybody_ = anybody_ || static_cast<name_regex_acl&>(other).anybody_;
        return regex_acl::take(other, words);
    }

protected:
    [[nodiscard]] bool has(std::string_view user) const { return anybody_ || matches(user); }

private:
    [[nodiscard]] bool read_flag(std::string_view text, bool& any_case) override
    {
        if (text != "REQUIRED") return regex_acl::read_flag(text, any_case);
        return anybody_ = true;
    }

    bool anybody_ = false;
};

class proxy_auth_regex_acl final : public name_regex_acl
{
public:
    using name_regex_acl::name_regex_acl;

    [[nodiscard]] bool asks_user() const noexcept override { return true; }
    [[nodiscard]] unsigned needs() const noexcept override { return needs_user; }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return of_user(inquiry.facts, [&](std::string_view user) { return matches_if(has(user)); });
    }
};

class ext_user_regex_acl final : public name_regex_acl
{
public:
    using name_regex_acl::name_regex_acl;

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return of_named(inquiry.facts, [&](std::string_view user) { return has(user); });
    }
};

} // namespace viaduct::detail::acls

#endif

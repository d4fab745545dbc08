#ifndef VIADUCT_IMPL_POLICY_OUTCOME_ACLS_HPP
#define VIADUCT_IMPL_POLICY_OUTCOME_ACLS_HPP

#include <viaduct/detail/nearest_name.hpp>
#include <viaduct/impl/policy/configured_acl.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail::acls {

/// Status codes of what the client was answered: `407`, `400-499`, `500-`.
class http_status_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool asks_outcome() const noexcept override { return true; }
    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            if (!read_range(words, words.take())) return false;
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        append(ranges_, static_cast<http_status_acl&>(other).ranges_);
        return true;
    }

private:
    static constexpr unsigned most = 999;

    [[nodiscard]] bool read_range(word_reader& words, std::string const& text)
    {
        auto const dash = text.find('-');
        auto const first = number(std::string_view{text}.substr(0, dash), most);
        auto last = first;
        if (dash != std::string::npos)
            last = dash + 1 == text.size() ? most : number(std::string_view{text}.substr(dash + 1), most);
        if (!first || !last || *last < *first)
            return words.refuse(in_quotes(text) + " is no status", "a number such as 407, 400-499 or 500-");
        ranges_.emplace_back(*first, *last);
        return true;
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        auto const& status = inquiry.facts.status;
        return matches_if(status && std::any_of(ranges_.begin(), ranges_.end(), [&](auto const& range) {
                              return range.first <= *status && *status <= range.second;
                          }));
    }

    std::vector<std::pair<unsigned, unsigned>> ranges_;
};

/// How the way to the target was chosen, in Squid's words.
class hier_code_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] bool asks_outcome() const noexcept override { return true; }
    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done())
            if (!read_code(words, words.take())) return false;
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        codes_.merge(static_cast<hier_code_acl&>(other).codes_);
        return true;
    }

private:
    static constexpr auto known = std::to_array<std::string_view>(
        {"HIER_NONE",      "HIER_DIRECT",    "SIBLING_HIT",       "PARENT_HIT",          "DEFAULT_PARENT",
         "SINGLE_PARENT",  "FIRSTUP_PARENT", "FIRST_PARENT_MISS", "CLOSEST_PARENT_MISS", "CLOSEST_PARENT",
         "CLOSEST_DIRECT", "NO_DIRECT_FAIL", "SOURCE_FASTEST",    "ROUNDROBIN_PARENT",   "CD_PARENT_HIT",
         "CD_SIBLING_HIT", "CARP",           "ANY_OLD_PARENT",    "USERHASH_PARENT",     "SOURCEHASH_PARENT",
         "PINNED",         "ORIGINAL_DST",   "STANDBY_POOL"});

    [[nodiscard]] bool read_code(word_reader& words, std::string const& text)
    {
        if (std::find(known.begin(), known.end(), text) == known.end()) {
            nearest_name nearest{text};
            for (auto const name : known)
                nearest.offer(name);
            return words.refuse(in_quotes(text) + " is no way that Squid knows",
                                std::string{nearest.found()});
        }
        codes_.insert(text);
        return true;
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return matches_if(codes_.find(inquiry.facts.hierarchy) != codes_.end());
    }

    text_set codes_;
};

/// What there is of a transaction.
class has_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        while (!words.done()) {
            auto const& what = words.take();
            if (what != "request" && what != "response" && what != "ALE")
                return words.refuse(in_quotes(what) + " is nothing that a transaction has",
                                    "request, response or ALE");
            (what == "response" ? response_ : request_) = true;
        }
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        auto const& more = static_cast<has_acl&>(other);
        request_ = request_ || more.request_;
        response_ = response_ || more.response_;
        return true;
    }

private:
    acl_answer answer(acl_inquiry& inquiry) const override
    {
        return matches_if(request_ || (response_ && inquiry.facts.status));
    }

    bool request_ = false; // there always is one, and Squid's entry of the log that is called ALE
    bool response_ = false;
};

} // namespace viaduct::detail::acls

#endif

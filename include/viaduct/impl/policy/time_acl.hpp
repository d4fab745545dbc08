#ifndef VIADUCT_IMPL_POLICY_TIME_ACL_HPP
#define VIADUCT_IMPL_POLICY_TIME_ACL_HPP

#include <viaduct/impl/policy/configured_acl.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::detail::acls {

/// Days of the week and a part of the day, as the clock on the wall shows it.
class time_acl final : public configured_acl
{
public:
    using configured_acl::configured_acl;

    [[nodiscard]] unsigned needs() const noexcept override { return needs_nothing; }

    [[nodiscard]] bool read(word_reader& words) override
    {
        unsigned days = 0; // for the next hours, or for all day
        while (!words.done()) {
            auto const& text = words.take();
            bool const hours = !text.empty() && characters::is_digit(text.front());
            if (!(hours ? read_hours(text, days) : read_days(text, days)))
                return words.refuse(in_quotes(text) + " is no time",
                                    "SMTWHFA for the days of a week from Sunday "
                                    "on, or 09:00-17:30");
        }
        if (days != 0) spans_.push_back({days, 0, end_of_day});
        return true;
    }

    [[nodiscard]] bool take(configured_acl& other, word_reader&) override
    {
        append(spans_, static_cast<time_acl&>(other).spans_);
        return true;
    }

private:
    static constexpr unsigned end_of_day = 24 * 60;
    static constexpr unsigned every_day = 0x7f;

    struct span
    {
        unsigned days = 0; // a bit a day, from Sunday
        unsigned first = 0;
        unsigned last = 0; // minutes; the last one is included, as in Squid
    };

    [[nodiscard]] static bool read_days(std::string_view text, unsigned& days)
    {
        constexpr std::string_view letters = "SMTWHFA";
        for (char const c : text) {
            auto const day = letters.find(c);
            if (day == std::string_view::npos && c != 'D') return false;
            days |= c == 'D' ? 0x3eu : 1u << day;
        }
        return !text.empty();
    }

    /// `9:00`, as minutes.
    [[nodiscard]] static std::optional<unsigned> read_minutes(std::string_view text)
    {
        auto const colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        auto const hours = number(text.substr(0, colon), 24);
        auto const minutes = number(text.substr(colon + 1), 59);
        if (!hours || !minutes || *hours * 60 + *minutes > end_of_day) return std::nullopt;
        return *hours * 60 + *minutes;
    }

    [[nodiscard]] bool read_hours(std::string_view text, unsigned& days)
    {
        auto const dash = text.find('-');
        if (dash == std::string_view::npos) return false;
        auto const first = read_minutes(text.substr(0, dash));
        auto const last = read_minutes(text.substr(dash + 1));
        if (!first || !last || *last < *first) return false;
        spans_.push_back({days == 0 ? every_day : days, *first, *last});
        days = 0;
        return true;
    }

    acl_answer answer(acl_inquiry& inquiry) const override
    {
        std::time_t const now = std::chrono::system_clock::to_time_t(inquiry.facts.now);
        std::tm local{};
#if defined(_WIN32)
        if (::localtime_s(&local, &now) != 0) return acl_answer::no_match;
#else
        if (::localtime_r(&now, &local) == nullptr) return acl_answer::no_match;
#endif
        auto const minute = static_cast<unsigned>(local.tm_hour * 60 + local.tm_min);
        auto const day = 1u << static_cast<unsigned>(local.tm_wday);
        return matches_if(std::any_of(spans_.begin(), spans_.end(), [&](span const& s) {
            return (s.days & day) != 0 && s.first <= minute && minute <= s.last;
        }));
    }

    std::vector<span> spans_;
};

} // namespace viaduct::detail::acls

#endif

#ifndef VIADUCT_IMPL_LOG_TIME_PATTERN_HPP
#define VIADUCT_IMPL_LOG_TIME_PATTERN_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/impl/log/calendar.hpp>
#include <viaduct/log/format_problem.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A time as strftime would write it in the C locale, with `%f` and `%3f` for fractions of a second.
class time_pattern
{
public:
    time_pattern() = default;

    /// @param column Where the pattern stands in the operator's format.
    /// @throws format_problem for a code that is not known.
    time_pattern(std::string_view pattern, std::size_t column)
    {
        for (std::size_t at = 0; at < pattern.size();)
            at = pattern[at] == '%' ? take_code(pattern, at, column) : take_text(pattern, at);
    }

    [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }

    template <class Text>
    void append(calendar_time const& time, Text& out) const
    {
        for (auto const& s : steps_) {
            if (s.code == '\0')
                out.append(s.text.data(), s.text.data() + s.text.size());
            else if (!append_number_of(time, s, out))
                append_word_of(time, s.code, out);
        }
    }

private:
    struct step
    {
        char code = '\0'; // none: it is text
        std::string text{};
        std::size_t digits = 9; // of %f
    };

    struct padded
    {
        int value = -1; // it is none of the numbers
        std::size_t width = 2;
        char pad = '0';
    };

    std::size_t take_text(std::string_view pattern, std::size_t at)
    {
        auto const text = pattern.substr(at, pattern.find('%', at) - at);
        steps_.push_back({'\0', std::string{text}});
        return at + text.size();
    }

    std::size_t take_code(std::string_view pattern, std::size_t at, std::size_t column)
    {
        step next{pattern.size() > at + 1 ? pattern[at + 1] : '\0'};
        std::size_t size = 2;
        if (next.code >= '1' && next.code <= '9' && pattern.substr(at + 2, 1) == "f") {
            next.digits = static_cast<std::size_t>(next.code - '0');
            next.code = 'f';
            size = 3;
        }
        auto const whole = expanded(next.code);
        if (!whole.empty()) {
            for (auto& inner : time_pattern{whole, column}.steps_)
                steps_.push_back(std::move(inner));
            return at + size;
        }
        constexpr std::string_view known = "YCymdejHIMSpaAbBuwzZsf%t";
        if (next.code == '\0' || known.find(next.code) == known.npos)
            throw format_problem{column + at,
                                 "unknown time code '" + std::string{pattern.substr(at, 2)} + "'"};
        if (next.code == '%' || next.code == 't') next = {'\0', next.code == 't' ? "\t" : "%"};
        steps_.push_back(std::move(next));
        return at + size;
    }

    /// The codes that stand for several others.
    [[nodiscard]] static std::string_view expanded(char code) noexcept
    {
        switch (code) {
        case 'T':
        case 'X': return "%H:%M:%S";
        case 'R': return "%H:%M";
        case 'r': return "%I:%M:%S %p";
        case 'F': return "%Y-%m-%d";
        case 'D':
        case 'x': return "%m/%d/%y";
        case 'c': return "%a %b %e %H:%M:%S %Y";
        case 'h': return "%b";
        default: return {};
        }
    }

    [[nodiscard]] static padded number_of(calendar_time const& time, char code) noexcept
    {
        auto const of = [](auto n) { return static_cast<int>(n); };
        switch (code) {
        case 'Y': return {time.year, 4};
        case 'C': return {time.year / 100};
        case 'y': return {time.year % 100};
        case 'm': return {of(time.month)};
        case 'd': return {of(time.day)};
        case 'e': return {of(time.day), 2, ' '};
        case 'j': return {of(time.year_day) + 1, 3};
        case 'H': return {of(time.hour)};
        case 'I': return {of((time.hour + 11) % 12 + 1)};
        case 'M': return {of(time.minute)};
        case 'S': return {of(time.second)};
        case 'u': return {of((time.weekday + 6) % 7 + 1), 1};
        case 'w': return {of(time.weekday), 1};
        default: return {};
        }
    }

    template <class Text>
    static bool append_number_of(calendar_time const& time, step const& s, Text& out)
    {
        auto number = number_of(time, s.code);
        if (s.code == 'f') {
            number = {static_cast<int>(time.nanoseconds), s.digits};
            for (auto more = s.digits; more < 9; ++more)
                number.value /= 10;
        }
        if (number.value < 0) return false;
        std::array<char, 9> digits{};
        put_digits(digits.data(), static_cast<unsigned>(number.value), number.width);
        if (number.pad == ' ' && digits[0] == '0') digits[0] = ' ';
        out.append(digits.data(), digits.data() + number.width);
        return true;
    }

    template <class Text>
    static void append_word_of(calendar_time const& time, char code, Text& out)
    {
        if (code == 's') return append_number(out, time.epoch);
        std::array<char, 5> zone{time.offset < 0 ? '-' : '+'};
        auto const minutes = static_cast<unsigned>(std::abs(time.offset) / 60);
        put_digits(zone.data() + 1, minutes / 60 * 100 + minutes % 60, 4);
        auto word = view_of(zone);
        switch (code) {
        case 'p': word = time.hour < 12 ? "AM" : "PM"; break;
        case 'a': word = day_names[time.weekday].substr(0, 3); break;
        case 'A': word = day_names[time.weekday]; break;
        case 'b': word = month_names[time.month - 1]; break;
        case 'B': word = long_month_names[time.month - 1]; break;
        case 'Z':
            if (time.offset == 0) word = "UTC";
            break;
        default: break;
        }
        out.append(word.data(), word.data() + word.size());
    }

    static constexpr std::string_view day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                     "Thursday", "Friday", "Saturday"};
    static constexpr std::string_view long_month_names[] = {"January",   "February", "March",    "April",
                                                            "May",       "June",     "July",     "August",
                                                            "September", "October",  "November", "December"};

    std::vector<step> steps_;
};

} // namespace viaduct::detail

#endif

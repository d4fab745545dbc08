#include "failure.hpp"
#include "transfer/url_pattern.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace viaduct_curl {
namespace {

constexpr std::size_t most_choices = 100; // curl's bound
constexpr std::size_t most_shown = 400;   // octets of a URL in a message
constexpr std::string_view special = "{}[]";
constexpr std::string_view bad_range = "bad range";

[[nodiscard]] bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether brackets hold an address, with or without a zone: then they are the host's own.
[[nodiscard]] bool is_address(std::string_view inside)
{
    std::string const address{inside.substr(0, inside.find('%'))};
    in6_addr ignored{};
    return ::inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
}

/// A number at the front, without a sign, which is taken away from `text`.
[[nodiscard]] std::optional<std::int64_t> take_number(std::string_view& text)
{
    std::int64_t number = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return number;
}

[[nodiscard]] bool take(std::string_view& text, char c)
{
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

/// Reads a pattern from its beginning to its end.
class url_pattern::reader
{
public:
    explicit reader(std::string const& text) : text_{text}, rest_{text} {}

    [[nodiscard]] url_pattern read()
    {
        result_.front_ = take_fixed();
        while (!rest_.empty()) {
            auto made = take(rest_, '{') ? take_set() : take_range();
            count(made);
            made.behind = take_fixed();
            result_.choices_.push_back(std::move(made));
        }
        return std::move(result_);
    }

private:
    [[noreturn]] void refuse(std::string_view what, std::size_t at) const
    {
        auto message = fmt::format("{} in URL position {}", what, at + 1);
        bool const is_shown = text_.size() <= most_shown && text_.find('@') == std::string::npos;
        if (is_shown) message += fmt::format(":\n{}\n{}^", text_, std::string(at, ' '));
        throw failure{CURLE_URL_MALFORMAT, std::move(message)};
    }

    [[nodiscard]] std::size_t here() const { return text_.size() - rest_.size(); }

    /// One octet of plain text; after a backslash a special one is plain.
    [[nodiscard]] char take_plain()
    {
        bool const is_escaped =
            rest_.size() > 1 && rest_[0] == '\\' && special.find(rest_[1]) != special.npos;
        if (is_escaped) rest_.remove_prefix(1);
        auto const c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    [[nodiscard]] std::string take_fixed()
    {
        std::string fixed;
        while (!rest_.empty() && rest_.front() != '{') {
            if (rest_.front() == '[') {
                auto const size = bracketed_host();
                if (size == 0) break;
                fixed += rest_.substr(0, size);
                rest_.remove_prefix(size);
                continue;
            }
            if (rest_.front() == '}' || rest_.front() == ']') refuse("unmatched close brace/bracket", here());
            fixed += take_plain();
        }
        return fixed;
    }

    /// How long a bracketed address at the front is, or empty brackets; 0 if it is something else.
    [[nodiscard]] std::size_t bracketed_host() const
    {
        auto const end = rest_.find(']');
        if (end == rest_.npos) return 0;
        return end == 1 || is_address(rest_.substr(1, end - 1)) ? end + 1 : 0;
    }

    [[nodiscard]] choice take_set()
    {
        auto const start = here() - 1;
        set words{{}};
        for (;;) {
            if (rest_.empty()) refuse("unmatched brace", start);
            auto const at = here();
            if (rest_.front() == '{' || rest_.front() == '[') refuse("nested brace", at);
            if (rest_.front() == ']') refuse("unexpected close bracket", at);
            if (take(rest_, '}')) {
                if (words.size() == 1 && words.front().empty()) refuse("empty string within braces", at);
                auto const size = static_cast<std::int64_t>(words.size());
                return {std::move(words), 0, size};
            }
            if (take(rest_, ','))
                words.emplace_back();
            else
                words.back() += take_plain();
        }
    }

    [[nodiscard]] choice take_range()
    {
        rest_.remove_prefix(1); // the bracket
        char const first = rest_.empty() ? '\0' : rest_.front();
        if (!is_digit(first) && !is_letter(first)) refuse("bad range specification", here());
        range const made = is_digit(first) ? take_numbers() : take_letters();
        if (!is_usable(made)) refuse(bad_range, here());
        return {made, 0, (made.last - made.first) / made.step + 1};
    }

    [[nodiscard]] range take_numbers()
    {
        range made;
        auto text = rest_;
        auto const first = take_number(text);
        auto const width = rest_.size() - text.size();
        if (!first || !take(text, '-')) refuse(bad_range, here());
        made.first = *first;
        made.width = rest_.starts_with('0') ? width : 1;
        rest_ = text;
        auto at = here();
        auto const last = take_number(rest_);
        if (!last) refuse(bad_range, at);
        made.last = *last;
        if (take(rest_, ':')) {
            at = here();
            made.step = take_number(rest_).value_or(0);
        }
        if (!take(rest_, ']')) refuse(bad_range, at);
        return made;
    }

    [[nodiscard]] range take_letters()
    {
        auto const start = here();
        bool const is_range =
            rest_.size() > 3 && is_letter(rest_[0]) && rest_[1] == '-' && is_letter(rest_[2]);
        if (!is_range) refuse(bad_range, start);
        range made{rest_[0], rest_[2], 1, 0};
        rest_.remove_prefix(3);
        if (take(rest_, ':')) {
            auto const step = take_number(rest_);
            if (!step) refuse(bad_range, start);
            made.step = *step;
        }
        if (!take(rest_, ']')) refuse(bad_range, start);
        return made;
    }

    /// Upwards, within one kind of letters, with at least one step; a single value needs none.
    [[nodiscard]] static bool is_usable(range const& made)
    {
        auto const distance = made.last - made.first;
        bool const crosses = made.width == 0 && made.first <= 'Z' && made.last >= 'a';
        bool const is_countable = distance < std::numeric_limits<std::int64_t>::max();
        bool const fits = made.step <= distance || (made.step == 1 && distance == 0);
        return made.step > 0 && distance >= 0 && is_countable && fits && !crosses;
    }

    /// All together must stay countable.
    void count(choice const& made)
    {
        if (result_.choices_.size() == most_choices) refuse("too many globs", here());
        if (made.count > std::numeric_limits<std::int64_t>::max() / total_) refuse("range overflow", here());
        total_ *= made.count;
    }

    std::string const& text_;
    std::string_view rest_;
    std::int64_t total_ = 1;
    url_pattern result_;
};

url_pattern url_pattern::parse(std::string const& text)
{
    return reader{text}.read();
}

} // namespace viaduct_curl

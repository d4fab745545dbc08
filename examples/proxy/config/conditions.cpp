#include "conditions.hpp"

#include "config_problem.hpp"
#include "values.hpp"

#include <algorithm>

namespace viaduct_proxy {

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> behind(std::string_view word, std::string_view line) noexcept
{
    if (line.substr(0, word.size()) != word) return {};
    line.remove_prefix(word.size());
    if (!line.empty() && !is_blank(line.front())) return {};
    return trimmed(line);
}

std::optional<bool> evaluate(std::string_view expression)
{
    if (expression == "true") return true;
    if (expression == "false") return false;
    auto const equals = expression.find('=');
    if (equals == std::string_view::npos) return {};
    auto const left = to_c_number(trimmed(expression.substr(0, equals)));
    auto const right = to_c_number(trimmed(expression.substr(equals + 1)));
    if (!left || !right) return {};
    return *left == *right;
}

bool conditions::met() const noexcept
{
    return std::all_of(states_.begin(), states_.end(), [](state const& s) { return s.met; });
}

bool conditions::take(std::string_view line, unsigned number, std::string& wrong)
{
    if (auto const expression = behind("if", line))
        start(*expression, number, wrong);
    else if (auto const more = behind("else", line))
        turn(*more, wrong);
    else if (auto const last = behind("endif", line))
        end(*last, wrong);
    else
        return false;
    return true;
}

void conditions::start(std::string_view expression, unsigned number, std::string& wrong)
{
    auto const value = evaluate(expression);
    if (!value)
        wrong = "'if " + legible(expression) + "' asks nothing: 'true', 'false' or 'NUMBER = NUMBER' can";
    else if (!met()) // Squid asks the innermost 'if' only.
        wrong =
            "an 'if' among lines that do not count: Squid would take its lines all the same; put it behind "
            "the other one's 'endif'";
    states_.push_back({number, value.value_or(true)});
}

namespace {

[[nodiscard]] bool says_more(std::string_view more) noexcept
{
    return !more.empty() && more.front() != '#';
}

} // namespace

void conditions::turn(std::string_view more, std::string& wrong)
{
    if (states_.empty()) {
        wrong = "'else' without an 'if'";
        return;
    }
    auto& last = states_.back();
    if (says_more(more))
        wrong = "'" + legible(more) + "' behind 'else', where Squid would not read it; write a nested 'if'";
    else if (last.otherwise)
        wrong = "a second 'else' of one 'if'";
    last.met = !last.met;
    last.otherwise = true;
}

void conditions::end(std::string_view more, std::string& wrong)
{
    if (states_.empty())
        wrong = "'endif' without an 'if'";
    else
        states_.pop_back();
    if (wrong.empty() && says_more(more)) wrong = "'" + legible(more) + "' behind 'endif'";
}

} // namespace viaduct_proxy

#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_CONDITIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_CONDITIONS_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_proxy {

[[nodiscard]] constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

[[nodiscard]] constexpr bool is_quote(char c) noexcept
{
    return c == '"' || c == '\'';
}

[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// What is behind the first word of a line, without the blanks around it, if that word is this one.
[[nodiscard]] std::optional<std::string_view> behind(std::string_view word, std::string_view line) noexcept;

/// What `if` can ask: `true`, `false`, or whether two whole numbers are equal; nothing if it is none of them.
[[nodiscard]] std::optional<bool> evaluate(std::string_view expression);

/// The lines `if`, `else` and `endif` of one file.
class conditions
{
public:
    /// True if the line is one of them. What is wrong with it is put into `wrong`.
    [[nodiscard]] bool take(std::string_view line, unsigned number, std::string& wrong);

    /// Whether other lines count.
    [[nodiscard]] bool met() const noexcept;

    /// The line of the last `if` without its `endif`; 0 if there is none.
    [[nodiscard]] unsigned open() const noexcept { return states_.empty() ? 0 : states_.back().line; }

private:
    struct state
    {
        unsigned line;
        bool met;
        bool otherwise = false; ///< Its `else` was there.
    };

    void start(std::string_view expression, unsigned number, std::string& wrong);
    void turn(std::string_view more, std::string& wrong);
    void end(std::string_view more, std::string& wrong);

    std::vector<state> states_;
};

} // namespace viaduct_proxy

#endif

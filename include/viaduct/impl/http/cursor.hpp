#ifndef VIADUCT_IMPL_HTTP_CURSOR_HPP
#define VIADUCT_IMPL_HTTP_CURSOR_HPP

#include <viaduct/http/characters.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// A place in the value of a structured field, and the pieces of grammar that several fields share.
class cursor
{
public:
    explicit cursor(std::string_view text) noexcept : rest_{text} {}

    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool at(char c) const noexcept { return rest_.starts_with(c); }

    bool skip(char c) noexcept
    {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool skip_blanks() noexcept
    {
        bool skipped = false;
        while (skip(' ') || skip('\t'))
            skipped = true;
        return skipped;
    }

    /// The longest run of characters that `accepts` takes; may be empty.
    template <class Predicate>
    [[nodiscard]] std::string_view take_while(Predicate accepts) noexcept
    {
        std::size_t n = 0;
        while (n < rest_.size() && accepts(rest_[n]))
            ++n;
        auto const run = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return run;
    }

    [[nodiscard]] std::string_view take_token() noexcept
    {
        return take_while([](char c) { return characters::is_token(c); });
    }

    /// What a quoted string says (RFC 9110 section 5.6.4); nothing if its closing quote is missing.
    [[nodiscard]] std::optional<std::string> take_quoted()
    {
        if (!skip('"')) return std::nullopt;
        std::string text;
        while (!rest_.empty()) {
            if (skip('"')) return text;
            if (skip('\\') && rest_.empty()) break;
            text += rest_.front();
            rest_.remove_prefix(1);
        }
        return std::nullopt;
    }

private:
    std::string_view rest_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_TESTS_FUZZ_ONE_JSON_HPP
#define VIADUCT_TESTS_FUZZ_ONE_JSON_HPP

#include <string_view>

namespace fuzz {

/// Reads JSON by the letter of RFC 8259, and keeps nothing of it.
class json_reader
{
public:
    explicit json_reader(std::string_view text) noexcept : rest_{text} {}

    [[nodiscard]] bool value(int depth = 0)
    {
        if (depth > 16 || rest_.empty()) return false;
        switch (rest_.front()) {
        case '{': return list('}', true, depth);
        case '[': return list(']', false, depth);
        case '"': return string();
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
        }
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    [[nodiscard]] bool take(char c)
    {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    [[nodiscard]] bool word(std::string_view expected)
    {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    [[nodiscard]] bool list(char end, bool named, int depth)
    {
        rest_.remove_prefix(1);
        if (take(end)) return true;
        do {
            if (named && !(string() && take(':'))) return false;
            if (!value(depth + 1)) return false;
        } while (take(','));
        return take(end);
    }

    [[nodiscard]] bool string()
    {
        if (!take('"')) return false;
        while (!rest_.empty() && rest_.front() != '"') {
            auto const c = rest_.front();
            if (static_cast<unsigned char>(c) < 0x20U) return false;
            rest_.remove_prefix(1);
            if (c == '\\' && !escape()) return false;
        }
        return take('"');
    }

    [[nodiscard]] bool escape()
    {
        if (!take('u')) {
            if (rest_.empty() || std::string_view{"\"\\/bfnrt"}.find(rest_.front()) == std::string_view::npos)
                return false;
            rest_.remove_prefix(1);
            return true;
        }
        auto const hex = rest_.substr(0, 4);
        if (hex.size() != 4 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
            return false;
        rest_.remove_prefix(4);
        return true;
    }

    [[nodiscard]] bool number()
    {
        take_minus();
        if (rest_.starts_with('0') && rest_.size() > 1 && is_digit(rest_[1])) return false;
        if (!digits()) return false;
        if (take('.') && !digits()) return false;
        if (rest_.empty() || (rest_.front() != 'e' && rest_.front() != 'E')) return true;
        rest_.remove_prefix(1);
        if (!rest_.empty() && (rest_.front() == '+' || rest_.front() == '-')) rest_.remove_prefix(1);
        return digits();
    }

    void take_minus()
    {
        if (!rest_.empty() && rest_.front() == '-') rest_.remove_prefix(1);
    }

    [[nodiscard]] static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

    [[nodiscard]] bool digits()
    {
        bool any = false;
        for (; !rest_.empty() && is_digit(rest_.front()); any = true)
            rest_.remove_prefix(1);
        return any;
    }

    std::string_view rest_;
};

/// Whether a text is one JSON object, with no white space between its parts.
[[nodiscard]] inline bool is_one_json_object(std::string_view text)
{
    json_reader reader{text};
    return text.starts_with('{') && reader.value() && reader.at_end();
}

} // namespace fuzz

#endif

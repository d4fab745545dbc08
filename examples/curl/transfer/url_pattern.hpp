#ifndef VIADUCT_CURL_TRANSFER_URL_PATTERN_HPP
#define VIADUCT_CURL_TRANSFER_URL_PATTERN_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace viaduct_curl {

/// A URL with {sets} and [ranges], which stands for many; the last of them changes fastest.
class url_pattern
{
public:
    /// Takes the text as it is: one URL.
    [[nodiscard]] static url_pattern literal(std::string text);

    /// Reads sets `{a,b}` and ranges `[1-3]`, `[001-100:10]`, `[a-z:2]`; a backslash takes their meaning
    /// away.
    /** @throws failure with 3 that shows where it cannot be understood, or stands for too many. */
    [[nodiscard]] static url_pattern parse(std::string const& text);

    /// The URL whose turn it is.
    [[nodiscard]] std::string url() const;

    /// A file's name in which `#1` stands for what the first set or range is at now, `#2` for the second's.
    /** A number that none has stays as it is. */
    [[nodiscard]] std::string fill_in(std::string_view name) const;

    /// Goes on to the next one.
    /** @return Whether there is one. */
    bool advance();

private:
    using set = std::vector<std::string>;

    struct range
    {
        std::int64_t first = 0;
        std::int64_t last = 0;
        std::int64_t step = 1;
        std::size_t width = 0; // at least so many digits; 0: letters
    };

    struct choice
    {
        std::variant<set, range> from;
        std::int64_t at = 0; // of `count`
        std::int64_t count = 0;
        std::string behind{}; // the fixed text up to the next one

        [[nodiscard]] std::string text() const;
    };

    class reader;

    std::string front_; // the fixed text before the first choice
    std::vector<choice> choices_;
};

} // namespace viaduct_curl

#endif

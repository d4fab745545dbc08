#ifndef VIADUCT_DETAIL_SQUID_PIECE_HPP
#define VIADUCT_DETAIL_SQUID_PIECE_HPP

#include <viaduct/log/tunnel_record.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// How a text is written into a line.
enum class squid_encoding : unsigned char
{
    by_code,  ///< As the code itself has it, for want of another wish.
    quoted,   ///< `"`
    brackets, ///< `[`
    url,      ///< `#`
    shell,    ///< `/`
    raw       ///< `'`
};

/// Room for a text that has to be put together; what does not fit is cut off.
class squid_scratch
{
public:
    squid_scratch() noexcept {} // leaves the octets alone: most lines need few of them

    void append(std::string_view text) noexcept
    {
        auto const n = std::min(text.size(), octets_.size() - size_);
        std::copy_n(text.begin(), n, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += n;
    }

    void clear() noexcept { size_ = 0; }
    [[nodiscard]] std::string_view view() const noexcept { return {octets_.data(), size_}; }

private:
    std::array<char, 8192> octets_;
    std::size_t size_ = 0;
};

/// What a code stands for in one record.
struct squid_value
{
    enum class kind : unsigned char
    {
        absent,       ///< Printed as `-`.
        text,         ///< Encoded; an empty one is absent.
        number,       ///< Digits, never cut.
        milliseconds, ///< Of a duration in microseconds; the second width is that of its fraction.
        seconds       ///< Likewise; with a fraction of three digits by itself.
    };

    kind what = kind::absent;
    std::string_view text{};
    std::uint64_t number = 0;
    bool ours = false; ///< A text that nobody else had a hand in: it may have blanks.
};

struct squid_piece;

/// What a value is made from.
struct squid_source
{
    tunnel_record const& record;
    squid_piece const& piece;
    std::uint64_t line; ///< How many lines there were before this one.
    squid_scratch& scratch;
};

/// A part of a compiled format: a literal, or a code with all that was said about it.
struct squid_piece
{
    squid_value (*value)(squid_source const&) = nullptr; ///< Null for a literal.
    std::string text{};                                  ///< The literal; or the argument, up to its colon.
    std::string element{};                               ///< What follows that colon and the separator.
    char separator = ',';
    bool has_argument = false;
    bool has_element = false;
    bool url = false;  ///< Without another wish, encoded as in URLs, but for `%`.
    bool left = false; ///< Aligned to the left.
    bool zero = false; ///< Numbers are filled up with zeros.
    squid_encoding encoding = squid_encoding::by_code;
    int min = -1; ///< The least width; -1 without.
    int max = -1; ///< The greatest one, or the digits of a fraction; -1 without.
};

} // namespace viaduct::detail

#endif

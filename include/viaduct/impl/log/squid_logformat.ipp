#ifndef VIADUCT_IMPL_LOG_SQUID_LOGFORMAT_IPP
#define VIADUCT_IMPL_LOG_SQUID_LOGFORMAT_IPP

#include <viaduct/detail/nearest_name.hpp>
#include <viaduct/impl/log/squid_code_table.hpp>
#include <viaduct/log/squid_logformat.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace viaduct {
namespace detail::squid {

inline constexpr int max_width = 4096;

/// Reads a format from its beginning to its end.
class reader
{
public:
    explicit reader(std::string_view spec) noexcept : spec_{spec} {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == spec_.size(); }

    [[nodiscard]] squid_piece next(record_wishes& wishes)
    {
        return spec_[at_] == '%' ? read_code(wishes) : read_literal();
    }

private:
    [[noreturn]] void fail(std::size_t at, std::string const& what, std::string const& hint = {}) const
    {
        throw format_problem{at + 1, what, hint};
    }

    [[nodiscard]] bool skip(std::string_view expected) noexcept
    {
        if (spec_.substr(at_, expected.size()) != expected) return false;
        at_ += expected.size();
        return true;
    }

    /// Between quotes and brackets that stand in a format, texts are encoded for that.
    void look_at(char c) noexcept
    {
        auto const inside = around_;
        if (c == '"' && inside != squid_encoding::brackets)
            around_ = inside == squid_encoding::quoted ? squid_encoding::by_code : squid_encoding::quoted;
        if (c == '[' && inside == squid_encoding::by_code) around_ = squid_encoding::brackets;
        if (c == ']' && inside == squid_encoding::brackets) around_ = squid_encoding::by_code;
    }

    [[nodiscard]] squid_piece read_literal()
    {
        squid_piece piece;
        piece.text = spec_.substr(at_, spec_.find('%', at_) - at_);
        at_ += piece.text.size();
        for (char const c : piece.text)
            look_at(c);
        return piece;
    }

    [[nodiscard]] squid_encoding read_encoding() noexcept
    {
        if (skip("\"")) return squid_encoding::quoted;
        if (skip("[")) return squid_encoding::brackets;
        if (skip("#")) return squid_encoding::url;
        if (skip("/")) return squid_encoding::shell;
        if (skip("'")) return squid_encoding::raw;
        return around_;
    }

    /// -1 if there is none.
    [[nodiscard]] int read_width()
    {
        int width = -1;
        auto const* const begin = spec_.data() + at_;
        auto const read = std::from_chars(begin, spec_.data() + spec_.size(), width);
        if (at_ < spec_.size() && spec_[at_] == '-') return -1; // from_chars would take a sign
        if (read.ec == std::errc::result_out_of_range || width > max_width)
            fail(at_, "a width above " + std::to_string(max_width));
        at_ += static_cast<std::size_t>(read.ptr - begin);
        return width;
    }

    void read_widths(squid_piece& piece)
    {
        piece.left = skip("-");
        piece.zero = skip("0");
        piece.min = read_width();
        auto const dot = at_;
        if (!skip(".")) return;
        piece.max = read_width();
        if (piece.max < 0) fail(dot, "'.' without a maximal width behind it");
    }

    void read_argument(squid_piece& piece)
    {
        auto const brace = at_;
        if (piece.has_argument || !skip("{")) return;
        auto const end = spec_.find('}', at_);
        if (end == std::string_view::npos) fail(brace, "'{' without its '}'");
        piece.text = spec_.substr(at_, end - at_);
        piece.has_argument = true;
        at_ = end + 1;
    }

    /// The longest one that fits.
    [[nodiscard]] code const& find_code(std::size_t percent)
    {
        if (spec_.substr(at_, 7) != "http::%") (void)skip("http::");
        bool const tls = skip("tls::");
        auto const rest = (tls ? "ssl::" : "") + std::string{spec_.substr(at_, 64)};
        code const* found = nullptr;
        for (auto const& candidate : codes)
            if (rest.starts_with(candidate.name) && (!found || candidate.name.size() > found->name.size()))
                found = &candidate;
        if (!found) fail_for(rest, percent);
        at_ += found->name.size() - (tls ? 5 : 0);
        return *found;
    }

    [[noreturn]] void fail_for(std::string_view rest, std::size_t percent) const
    {
        auto const is_part = [](char c) {
            return characters::is_alpha(c) || characters::is_digit(c) || c == '_' || c == ':' || c == '<' ||
                   c == '>';
        };
        auto const end = std::find_if_not(rest.begin(), rest.end(), is_part);
        auto const name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
        if (name.empty()) fail(percent, "'%' without a code behind it", "'%%' prints a percent sign");
        nearest_name nearest{name};
        for (auto const& known : codes)
            nearest.offer(known.name);
        auto const hint =
            nearest.found().empty() ? "" : "the nearest one is '%" + std::string{nearest.found()} + "'";
        fail(percent, "unknown code '%" + std::string{name} + "'", hint);
    }

    /// `NAME[:[SEPARATOR]ELEMENT]`
    void split_name(squid_piece& piece, code const& what, std::size_t percent) const
    {
        bool const pseudo = piece.text.starts_with(':');
        if (piece.text.empty()) fail(percent, "a header without a name");
        if (pseudo && what.name != "proxy_protocol::>h") fail(percent, "a pseudo header of HTTP/1");
        auto const colon = piece.text.find(':', pseudo ? 1 : 0);
        if (colon == std::string::npos) return;
        piece.has_element = true;
        piece.element = piece.text.substr(colon + 1);
        piece.text.resize(colon);
        if (piece.element.empty() || std::string_view{",;:"}.find(piece.element[0]) == std::string_view::npos)
            return;
        piece.separator = piece.element[0];
        piece.element.erase(0, 1);
    }

    /// Outside of quotes and brackets it is a literal.
    void make_octet(squid_piece& piece, std::size_t percent) const
    {
        unsigned char value = 0;
        auto const* const end = piece.text.data() + piece.text.size();
        auto const read = std::from_chars(piece.text.data(), end, value);
        if (read.ec != std::errc{} || read.ptr != end || value == 0)
            fail(percent, "%byte needs a number from 1 to 255", "such as %byte{10}");
        piece.text.assign(1, static_cast<char>(value));
        if (piece.encoding == squid_encoding::by_code) piece.value = nullptr;
    }

    [[nodiscard]] squid_piece read_code(record_wishes& wishes)
    {
        auto const percent = at_++;
        squid_piece piece;
        piece.encoding = read_encoding();
        read_widths(piece);
        read_argument(piece);
        auto const& found = find_code(percent);
        read_argument(piece);
        piece.value = found.value;
        piece.url = found.has == trait::url || found.has == trait::named || found.has == trait::field;
        if (found.has == trait::octet) make_octet(piece, percent);
        if (piece.has_argument && (found.has == trait::named || found.has == trait::field))
            split_name(piece, found, percent);
        wishes.fields = wishes.fields || found.has == trait::field;
        wishes.addresses = wishes.addresses || found.has == trait::address;
        return piece;
    }

    std::string_view spec_;
    std::size_t at_ = 0;
    squid_encoding around_ = squid_encoding::by_code;
};

} // namespace detail::squid

VIADUCT_DECL squid_logformat::squid_logformat(std::string_view spec)
{
    detail::squid::reader reader{spec};
    while (!reader.at_end())
        pieces_.push_back(reader.next(wishes_));
}

VIADUCT_DECL void squid_logformat::append(tunnel_record const& record, std::string& line) const
{
    detail::squid_scratch scratch;
    auto const number = lines_.fetch_add(1, std::memory_order_relaxed);
    for (auto const& piece : pieces_) {
        if (!piece.value) {
            line.append(piece.text);
            continue;
        }
        scratch.clear();
        detail::append_value(line, piece.value({record, piece, number, scratch}), piece);
    }
    line += '\n';
}

} // namespace viaduct

#endif

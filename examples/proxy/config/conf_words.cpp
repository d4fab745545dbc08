#include "conf_words.hpp"

#include "conditions.hpp"
#include "file_lines.hpp"
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace viaduct_proxy {

namespace {

constexpr std::string_view blanks = " \t\n\r";
constexpr std::string_view unquoted_signs =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,()-=_/:+";

/// A line to cut: that of a directive, or one of a file that it names.
struct line_place
{
    std::string_view text;
    std::string where;
    unsigned column = 0;
    unsigned depth = 0;
};

[[noreturn]] void blame(line_place const& line, std::size_t at, std::string const& text)
{
    auto const place = line.column == 0 ? "near '" + legible(line.text.substr(at, 24)) + "': "
                                        : "column " + std::to_string(line.column + at) + ": ";
    throw config_mistake{{line.where, place + text}};
}

class cutter
{
public:
    cutter(bool quotes, bool strict, word_syntax syntax, config_source const& source)
        : quotes_{quotes},
          strict_{strict},
          syntax_{syntax},
          source_{source}
    {}

    void cut(line_place const& line)
    {
        line_ = &line;
        for (std::size_t at = next(0); at < line.text.size(); at = next(at))
            at = quotes_ ? value(at) : word(at);
    }

    std::vector<conf_word> found;

private:
    /// One word of the mode in which quotes work; returns the place behind it.
    std::size_t value(std::size_t at)
    {
        auto const text = line_->text;
        if (is_quote(text[at])) return quoted(at);
        auto const stop = text[at] == '(' ? " \t\n\r" : " \t\n\r(";
        auto const end = std::min(text.find_first_of(stop, at), text.size());
        if (end < text.size() && text[end] == '(') return call(at, end);
        if (strict_) check(at, end);
        add(std::string{text.substr(at, end - at)}, false, at);
        return end;
    }

    /// The start of the next word; the end of the line before a comment.
    [[nodiscard]] std::size_t next(std::size_t at) const noexcept
    {
        auto const found_at = std::min(line_->text.find_first_not_of(blanks, at), line_->text.size());
        return found_at < line_->text.size() && line_->text[found_at] == '#' ? line_->text.size() : found_at;
    }

    void add(std::string text, bool is_quoted, std::size_t at)
    {
        found.push_back({std::move(text), is_quoted, line_->where, line_->depth == 0 ? at : 0});
    }

    /// Letters, digits and a few signs; all else has to be between quotes, but for the `%` of a number.
    void check(std::size_t at, std::size_t end) const
    {
        auto const text = line_->text.substr(at, end - at);
        auto const odd = text.find_first_not_of(unquoted_signs);
        if (odd == std::string_view::npos) return;
        bool const number = text.find_first_not_of("0123456789") == odd;
        if (text[odd] == '%' && number && odd + 1 == text.size()) return;
        blame(*line_, at + odd, "'" + legible(text.substr(odd, 1)) + "' has to be between quotes");
    }

    std::size_t quoted(std::size_t at)
    {
        std::string text;
        auto const end = unquote(at, text);
        add(std::move(text), true, at);
        return end;
    }

    [[nodiscard]] std::size_t unquote(std::size_t at, std::string& text) const
    {
        auto const line = line_->text;
        auto const quote = line[at];
        auto i = at + 1;
        for (; i < line.size() && line[i] != quote; ++i)
            text += line[i] == '\\' && i + 1 < line.size() ? escaped(++i) : line[i];
        if (i == line.size()) blame(*line_, at, "a quote has no end");
        if (++i < line.size() && std::string_view{" \t\n\r()#"}.find(line[i]) == std::string_view::npos)
            blame(*line_, i, "no blank behind the end of a quote");
        return i;
    }

    [[nodiscard]] char escaped(std::size_t at) const
    {
        auto const c = line_->text[at];
        if (c == 'n') return '\n';
        if (c == 'r') return '\r';
        if (c == 't') return '\t';
        if (viaduct::characters::is_alpha(c) || viaduct::characters::is_digit(c))
            blame(*line_, at - 1, "no such escape: there are \\n, \\r, \\t and those of signs");
        return c;
    }

    /// `parameters("FILE")`.
    std::size_t call(std::size_t at, std::size_t end)
    {
        if (line_->text.substr(at, end - at) != "parameters")
            blame(*line_, at, "the only function is parameters(\"FILE\")");
        auto const start = next(end + 1);
        if (start == line_->text.size() || !is_quote(line_->text[start]))
            blame(*line_, start, "parameters() takes the name of a file between quotes");
        std::string path;
        auto const close = next(unquote(start, path));
        auto const after = std::min(line_->text.find_first_of(blanks, close), line_->text.size());
        if (line_->text.substr(close, after - close) != ")") blame(*line_, close, "a ')' is missing");
        parameters(path, start);
        return after;
    }

    void parameters(std::string const& path, std::size_t at)
    {
        auto const* const outer = line_;
        if (outer->depth >= config_bounds::includes_deep)
            blame(*outer, at, "files within files, more than 16 deep");
        auto const content = read(path, at);
        each_line(content, [&](std::string_view text, unsigned number) {
            cut({text, directive{path, number}.where(), 1, outer->depth + 1});
        });
        line_ = outer;
    }

    [[nodiscard]] std::string read(std::string const& path, std::size_t at)
    {
        if (++files_ > config_bounds::files) blame(*line_, at, "more than 4096 files");
        auto content = source_.read(path);
        if (!content.trouble.empty())
            blame(*line_, at, "'" + legible(path) + "' cannot be read: " + content.trouble);
        if (content.text.find('\0') != std::string::npos)
            blame(*line_, at, "a NUL octet in '" + legible(path) + "': this is no text");
        return std::move(content.text);
    }

    /// One word of the mode in which they do not.
    std::size_t word(std::size_t at)
    {
        auto const text = line_->text;
        auto const end = syntax_ == word_syntax::regex
                             ? pattern_end(at)
                             : std::min(text.find_first_of(blanks, at), text.size());
        bool const lists = syntax_ == word_syntax::lists || syntax_ == word_syntax::regex;
        if (lists && is_quote(text[at])) return list(at, end);
        add(std::string{text.substr(at, end - at)}, false, at);
        return end;
    }

    [[nodiscard]] std::size_t pattern_end(std::size_t at) const
    {
        auto const text = line_->text;
        for (;; at += 2) {
            at = std::min(text.find_first_of(" \t\n\r\\", at), text.size());
            if (at == text.size() || text[at] != '\\') return at;
            if (at + 1 == text.size()) blame(*line_, at, "a pattern ends with a backslash");
        }
    }

    std::size_t list(std::size_t at, std::size_t end)
    {
        auto const name = line_->text.substr(at + 1, end - at - 1);
        auto const close = name.find_first_of("\"'");
        if (close == std::string_view::npos)
            blame(*line_, at, "a quote has no end: a file's name has no blanks");
        if (close + 1 != name.size())
            blame(*line_, at, "something behind the name of a file: Squid would drop it");
        if (next(end) < line_->text.size())
            blame(*line_, end, "values behind a file: Squid would drop them; put the file last");
        std::string const path{name.substr(0, close)};
        each_line(read(path, at),
                  [&](std::string_view text, unsigned number) { list_line(path, text, number); });
        return end;
    }

    void list_line(std::string const& path, std::string_view text, unsigned number)
    {
        auto const item = without_comment(text);
        if (item.empty()) return;
        auto const where = directive{path, number}.where();
        if (text.find('\r') != std::string_view::npos)
            throw config_mistake{{where, "a carriage return within the line"}};
        found.push_back({std::string{item}, false, where, 0});
    }

    bool quotes_;
    bool strict_;
    word_syntax syntax_;
    config_source const& source_;
    line_place const* line_ = nullptr;
    std::size_t files_ = 0;
};

} // namespace

std::vector<conf_word> words(directive const& d, word_syntax syntax, config_source const& source)
{
    line_place const line{d.rest, d.where(), d.column};
    if (d.quoted_values && syntax == word_syntax::regex)
        blame(line, 0, "there are no patterns while configuration_includes_quoted_values is on");
    cutter all{d.quoted_values || syntax == word_syntax::quoting, d.quoted_values, syntax, source};
    all.cut(line);
    return std::move(all.found);
}

std::string to_end(directive const& d, std::size_t offset)
{
    line_place line{d.rest, d.where(), d.column};
    auto const start = std::min(line.text.find_first_not_of(blanks, offset), line.text.size());
    if (start == line.text.size() || line.text[start] == '#') return {};
    if (!d.quoted_values) return std::string{line.text.substr(start)};
    line.text.remove_prefix(start);
    if (line.column != 0) line.column += static_cast<unsigned>(start);
    cutter all{true, true, word_syntax::plain, disk_source()};
    all.cut(line);
    if (all.found.size() != 1) blame(line, 0, "has to be one value, between quotes");
    return std::move(all.found.front().text);
}

} // namespace viaduct_proxy

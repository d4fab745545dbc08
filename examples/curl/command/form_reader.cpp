#include "command/form_reader.hpp"

#include "command/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace viaduct_curl {
namespace {

using kind = form_piece::kind;

constexpr std::string_view blanks = " \t\r\n\v\f";

[[nodiscard]] std::string_view without_blanks_behind(std::string_view text)
{
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Reads one value and what its semicolons bring, then perhaps another file's.
class form_reader
{
public:
    form_reader(given& g, std::string_view text) : given_{g}, rest_{text} {}

    /// @param is_list Whether a comma ends it, behind which another one stands.
    void read(form_piece& to, bool is_list)
    {
        is_list_ = is_list;
        in_type_ = false;
        to.value = read_word();
        while (take(';'))
            read_attribute(to);
    }

    /// Whether another one follows.
    [[nodiscard]] bool next() { return is_list_ && take(','); }

private:
    [[nodiscard]] bool take(char c)
    {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    [[nodiscard]] bool take(std::string_view name)
    {
        skip_blanks();
        if (!rest_.starts_with(name)) return false;
        rest_.remove_prefix(name.size());
        return true;
    }

    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

    /// Up to a semicolon, or a comma in a list.
    [[nodiscard]] std::string_view read_plain()
    {
        auto const word = rest_.substr(0, rest_.find_first_of(is_list_ ? ";," : ";"));
        rest_.remove_prefix(word.size());
        return without_blanks_behind(word);
    }

    /// Plain or in quotes, where a backslash goes before quotes and backslashes.
    [[nodiscard]] std::string read_word()
    {
        skip_blanks();
        std::string word;
        if (!rest_.starts_with('"')) return std::string{read_plain()};
        for (std::size_t at = 1; at < rest_.size(); ++at) {
            if (rest_[at] == '"') return end_quotes(at, std::move(word));
            auto const next = at + 1 < rest_.size() ? rest_[at + 1] : '\0';
            if (rest_[at] == '\\' && (next == '"' || next == '\\')) ++at;
            word += rest_[at];
        }
        return std::string{read_plain()}; // they do not end: no quotes
    }

    [[nodiscard]] std::string end_quotes(std::size_t at, std::string word)
    {
        rest_.remove_prefix(at + 1);
        if (!read_plain().empty()) warn(given_.now, "Trailing data after quoted form parameter");
        return word;
    }

    void read_attribute(form_piece& to)
    {
        bool const in_type = std::exchange(in_type_, false);
        if (!in_type && take("type="))
            read_type(to);
        else if (take("filename="))
            to.file_name = read_word();
        else if (take("headers="))
            read_headers(to);
        else if (take("encoder="))
            to.encoder = read_word();
        else if (in_type)
            *to.type += fmt::format(";{}", read_plain()), in_type_ = true; // a parameter of it
        else if (auto const unknown = read_word(); !unknown.empty())
            warn(given_.now, fmt::format("skip unknown form field: {}", unknown));
    }

    void read_type(form_piece& to)
    {
        skip_blanks();
        auto const type = read_plain();
        auto const slash = type.find('/');
        bool const is_type = slash != 0 && slash != std::string_view::npos && slash + 1 < type.size();
        if (!is_type) misuse(given_, fmt::format("'{}' is no content type", type));
        to.type = std::string{type};
        in_type_ = true;
    }

    void read_headers(form_piece& to)
    {
        bool const is_file = take('@') || take('<');
        auto const word = read_word();
        if (is_file)
            add_lines(to, read_file(word));
        else
            to.headers.push_back(word);
    }

    /// Lines of a file; one that begins with a blank goes on with the last, a `#` begins a comment.
    static void add_lines(form_piece& to, std::string_view text)
    {
        while (!text.empty()) {
            auto const all = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(all.size() + 1, text.size()));
            auto const line = without_blanks_behind(all);
            if (line.empty() || line.starts_with('#')) continue;
            if (blanks.find(line.front()) != std::string_view::npos && !to.headers.empty())
                to.headers.back() += line;
            else
                to.headers.emplace_back(line);
        }
    }

    given& given_;
    std::string_view rest_;
    bool is_list_ = false;
    bool in_type_ = false; // the last attribute was the type
};

/// The standard input is read now, because its length has to be known.
void load_standard_input(form_piece& of)
{
    if (of.value != "-") return;
    if (of.what == kind::file && !of.file_name) of.file_name = "-";
    of.value = read_file("-");
    of.what = kind::text;
}

void read_files(given& g, std::string const& name, std::string_view text)
{
    std::vector<form_piece> files;
    form_reader reader{g, text};
    do {
        reader.read(files.emplace_back(form_piece{.what = kind::file}), true);
        load_standard_input(files.back());
    } while (reader.next());
    auto& form = g.now.request.form;
    bool const are_several = files.size() > 1;
    if (are_several)
        form.push_back({.what = kind::begin, .name = name});
    else
        files.front().name = name;
    form.insert(form.end(), files.begin(), files.end());
    if (are_several) form.push_back({.what = kind::end});
}

void read_value(given& g, std::string const& name, kind what, std::string_view text)
{
    form_piece piece{.what = what, .name = name};
    form_reader{g, text}.read(piece, false);
    if (what == kind::content) load_standard_input(piece);
    g.now.request.form.push_back(std::move(piece));
}

void end_part(given& g)
{
    auto& form = g.now.request.form;
    auto const count = [&](kind what) {
        return std::count_if(form.begin(), form.end(), [&](auto const& p) { return p.what == what; });
    };
    if (count(kind::begin) == count(kind::end)) misuse(g, "there is no part to end");
    form.push_back({.what = kind::end});
}

/// @return Where the value begins.
[[nodiscard]] std::size_t behind_name(given const& g)
{
    auto const mark = g.value.find('=');
    if (mark == std::string::npos) misuse(g, "expected name=content");
    return mark + 1;
}

} // namespace

void read_form(given& g)
{
    auto const at = behind_name(g);
    auto const name = g.value.substr(0, at - 1);
    auto const text = std::string_view{g.value}.substr(at);
    if (name.empty() && text == ")") return end_part(g);
    if (text.starts_with('@')) return read_files(g, name, text.substr(1));
    if (text.starts_with('<')) return read_value(g, name, kind::content, text.substr(1));
    if (text.starts_with('(')) return read_value(g, name, kind::begin, text.substr(1));
    read_value(g, name, kind::text, text);
}

void read_form_string(given& g)
{
    auto const at = behind_name(g);
    g.now.request.form.push_back({.name = g.value.substr(0, at - 1), .value = g.value.substr(at)});
}

} // namespace viaduct_curl

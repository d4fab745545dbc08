#include "config_file.hpp"

#include "conditions.hpp"
#include "config_macros.hpp"
#include "include_line.hpp"
#include "values.hpp"

#include <algorithm>
#include <utility>

namespace viaduct_proxy {

namespace {

constexpr std::string_view blanks = " \t\n\r";

/// What all files of a configuration share.
struct reading
{
    config_file found{};
    config_macros const& macros;
    config_source const& source;
    unsigned depth = 0;
    bool quoted_values = false;

    void blame(std::string const& where, std::string text) { tell(found.mistakes, where, std::move(text)); }
    void remark(std::string const& where, std::string text) { tell(found.notices, where, std::move(text)); }
    [[nodiscard]] bool full() const noexcept { return found.mistakes.size() > config_bounds::problems; }
};

void read_file(reading& all, std::string const& path, std::string const& asked_at);

/// One file: its lines, joined, and those that count.
class file_reader
{
public:
    file_reader(reading& all, std::string path) : all_{all}, place_{std::move(path)} {}

    void read(std::string_view text)
    {
        if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
        while (!text.empty() && !all_.full()) {
            auto const end = std::min(text.find('\n'), text.size());
            take_line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        finish();
    }

private:
    [[nodiscard]] std::string at(unsigned line, std::string_view what = {}) const
    {
        directive d{place_, line};
        d.name = what;
        return d.where();
    }

    void blame(std::string text) { all_.blame(at(line_), std::move(text)); }

    void finish()
    {
        if (!joined_.empty() && continued_)
            all_.blame(at(start_), "ends with a backslash, and nothing follows: Squid would drop the line");
        if (auto const open = conditions_.open(); open != 0)
            all_.blame(at(open, "if"), "has no 'endif' in its file");
    }

    void take_line(std::string_view line)
    {
        ++line_;
        while (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        if (!is_text(line)) return;
        auto const whole = line.size();
        while (!line.empty() && is_blank(line.front()))
            line.remove_prefix(1);
        if (line.empty()) return;
        indent_ = static_cast<unsigned>(whole - line.size()) + 1;
        if (line.front() == '#') return mark(line);
        join(line);
    }

    /// Squid's line would end there.
    [[nodiscard]] bool is_text(std::string_view line)
    {
        bool const nul = line.find('\0') != std::string_view::npos;
        bool const cr = line.find('\r') != std::string_view::npos;
        if (nul)
            blame("a NUL octet: this is no text");
        else if (cr)
            blame("a carriage return within the line: Squid would drop what is behind it");
        return !nul && !cr;
    }

    void mark(std::string_view line)
    {
        auto seen = to_line_mark(line);
        if (!seen.given) return;
        if (!seen.file.empty()) place_ = std::move(seen.file);
        line_ = seen.line == 0 ? 0 : seen.line - 1;
    }

    void join(std::string_view line)
    {
        if (!continued_) {
            start_ = line_;
            column_ = indent_;
        } else {
            column_ = 0;
        }
        continued_ = line.back() == '\\';
        if (continued_) line.remove_suffix(1);
        if (joined_.size() + line.size() <= config_bounds::line_octets)
            joined_ += line;
        else
            too_long_ = true;
        if (!continued_) return end_line();
        if (line.find(" #") != std::string_view::npos)
            all_.remark(at(line_), "a comment goes on in the next line, as it ends with a backslash");
    }

    void end_line()
    {
        auto const whole = std::exchange(joined_, {});
        auto const last = std::exchange(line_, start_);
        if (std::exchange(too_long_, false))
            blame("the line is longer than 1 MiB");
        else
            take(with_macros(std::string{trimmed(whole)}));
        line_ = last;
    }

    [[nodiscard]] std::string with_macros(std::string line)
    {
        auto const seen = expand(line, all_.macros);
        if (seen.any) column_ = 0;
        if (seen.of_process)
            all_.remark(at(line_), "tells processes apart: here one does the work of all, as number " +
                                       std::to_string(all_.macros.process_number));
        return line;
    }

    void take(std::string const& line)
    {
        if (line.empty()) return;
        std::string wrong;
        bool const asks = conditions_.take(line, line_, wrong);
        if (!wrong.empty()) blame(std::move(wrong));
        if (asks || !conditions_.met()) return;
        if (auto const patterns = behind("include", line)) return include(*patterns);
        if (line.back() == '\\')
            return blame("a blank behind the backslash: Squid would not join the next line");
        auto const end = std::min(line.find_first_of(blanks), line.size());
        auto const rest = std::min(line.find_first_not_of(blanks, end), line.size());
        directive d{place_, line_};
        d.name = line.substr(0, end);
        d.rest = line.substr(rest);
        d.column = column_ == 0 ? 0 : column_ + static_cast<unsigned>(rest);
        d.quoted_values = all_.quoted_values;
        if (d.name == "configuration_includes_quoted_values") return switch_quoting(d);
        if (all_.found.directives.size() >= config_bounds::directives)
            return blame("more than 1000000 directives");
        all_.found.directives.push_back(std::move(d));
    }

    void switch_quoting(directive const& d)
    {
        auto const text = std::string_view{d.rest}.substr(0, d.rest.find('#'));
        auto const value = to_on_off(trimmed(text));
        if (!value) {
            all_.blame(d.where(), "'" + legible(d.rest) + "' is neither 'on' nor 'off'");
            return;
        }
        all_.quoted_values = *value;
    }

    void include(std::string_view text)
    {
        auto const where = at(line_, "include");
        auto const patterns = split_patterns(text);
        if (patterns.open || patterns.all.empty()) {
            all_.blame(where, patterns.open ? "a quote has no end" : "names no file");
            return;
        }
        for (auto const& pattern : patterns.all)
            include_all(pattern, where);
    }

    void include_all(std::string const& pattern, std::string const& where)
    {
        auto const paths = all_.source.matching(pattern);
        if (paths.empty()) all_.blame(where, "there is no file '" + legible(pattern) + "'");
        for (auto const& path : paths)
            read_file(all_, path, where);
    }

    reading& all_;
    std::string place_;
    std::string joined_;
    conditions conditions_;
    unsigned line_ = 0;
    unsigned start_ = 0;
    unsigned indent_ = 0; ///< The column in which the current line starts, from 1.
    unsigned column_ = 0; ///< The same of a line that is whole and as it was written, or 0.
    bool continued_ = false;
    bool too_long_ = false;
};

void read_file(reading& all, std::string const& path, std::string const& asked_at)
{
    if (all.full()) return;
    auto const named = "'" + legible(path) + "' ";
    if (all.depth > config_bounds::includes_deep) {
        all.blame(asked_at, named + "is included too deeply: more than 16 files within one another");
        return;
    }
    if (all.found.files.size() >= config_bounds::files) {
        all.blame(asked_at, "more than 4096 files");
        return;
    }
    auto const content = all.source.read(path);
    if (!content.trouble.empty()) {
        all.blame(asked_at, named + "cannot be read: " + content.trouble);
        return;
    }
    all.found.files.push_back(path);
    ++all.depth;
    file_reader{all, path}.read(content.text);
    --all.depth;
}

} // namespace

std::string directive::where() const
{
    auto place = legible(file) + ':' + std::to_string(line);
    return name.empty() ? place : place + ": " + legible(name);
}

config_file read_config(std::string const& path, config_macros const& macros, config_source const& source)
{
    reading all{{}, macros, source};
    read_file(all, path, legible(path));
    return std::move(all.found);
}

} // namespace viaduct_proxy

#include "tell/write_out.hpp"

#include "tell/variables.hpp"
#include "tell/verbose.hpp"

#include <fmt/format.h>

#include <optional>
#include <unistd.h>
#include <utility>

namespace viaduct_curl {
namespace {

using place = written_piece::place;

/// Reads a format from its beginning to its end.
class formatter
{
public:
    formatter(std::string_view format, report const& what) : rest_{format}, report_{what} {}

    [[nodiscard]] written run()
    {
        while (!rest_.empty() && !stopped_) {
            if (rest_.starts_with("%%"))
                put("%", 2);
            else if (rest_.starts_with("\\n"))
                put("\n", 2);
            else if (rest_.starts_with("\\r"))
                put("\r", 2);
            else if (rest_.starts_with("\\t"))
                put("\t", 2);
            else if (!take_braces())
                put(rest_.substr(0, 1), 1);
        }
        return std::move(out_);
    }

private:
    void put(std::string_view text, std::size_t taken)
    {
        out_.pieces.back().text += text;
        rest_.remove_prefix(taken);
    }

    /// What a variable stands for may come from elsewhere, so a terminal does not get it as it is.
    void put_value(std::string const& text)
    {
        auto const where = out_.pieces.back().where;
        int const descriptor = where == place::error ? STDERR_FILENO : STDOUT_FILENO;
        bool const is_on_terminal = where != place::file && ::isatty(descriptor) == 1;
        put(is_on_terminal ? printable(text) : text, 0);
    }

    [[nodiscard]] bool take_braces()
    {
        if (auto const name = take("%{")) {
            expand(*name);
        } else if (auto const field = take("%header{")) {
            put_value(field_value(report_, *field));
        } else if (auto file = take("%output{")) {
            bool const appends = file->starts_with(">>");
            turn({place::file, std::string{file->substr(appends ? 2 : 0)}, appends, {}});
        } else {
            return false;
        }
        return true;
    }

    /// What stands between `opening` and the next brace, which is taken away with both.
    [[nodiscard]] std::optional<std::string_view> take(std::string_view opening)
    {
        auto const end = rest_.find('}');
        if (!rest_.starts_with(opening) || end == std::string_view::npos) return std::nullopt;
        auto const inside = rest_.substr(opening.size(), end - opening.size());
        rest_.remove_prefix(end + 1);
        return inside;
    }

    void turn(written_piece to) { out_.pieces.push_back(std::move(to)); }

    void expand(std::string_view name)
    {
        std::string text;
        if (auto const* const found = find_variable(name))
            put_value(text_of(*found, report_));
        else if (name == "json")
            put_value(all_as_json(report_));
        else if (name == "header_json")
            put_value(head_as_json(report_));
        else if (url_piece(report_, name, text))
            put_value(text);
        else if (name == "stderr")
            turn({place::error, {}, false, {}});
        else if (name == "stdout")
            turn({place::output, {}, false, {}});
        else if (name == "onerror")
            stopped_ = report_.exit_code == 0;
        else
            out_.unknown += fmt::format("viaduct-curl: unknown --write-out variable: '{}'\n", name);
    }

    std::string_view rest_;
    report const& report_;
    written out_;
    bool stopped_ = false;
};

} // namespace

written write_out(std::string_view format, report const& what)
{
    return formatter{format, what}.run();
}

} // namespace viaduct_curl

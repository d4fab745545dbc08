// Whatever a squid.conf is, reading it ends, and what is told of it is one line each, fit for a terminal.

#include "target.hpp"

#include <algorithm>
#include <conf_words.hpp>
#include <config_file.hpp>
#include <cstddef>
#include <cstdint>
#include <directive_table.hpp>
#include <string>
#include <string_view>
#include <values.hpp>
#include <vector>

namespace fuzz::squid_conf_target {
namespace {

using namespace viaduct_proxy;

/// The input is every file that it names, but for those called `none`.
class one_file final : public config_source
{
public:
    explicit one_file(std::string_view text) : text_{text} {}

    std::vector<std::string> matching(std::string const& pattern) const override
    {
        if (pattern.find("none") != std::string::npos) return {};
        return {pattern};
    }

    content read(std::string const& path) const override
    {
        if (path.find("none") != std::string::npos) return {{}, "No such file or directory"};
        if (++reads_ > most_reads) return {{}, "enough"};
        return {std::string{text_}, {}};
    }

private:
    static constexpr int most_reads = 40; ///< A file that includes itself twice is read often enough.

    std::string_view text_;
    mutable int reads_ = 0;
};

void check(problems const& all)
{
    for (auto const& one : all) {
        auto const line = one.line();
        bool const plain = std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
        must(plain && !one.where.empty() && !one.text.empty(), "a line for a terminal", line);
    }
}

void check_words(directive const& d, config_source const& source)
{
    for (auto const syntax :
         {word_syntax::plain, word_syntax::quoting, word_syntax::lists, word_syntax::regex}) {
        try {
            for (auto const& w : words(d, syntax, source))
                must(w.offset <= d.rest.size(), "a place in the line", d.rest);
        } catch (config_mistake const& wrong) {
            check({wrong.told});
        }
    }
    try {
        (void)to_end(d);
    } catch (config_mistake const& wrong) {
        check({wrong.told});
    }
}

void check_values(std::string const& text)
{
    (void)to_on_off(text);
    (void)to_c_number(text);
    if (auto const size = to_size(text))
        must(*size <= (std::uint64_t{1} << 53U), "a size within bounds", text);
    if (auto const time = to_time(text)) must(time->count() >= 0, "a time to come", text);
}

void check(std::string_view input)
{
    one_file const source{input};
    auto config = read_config("squid.conf", {}, source);
    check(config.mistakes);
    check(config.notices);
    auto const most = std::min<std::size_t>(config.directives.size(), 50);
    for (std::size_t i = 0; i < most; ++i) {
        auto const& d = config.directives[i];
        must(!d.name.empty() && d.name.find_first_of(" \t\n\r") == std::string::npos, "a name", d.name);
        check_words(d, source);
        check_values(d.rest);
    }
    auto const count = config.directives.size();
    auto const sorted = sort_directives(std::move(config.directives));
    check(sorted.mistakes);
    check(sorted.notices);
    auto const told = sorted.meant.size() + sorted.mistakes.size() + sorted.notices.size();
    must(told >= std::min<std::size_t>(count, config_bounds::problems), "no directive is lost", input);
}

target const self{"squid_conf", check};

} // namespace
} // namespace fuzz::squid_conf_target

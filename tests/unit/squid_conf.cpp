#include "temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <conditions.hpp>
#include <conf_words.hpp>
#include <config_file.hpp>
#include <cstdint>
#include <directive_table.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <values.hpp>
#include <vector>

using namespace std::chrono_literals;
using namespace viaduct_proxy;

namespace {

/// Files by their names; a pattern that ends with `*` names all that start so.
class in_memory final : public config_source
{
public:
    explicit in_memory(std::map<std::string, std::string> files) : files_{std::move(files)} {}

    std::vector<std::string> matching(std::string const& pattern) const override
    {
        std::vector<std::string> found;
        bool const any = !pattern.empty() && pattern.back() == '*';
        for (auto const& [name, text] : files_)
            if (any ? name.rfind(pattern.substr(0, pattern.size() - 1), 0) == 0 : name == pattern)
                found.push_back(name);
        return found;
    }

    content read(std::string const& path) const override
    {
        auto const at = files_.find(path);
        return at == files_.end() ? content{{}, "No such file or directory"} : content{at->second, {}};
    }

private:
    std::map<std::string, std::string> files_;
};

using files = std::map<std::string, std::string>;

[[nodiscard]] config_file read(std::string const& text, files others = {})
{
    others["squid.conf"] = text;
    return read_config("squid.conf", {}, in_memory{std::move(others)});
}

[[nodiscard]] std::string lines_of(problems const& all)
{
    std::string text;
    for (auto const& one : all)
        text += one.line() + "\n";
    return text;
}

/// `where name rest` of each, one a line, and the mistakes.
[[nodiscard]] std::string shown(config_file const& config)
{
    std::string text;
    for (auto const& d : config.directives)
        text += legible(d.file) + ':' + std::to_string(d.line) + ' ' + d.name + '|' + d.rest + '\n';
    return text + lines_of(config.mistakes);
}

[[nodiscard]] directive one(std::string rest, bool quoted_values = false)
{
    directive d{"squid.conf", 12};
    d.name = "acl";
    d.rest = std::move(rest);
    d.column = 5;
    d.quoted_values = quoted_values;
    return d;
}

/// Words apart by `|`, those of quotes in brackets; or the mistake.
[[nodiscard]] std::string cut(directive const& d, word_syntax syntax = word_syntax::plain, files others = {})
try {
    std::string text;
    for (auto const& w : words(d, syntax, in_memory{std::move(others)}))
        text += (text.empty() ? "" : "|") + (w.quoted ? '[' + w.text + ']' : w.text);
    return text;
} catch (config_mistake const& wrong) {
    return wrong.what();
}

} // namespace

TEST_CASE("the lines of a squid.conf are cut as Squid 5.7 cuts them")
{
    struct line_case
    {
        std::string text;
        char const* directives;
    };
    line_case const cases[] = {
        {"via off", "squid.conf:1 via|off\n"},
        {" \t\v\fvia\t off  \n", "squid.conf:1 via|off\n"},
        {"via off\r\nvia on\r\n", "squid.conf:1 via|off\nsquid.conf:2 via|on\n"},
        {"\xef\xbb\xbfvia off\n", "squid.conf:1 via|off\n"},
        {"# via on\n\n   # no\nvia off # yes\n", "squid.conf:4 via|off # yes\n"},
        {"vi\\\n  a \\\n  off\nvia on", "squid.conf:1 via|off\nsquid.conf:4 via|on\n"},
        {"via \\\n# between\n\n  off", "squid.conf:1 via|off\n"},
        {"# never \\\nvia off", "squid.conf:2 via|off\n"},
        {"\\\nvia off", "squid.conf:1 via|off\n"},
        {"#line 40 \"a.conf\"\nvia off\n#line 7\nvia on\n#line x\n#line 3 y\nvia off",
         "a.conf:40 via|off\na.conf:7 via|on\na.conf:10 via|off\n"},
        {"a ${service_name} ${process_name} ${process_number} ${other}",
         "squid.conf:1 a|squid squid-1 1 ${other}\n"},
        {"configuration_includes_quoted_values on\nvia off", "squid.conf:2 via|off\n"},
        {"via " + std::string(20000, 'x'), nullptr},
    };
    for (auto const& c : cases) {
        CAPTURE(c.text);
        auto const config = read(c.text);
        CHECK(config.mistakes.empty());
        if (c.directives != nullptr)
            CHECK(shown(config) == c.directives);
        else
            CHECK(config.directives.at(0).rest.size() == 20000);
    }
    CHECK(read("configuration_includes_quoted_values on\nvia off").directives.at(0).quoted_values);
    CHECK(read("  via   off").directives.at(0).column == 9);
    CHECK(read("via \\\n off").directives.at(0).column == 0);
}

TEST_CASE("what Squid would quietly drop is a mistake")
{
    struct wrong_case
    {
        std::string text;
        char const* line;
    };
    wrong_case const cases[] = {
        {"via off\nhttp_access deny all \\", "squid.conf:2: ends with a backslash"},
        {"http_access deny all \\\n\n# x\n", "squid.conf:1: ends with a backslash"},
        {"via off \\ \non", "squid.conf:1: a blank behind the backslash"},
        {"via off\rhttp_access deny all\n", "squid.conf:1: a carriage return within the line"},
        {std::string{"via off\0x", 9}, "squid.conf:1: a NUL octet"},
        {"via " + std::string(config_bounds::line_octets, 'x'),
         "squid.conf:1: the line is longer than 1 MiB"},
        {"configuration_includes_quoted_values maybe",
         "squid.conf:1: configuration_includes_quoted_values: 'maybe' is neither"},
        {"include", "squid.conf:1: include: names no file"},
        {"include \"a b", "squid.conf:1: include: a quote has no end"},
        {"\n include none.conf*", "squid.conf:2: include: there is no file 'none.conf*'"},
        {"include a.conf # no comment", "squid.conf:1: include: there is no file '#'"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.text);
        auto const told = lines_of(read(c.text, {{"a.conf", ""}}).mistakes);
        CHECK(told.rfind(c.line, 0) == 0);
    }
    CHECK(lines_of(read_config("/does/not/exist").mistakes) ==
          "/does/not/exist: '/does/not/exist' cannot be read: No such file or directory\n");
}

TEST_CASE("conditions choose lines, and what Squid takes them for is what they say")
{
    struct condition_case
    {
        char const* text;
        char const* result;
    };
    condition_case const cases[] = {
        {"if true\na\nelse\nb\nendif", "squid.conf:2 a|\n"},
        {"if false\na\nelse # x\nb\nendif # y\nc", "squid.conf:4 b|\nsquid.conf:6 c|\n"},
        {"if ${process_number} = 1\na\nendif", "squid.conf:2 a|\n"},
        {"if 0x10=16\nif 3 = 4\na\nelse\nb\nendif\nendif", "squid.conf:5 b|\n"},
        {"iffy true", "squid.conf:1 iffy|true\n"},
        {"if false\nif true\na\nendif\nendif", "squid.conf:2: an 'if' among lines that do not count: "},
        {"if 1\nendif", "squid.conf:1: 'if 1' asks nothing"},
        {"if true # x\nendif", "squid.conf:1: 'if true # x' asks nothing"},
        {"if 99999999999999999999 = 1\nendif", "squid.conf:1: 'if 99999999999999999999 = 1' asks nothing"},
        {"if\nendif", "squid.conf:1: 'if ' asks nothing"},
        {"if true\nelse if false\nendif", "squid.conf:2: 'if false' behind 'else'"},
        {"if true\nelse\nelse\nendif", "squid.conf:3: a second 'else'"},
        {"if true\nendif now", "squid.conf:2: 'now' behind 'endif'"},
        {"else", "squid.conf:1: 'else' without an 'if'\n"},
        {"endif", "squid.conf:1: 'endif' without an 'if'\n"},
        {"\nif true\nif true\nendif", "squid.conf:2: if: has no 'endif' in its file\n"},
        {"if true\ninclude a\nendif", "a:1: 'endif' without an 'if'\n"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.text);
        CHECK(shown(read(c.text, {{"a", "endif"}})).rfind(c.result, 0) == 0);
    }
    CHECK(lines_of(read("if ${process_number} = 1\nendif").notices) ==
          "squid.conf:1: tells processes apart: here one does the work of all, as number 1\n");
    CHECK(lines_of(read("a b # c \\\nd").notices).rfind("squid.conf:1: a comment goes on", 0) == 0);
}

TEST_CASE("files include files: by patterns, quoted, up to sixteen deep, and mistakes of all are told")
{
    files const some{{"a.conf", "one\ninclude b*\ntwo"}, {"b1", "x\nendif"}, {"b2", "y"}, {"c d", "z"}};
    auto const config = read("include a.conf \"c d\"\nlast", some);
    CHECK(shown(config) == "a.conf:1 one|\nb1:1 x|\nb2:1 y|\na.conf:3 two|\nc d:1 z|\nsquid.conf:2 last|\n"
                           "b1:2: 'endif' without an 'if'\n");
    CHECK(config.files == std::vector<std::string>{"squid.conf", "a.conf", "b1", "b2", "c d"});

    auto const endless = read("a\ninclude squid.conf");
    CHECK(endless.directives.size() == 17);
    CHECK(lines_of(endless.mistakes) ==
          "squid.conf:2: include: 'squid.conf' is included too deeply: more than "
          "16 files within one another\n");
    CHECK(read("include squid.conf squid.conf").mistakes.size() == config_bounds::problems + 1);

    CHECK(lines_of(read("include squid.conf*", {{"squid.conf\x1b", "else"}}).mistakes)
              .find("squid.conf\\x1b:1: 'else'") != std::string::npos);
}

TEST_CASE("files of the disk: patterns in order, and nothing that is not a file")
{
    temporary_directory const dir;
    std::ofstream{dir.file("b.conf")} << "second\n";
    std::ofstream{dir.file("a.conf")} << "first\n";
    std::ofstream{dir.file("squid.conf")} << "include " << dir.file("?.conf") << "\ninclude " << dir.file("");
    auto const config = read_config(dir.file("squid.conf"));
    REQUIRE(config.directives.size() == 2);
    CHECK(config.directives[0].where() == dir.file("a.conf") + ":1: first");
    CHECK(config.directives[1].name == "second");
    REQUIRE(config.mistakes.size() == 1);
    CHECK(config.mistakes[0].text.find("it is a directory") != std::string::npos);
}

TEST_CASE("words are cut as their kind of directive wants it")
{
    struct word_case
    {
        word_syntax syntax;
        bool quoted_values;
        char const* rest;
        char const* words;
    };
    using enum word_syntax;
    word_case const cases[] = {
        {plain, false, "a  b\tc#d # e", "a|b|c#d"},
        {plain, false, "\"a b\" 'c", "\"a|b\"|'c"},
        {plain, false, "# only a comment", ""},
        {plain, true, "\"a b\" 'c' d-1.2 9% # e", "[a b]|[c]|d-1.2|9%"},
        {plain, true, R"("\"\t\\\n\r\(" '"')", "[\"\t\\\n\r(]|[\"]"},
        {plain, true, "a@b", "squid.conf:12: acl: column 6: '@' has to be between quotes"},
        {plain, true, "a% 1", "squid.conf:12: acl: column 6: '%' has to be between quotes"},
        {plain, true, "\"abc", "squid.conf:12: acl: column 5: a quote has no end"},
        {plain, true, "\"abc\\\"", "squid.conf:12: acl: column 5: a quote has no end"},
        {plain, true, "x \"a\"b", "squid.conf:12: acl: column 10: no blank behind the end of a quote"},
        {plain, true, "\"a\\q\"",
         "squid.conf:12: acl: column 7: no such escape: there are \\n, \\r, \\t and "
         "those of signs"},
        {plain, true, "x parameters(\"f\") y", "x|1|[2 2]|3|y"},
        {plain, true, "parameters( 'g' ) y", "1|[2 2]|3|y"},
        {plain, true, "param(\"f\")",
         "squid.conf:12: acl: column 5: the only function is parameters(\"FILE\")"},
        {plain, true, "parameters(f)",
         "squid.conf:12: acl: column 16: parameters() takes the name of a file between quotes"},
        {plain, true, "parameters(",
         "squid.conf:12: acl: column 16: parameters() takes the name of a file "
         "between quotes"},
        {plain, true, "parameters(\"f\"", "squid.conf:12: acl: column 19: a ')' is missing"},
        {plain, true, "parameters(\"none\")",
         "squid.conf:12: acl: column 16: 'none' cannot be read: No such file or directory"},
        {plain, true, "parameters(\"h\")", "h:1: column 12: files within files, more than 16 deep"},
        {quoting, false, "\"a b\" c@d", "[a b]|c@d"},
        {lists, true, "x parameters(\"f\")", "x|1|[2 2]|3"},
        {lists, false, "x \"l\" # y", "x|1.1.1.1|two words"},
        {lists, false, "x 'l'", "x|1.1.1.1|two words"},
        {lists, false, "x \"l\" y",
         "squid.conf:12: acl: column 10: values behind a file: Squid would drop them; "
         "put the file last"},
        {lists, false, "\"l\"y",
         "squid.conf:12: acl: column 5: something behind the name of a file: Squid would "
         "drop it"},
        {lists, false, "\"l m\"",
         "squid.conf:12: acl: column 5: a quote has no end: a file's name has no blanks"},
        {lists, false, "\"", "squid.conf:12: acl: column 5: a quote has no end: a file's name has no blanks"},
        {lists, false, "\"none\"",
         "squid.conf:12: acl: column 5: 'none' cannot be read: No such file or "
         "directory"},
        {lists, false, "\"nul\"", "squid.conf:12: acl: column 5: a NUL octet in 'nul': this is no text"},
        {lists, false, "\"cr\"", "cr:1: a carriage return within the line"},
        {regex, false, R"(a\ b \.c$ d\\ #e)", R"(a\ b|\.c$|d\\)"},
        {regex, false, "-i \"l\"", "-i|1.1.1.1|two words"},
        {regex, false, "ab\\", "squid.conf:12: acl: column 7: a pattern ends with a backslash"},
        {regex, true, "a",
         "squid.conf:12: acl: column 5: there are no patterns while "
         "configuration_includes_quoted_values is on"},
    };
    files const some{{"f", "1 # x\n\"2 2\"\n\n3"},
                     {"g", "parameters(\"f\")"},
                     {"h", "parameters(\"h\")"},
                     {"l", "\xef\xbb\xbf 1.1.1.1 # one\r\n\n#two\n two words \n"},
                     {"cr", "1\r2"},
                     {"nul", std::string{"a\0b", 3}}};
    for (auto const& c : cases) {
        CAPTURE(c.rest);
        CHECK(cut(one(c.rest, c.quoted_values), c.syntax, some) == c.words);
    }
    auto const found = words(one("x \"l\""), lists, in_memory{some});
    CHECK(found.at(0).where == "squid.conf:12: acl");
    CHECK(found.at(2).where == "l:4");
    auto joined = one("\"\x1b");
    joined.column = 0;
    CHECK(cut(joined, quoting) == "squid.conf:12: acl: near '\"\\x1b': a quote has no end");
}

TEST_CASE("what goes to the end of a line has no comment in it")
{
    CHECK(to_end(one("basic realm The # proxy"), 11) == "The # proxy");
    CHECK(to_end(one("basic # none"), 5).empty());
    CHECK(to_end(one("basic"), 5).empty());
    CHECK(to_end(one("realm \"a # b\" # c", true), 5) == "a # b");
    CHECK_THROWS_AS((void)to_end(one("realm a b", true), 5), config_mistake);
}

TEST_CASE("values are those that Squid takes")
{
    CHECK(to_on_off("on") == true);
    CHECK(to_on_off("enable") == true);
    CHECK(to_on_off("off") == false);
    CHECK(to_on_off("disable") == false);
    for (auto const* const wrong : {"", "ON", "yes", "1", "on "})
        CHECK_FALSE(to_on_off(wrong));

    struct time_case
    {
        char const* text;
        std::optional<std::chrono::milliseconds> seconds; ///< Where seconds are counted,
        std::optional<std::chrono::milliseconds> finely;  ///< and where milliseconds are.
    };
    time_case const times[] = {
        {"30 seconds", 30s, 30s},
        {"1 second", 1s, 1s},
        {"5 Minutes", 5min, 5min},
        {"1.5 minutes", 90s, 90s},
        {"1.5 seconds", 1s, 1500ms},
        {"0", 0s, 0s},
        {"0 days", 0s, 0s},
        {"2 weeks", 336h, 336h},
        {"1 fortnight", 336h, 336h},
        {"1 month", 720h, 720h},
        {"1 year", 8766h, 8766h},
        {"1 decade", 87660h, 87660h},
        {"250 milliseconds", {}, 250ms},
        {"0.5 second", {}, 500ms},
        {"30", {}, {}},
        {"30seconds", {}, {}},
        {"30 sec", {}, {}},
        {"30 s", {}, {}},
        {"-1 second", {}, {}},
        {"1e3 seconds", {}, {}},
        {"seconds", {}, {}},
        {"", {}, {}},
        {".", {}, {}},
        {"30 decades", {}, {}},
        {"1 day 2", {}, {}},
        {"nan days", {}, {}},
        {"0.1 milliseconds", {}, {}},
    };
    for (auto const& c : times) {
        CAPTURE(c.text);
        CHECK(to_time(c.text) == c.seconds);
        CHECK(to_time(c.text, time_grain::milliseconds) == c.finely);
    }

    struct size_case
    {
        char const* text;
        std::optional<std::uint64_t> octets;
    };
    size_case const sizes[] = {
        {"64 KB", 65536},
        {"64 kbytes", 65536},
        {"1.5 MB", 1572864},
        {"2 GB", 2147483648},
        {"512 bytes", 512},
        {"10", 10240},
        {"0", 0},
        {"64KB", {}},
        {"64 K", {}},
        {"0.3 KB", {}},
        {"-1", {}},
        {"", {}},
        {"1 TB", {}},
        {"9999999999999999 GB", {}},
    };
    for (auto const& c : sizes) {
        CAPTURE(c.text);
        CHECK(to_size(c.text, 1024) == c.octets);
    }
    CHECK(to_c_number("0x1F") == 31);
    CHECK(to_c_number("-010") == -8);
    CHECK_FALSE(to_c_number("1 "));
    CHECK_FALSE(to_c_number("9999999999999999999999"));
}

TEST_CASE("a directive means something, is told to do nothing, or is a mistake")
{
    struct row_case
    {
        char const* line;
        char const* told; ///< `+` for one that means something.
    };
    row_case const cases[] = {
        {"http_access deny all", "+http_access"},
        {"ascii_port 3128", "+http_port"},
        {"destination_guard on", "+destination_guard"},
        {"cache_mem 8 MB", "?cache_mem: of no use to tunnels, ignored"},
        {"no_cache deny all", "?no_cache: of no use to tunnels, ignored"},
        {"forwarded_for off",
         "?forwarded_for: of no use to tunnels, ignored: no X-Forwarded-For is ever sent, nor passed on"},
        {"emulate_httpd_log on", "?emulate_httpd_log: obsolete, and ignored as Squid does"},
        {"icap_enable off # not here", "?icap_enable: of no use to tunnels, ignored"},
        {"icap_enable on", "!icap_enable: only 'off' or 'disable' can be meant here: nothing can look into a "
                           "tunnel; external_acl_type can decide"},
        {"follow_x_forwarded_for   deny  all", "?follow_x_forwarded_for: of no use to tunnels, ignored"},
        {"follow_x_forwarded_for allow all", "!follow_x_forwarded_for: only 'deny ...' can be meant here: "
                                             "let the proxy before it tell by http_port's "
                                             "require-proxy-header"},
        {"ssl_bump none all", "?ssl_bump: of no use to tunnels, ignored"},
        {"ssl_bump splice", "!ssl_bump: only 'splice ...' or 'none ...' can be meant here: tunnels are never "
                            "opened; decide by http_access"},
        {"miss_access allow all", "?miss_access: of no use to tunnels, ignored"},
        {"miss_access allow all !bad",
         "!miss_access: only 'allow all' can be meant here: every tunnel is a miss: "
         "write its rules as http_access"},
        {"cache_peer_domain a b",
         "!cache_peer_domain: not supported: use cache_peer_access with an acl of the "
         "type dstdomain"},
        {"http_acces deny all", "!http_acces: there is no such directive; did you mean 'http_access'?"},
        {"\x1b[2J on", "!\\x1b[2J: there is no such directive"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.line);
        auto const sorted = sort_directives(read(c.line).directives);
        std::string told;
        for (auto const& d : sorted.meant)
            told += '+' + d.name;
        for (auto const& n : sorted.notices)
            told += n.line().replace(0, 14, "?");
        for (auto const& m : sorted.mistakes)
            told += m.line().replace(0, 14, "!");
        CHECK(told == c.told);
    }
    auto const names = directive_names();
    CHECK(names.size() > 420);
    for (auto const name : names) {
        CAPTURE(name);
        auto const* const known = find_directive(name);
        REQUIRE(known != nullptr);
        CHECK((known->what == treatment::harmless_if) == !known->harmless.empty());
        CHECK_FALSE((known->what == treatment::refused && known->hint.empty()));
    }
}

TEST_CASE("wherever a file is cut off, it is read as what is left of it, or there are mistakes")
{
    std::string const whole = "# a file\r\nacl a src \"l\" \\\n 10.0.0.0/8 # x\nif ${process_number} = 1\n"
                              "configuration_includes_quoted_values on\nacl b parameters(\"l\") \"q\\\"\" \n"
                              "else\ninclude \"l\" sq*\nendif\n#line 3 \"x\"\nssl_bump splice all\nvia off";
    for (std::size_t n = 0; n <= whole.size(); ++n) {
        CAPTURE(n);
        auto const config = read(whole.substr(0, n), {{"l", "1.2.3.4\n"}});
        for (auto const& d : config.directives) {
            CHECK_FALSE(d.name.empty());
            for (auto const syntax : {word_syntax::plain, word_syntax::lists, word_syntax::regex})
                (void)cut(d, syntax, {{"l", "1\n"}});
        }
        auto const sorted = sort_directives(config.directives);
        CHECK(sorted.meant.size() + sorted.mistakes.size() + sorted.notices.size() ==
              config.directives.size());
    }
}

TEST_CASE("the guide names each directive where it belongs")
{
    std::ifstream in{VIADUCT_SQUID_CONF_GUIDE, std::ios::binary};
    std::string const guide{std::istreambuf_iterator<char>{in}, {}};
    constexpr std::string_view headings[] = {"\n## Supported\n", "\n## Its own\n",
                                             "\n## Of no use\n", "\n## With one value only\n",
                                             "\n## Refused\n",   "\n## Obsolete\n"};
    for (auto const name : directive_names()) {
        CAPTURE(name);
        auto const start = guide.find(headings[static_cast<int>(find_directive(name)->what)]);
        REQUIRE(start != std::string::npos);
        auto const section = guide.substr(start, guide.find("\n## ", start + 1) - start);
        CHECK(section.find('`' + std::string{name} + '`') != std::string::npos);
    }
}

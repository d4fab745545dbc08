// Challenges that are written down again are read as the same ones, in front of others as well; whatever a
// proxy sends, what is read of it has only names that are tokens.

#include "target.hpp"
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz::challenge_target {
namespace {

using viaduct::challenge;

void append_quoted(std::string& out, std::string_view text)
{
    out += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

[[nodiscard]] std::string to_text(challenge const& one)
{
    auto text = one.scheme;
    if (!one.token68.empty()) return text.append(" ").append(one.token68);
    for (auto const& param : one.params) {
        text.append(&param == &one.params.front() ? " " : ", ").append(param.name).append("=");
        append_quoted(text, param.value);
    }
    return text;
}

[[nodiscard]] std::string to_text(std::vector<challenge> const& all)
{
    std::string text;
    for (auto const& one : all)
        text.append(text.empty() ? "" : ", ").append(to_text(one));
    return text;
}

void check_one(challenge const& one)
{
    must(viaduct::characters::is_token(one.scheme), "a scheme is a token", one.scheme);
    must(one.token68.empty() || one.params.empty(), "a token68 stands alone", one.token68);
    must(one.token68.find_first_of(" \t,\"") == one.token68.npos, "and is one word", one.token68);
    for (auto const& param : one.params) {
        must(viaduct::characters::is_token(param.name), "a parameter's name is a token", param.name);
        must(one.find(param.name).has_value(), "and finds it", param.name);
    }
}

void check(std::string_view input)
{
    auto all = viaduct::parse_challenges(input);
    std::for_each(all.begin(), all.end(), check_one);
    auto const text = to_text(all);
    must(viaduct::parse_challenges(text) == all, "what was read is read again", text);
    all.push_back({"Basic", {}, {{"realm", "a, b=\"c\""}}});
    must(viaduct::parse_challenges(to_text(all)) == all, "in front of another as well", text);
}

target const self{"challenge", check};

} // namespace
} // namespace fuzz::challenge_target

// The head of a message, of a request as of a response, ends where it ends and is good or bad for one reason,
// however its octets arrive and whatever follows them; and what is read from it can be written, and is read
// again as the same.

#include "target.hpp"
#include <viaduct/http/head.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fuzz::head_target {
namespace {

using namespace viaduct;

constexpr head_limits usual{};
constexpr head_limits narrow{200, 40, 4};
constexpr head_syntax strict{};
constexpr head_syntax lax{.bare_lf = true, .folding = true};

[[nodiscard]] head_parser parse(std::string_view text, head_limits const& limits, head_syntax syntax)
{
    head_parser parser{limits, syntax};
    parser.parse(text);
    return parser;
}

[[nodiscard]] bool same(head_parser const& a, head_parser const& b)
{
    return a.state() == b.state() && a.error() == b.error() &&
           (a.state() != head_state::complete || a.size() == b.size());
}

/// As `whole`, but by one octet at a time.
void check_cuts(std::string_view input, head_parser const& whole, head_limits const& limits,
                head_syntax syntax)
{
    head_parser parser{limits, syntax};
    for (std::size_t n = 0; n <= input.size() && parser.state() == head_state::need_more; ++n)
        parser.parse(input.substr(0, n));
    must(same(parser, whole), "octet by octet it is the same", input);
}

/// Fields that have been copied are fields for anybody, whatever syntax they came in.
void check_fields(field_list received)
{
    fields const copied{received};
    auto const text = "X\r\n" + copied.block() + "\r\n";
    constexpr std::size_t any = std::string::npos / 2;
    auto const again = parse(text, {any, any, any}, strict);
    must(again.state() == head_state::complete && again.size() == text.size(), "copied fields are a head's",
         text);
    must(again.fields(text).block() == copied.block(), "and the same ones", text);
    std::size_t count = 0;
    for (auto const [name, value] : copied) {
        must(is_field_name(name) && is_field_value(value), "a field may be sent", text);
        must(copied.find(name).has_value() && copied.count(name) > 0, "a field is found by its name", text);
        ++count;
    }
    for (auto const field : received)
        count -= is_field_name(field.name) ? 1 : 0;
    must(count == 0, "no field is lost", text);
}

void check_start_line(std::string_view line)
{
    error_code ec;
    auto const request = parse_request_line(line, ec);
    if (!ec) {
        auto const again = std::string{request.method}.append(" ").append(request.target).append(" HTTP/1.");
        must(again + std::to_string(request.minor_version) == line, "a request line is its parts", line);
    }
    auto const response = parse_status_line(line, ec);
    if (ec) return;
    auto const again =
        "HTTP/1." + std::to_string(response.minor_version) + ' ' + std::to_string(response.status);
    auto const rest = line.substr(again.size());
    must(line.starts_with(again) && rest.substr(rest.empty() ? 0 : 1) == response.reason,
         "a status line is its parts", line);
    must(response.status >= 100 && response.status <= 999, "a status has three digits", line);
}

void check_complete(std::string_view input, head_parser const& whole, head_limits const& limits,
                    head_syntax syntax)
{
    auto const head = input.substr(0, whole.size());
    must(head.size() <= limits.head, "a head is within its limit", head);
    must(head.ends_with(syntax.bare_lf ? "\n" : "\r\n\r\n"), "a head ends with an empty line", head);
    must(same(parse(head, limits, syntax), whole), "what follows a head is nothing to it", head);
    auto const most = parse(head.substr(0, head.size() - 1), limits, syntax);
    must(most.state() == head_state::need_more, "a head has one end", head);
    check_fields(whole.fields(input));
}

/// Returns the parser, for a comparison.
head_parser check_as(std::string_view input, head_limits const& limits, head_syntax syntax)
{
    auto const whole = parse(input, limits, syntax);
    check_cuts(input, whole, limits, syntax);
    if (whole.has_start_line()) check_start_line(whole.start_line(input));
    if (whole.state() == head_state::complete) check_complete(input, whole, limits, syntax);
    return whole;
}

void check(std::string_view input)
{
    for (auto const& limits : {usual, narrow}) {
        auto const strictly = check_as(input, limits, strict);
        auto const laxly = check_as(input, limits, lax);
        if (strictly.state() != head_state::complete) continue;
        must(same(strictly, laxly), "who is lax agrees with who is strict on what both take", input);
        must(strictly.fields(input).block() == laxly.fields(input).block(), "and on its fields", input);
    }
}

target const self{"head", check};

} // namespace
} // namespace fuzz::head_target

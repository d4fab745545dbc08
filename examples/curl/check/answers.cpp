#include "answers.hpp"

#include <viaduct/http/head.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace viaduct_curl::check {
namespace {

constexpr auto nowhere = std::string_view::npos;
constexpr std::size_t most_answers = 8;

struct one_head
{
    answer said;
    std::size_t size = 0;
};

/// The number at the beginning, if it does not go beyond everything.
[[nodiscard]] std::optional<std::size_t> number(std::string_view text, int base)
{
    std::size_t value = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (read.ec != std::errc{}) return std::nullopt;
    return value;
}

/// The status of what begins like a status line.
[[nodiscard]] std::optional<unsigned> status_at(std::string_view octets)
{
    constexpr std::string_view version = "HTTP/1.x ";
    if (octets.size() < version.size() + 3 || !octets.starts_with(version.substr(0, 7))) return std::nullopt;
    auto const status = number(octets.substr(version.size(), 3), 10).value_or(0);
    return status < 100 ? std::nullopt : std::optional{static_cast<unsigned>(status)};
}

/// A head that no parser should take is an answer for all that.
[[nodiscard]] std::optional<one_head> read_bad_head(std::string_view octets)
{
    auto const status = status_at(octets);
    auto const end = octets.find("\r\n\r\n");
    if (!status) return std::nullopt;
    return one_head{.said = {.status = *status, .reason = "(malformed head)"},
                    .size = end == nowhere ? octets.size() : end + 4};
}

[[nodiscard]] std::optional<one_head> read_head(std::string_view octets)
{
    constexpr std::size_t room = std::size_t{64} * 1024;
    viaduct::head_parser parser{{room, room, 256}, {.bare_lf = true, .folding = true}};
    auto const state = parser.parse(octets);
    if (state == viaduct::head_state::need_more) return std::nullopt;
    if (state == viaduct::head_state::failed) return read_bad_head(octets);
    viaduct::error_code ec;
    auto const line = viaduct::parse_status_line(parser.start_line(octets), ec);
    if (ec) return read_bad_head(octets);
    return one_head{.said = {.status = line.status, .reason = line.reason, .fields = parser.fields(octets)},
                    .size = parser.size()};
}

/// Where chunked content ends; at the end of all if it does not.
[[nodiscard]] std::size_t chunks_end(std::string_view octets)
{
    std::size_t at = 0;
    while (at < octets.size()) {
        auto const line = octets.find('\n', at);
        auto const size = number(octets.substr(at), 16);
        if (line == nowhere || !size || *size > octets.size()) return octets.size();
        at = line + 1;
        if (*size == 0) break; // trailers are nobody's habit here
        at += *size + 2;
    }
    return std::min(at + 2, octets.size());
}

/// Content without framing has no end; but the status line of another answer in it gives that one away.
[[nodiscard]] std::size_t next_status_line(std::string_view octets)
{
    for (auto at = octets.find("HTTP/1."); at != nowhere; at = octets.find("HTTP/1.", at + 1))
        if (status_at(octets.substr(at))) return at;
    return octets.size();
}

/// Sets `framed` as well.
[[nodiscard]] std::size_t content_size(answer& said)
{
    said.framed = true;
    if (said.status < 200 || said.status == 304) return 0;
    if (said.fields.has_token("Transfer-Encoding", "chunked")) return chunks_end(said.rest);
    if (auto const length = said.fields.find("Content-Length"))
        if (auto const size = number(*length, 10)) return std::min(*size, said.rest.size());
    said.framed = false;
    return next_status_line(said.rest);
}

} // namespace

std::vector<answer> read_answers(std::string_view received)
{
    std::vector<answer> found;
    while (found.size() < most_answers) {
        auto next = read_head(received);
        if (!next) break;
        next->said.rest = received.substr(next->size);
        received = next->said.rest.substr(next->said.accepts() ? 0 : content_size(next->said));
        if (next->said.status >= 200) found.push_back(next->said);
        if (next->said.accepts()) break;
    }
    return found;
}

} // namespace viaduct_curl::check

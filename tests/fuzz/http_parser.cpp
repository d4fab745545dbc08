// What we accept as a CONNECT, Node's http_parser accepts with the same end, the same target and the same
// fields: whoever stands beside us and uses it, or what has learned from it, sees no other request than we
// do.

#include "target.hpp"
#include <viaduct/http/characters.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <algorithm>
#include <http_parser.h>
#include <string>
#include <string_view>

namespace fuzz::http_parser_target {
namespace {

using namespace viaduct;

/// What http_parser tells of a request.
struct message
{
    std::string url{};
    std::string fields{}; ///< As `fields::block` has them.
    std::string value{};  ///< So much as is known of the last one's.
    bool in_value = false;
    bool complete = false;
};

[[nodiscard]] message& of(http_parser* parser)
{
    return *static_cast<message*>(parser->data);
}

void end_field(message& m)
{
    if (m.in_value) m.fields.append(": ").append(characters::trim(m.value)).append("\r\n");
    m.value.clear();
    m.in_value = false;
}

int on_url(http_parser* parser, char const* octets, std::size_t n)
{
    of(parser).url.append(octets, n);
    return 0;
}

int on_name(http_parser* parser, char const* octets, std::size_t n)
{
    end_field(of(parser));
    of(parser).fields.append(octets, n);
    return 0;
}

int on_value(http_parser* parser, char const* octets, std::size_t n)
{
    of(parser).in_value = true;
    of(parser).value.append(octets, n);
    return 0;
}

int on_headers_complete(http_parser* parser)
{
    end_field(of(parser));
    of(parser).complete = true;
    return 0;
}

void check_target(std::string_view url, authority const& target)
{
    http_parser_url parts{};
    must(http_parser_parse_url(url.data(), url.size(), 1, &parts) == 0, "the target is one for http_parser",
         url);
    auto host = std::string{url.substr(parts.field_data[UF_HOST].off, parts.field_data[UF_HOST].len)};
    std::transform(host.begin(), host.end(), host.begin(), characters::to_lower);
    if (target.kind() == host_kind::ipv6) return must(parts.port == target.port(), "with the same port", url);
    if (host.ends_with('.')) host.pop_back();
    must(host == target.host() && parts.port == target.port(), "and the same one", url);
}

void check(std::string_view input)
{
    server_handshake rule{{}};
    auto next = rule.resume({}, 0);
    for (auto rest = input; next.what == action::kind::read && !rest.empty();) {
        auto const n = rest.copy(next.input.data(), next.input.size());
        rest.remove_prefix(n);
        next = rule.resume({}, n);
    }
    auto const& request = rule.request();
    if (!request.target) return;

    http_parser_settings settings{};
    settings.on_url = on_url;
    settings.on_header_field = on_name;
    settings.on_header_value = on_value;
    settings.on_headers_complete = on_headers_complete;
    message heard;
    http_parser parser{};
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &heard;
    auto const n = http_parser_execute(&parser, &settings, input.data(), input.size());
    auto const error = HTTP_PARSER_ERRNO(&parser);
    must(error == HPE_OK && heard.complete, http_errno_description(error), input);
    must(parser.method == HTTP_CONNECT && parser.upgrade == 1, "it is a CONNECT for http_parser", input);
    must(n == request.head_size, "with the same end", input);
    must(parser.http_minor == request.minor_version, "the same version", input);
    must(heard.url == request.target_text, "the same target", input);
    must(heard.fields == request.fields.block(), "and the same fields", input);
    check_target(heard.url, *request.target);
}

target const self{"http_parser", check};

} // namespace
} // namespace fuzz::http_parser_target

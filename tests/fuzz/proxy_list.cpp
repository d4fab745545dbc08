// A proxy's URL, a list of them and the result of a PAC function: what is accepted has a text, which is read
// back as the same, without credentials; and no password is told, in an error or elsewhere, whatever stands
// around it.

#include "octets.hpp"
#include "target.hpp"
#include <viaduct/client/proxy_list.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace fuzz::proxy_list_target {
namespace {

using namespace viaduct;

constexpr std::string_view secret = "oPeNsEsAmE";

void must_not_tell(std::string_view text)
{
    must(text.find(secret) == text.npos, "no secret is told", text);
}

void strip(proxy_list& ways)
{
    for (auto& route : ways)
        for (auto& url : route)
            url.who.reset();
}

void check_url(std::string_view input)
{
    error_code ec;
    auto url = parse_proxy_url(input, 8080, ec);
    must(url.has_value() == !ec, "there is a URL or an error", input);
    if (!url) return;
    auto const text = to_text(*url);
    must(text.find('@') == text.npos, "its text names nobody", text);
    must(!url->is_direct() || !url->who, "nobody asks for the direct way", text);
    url->who.reset();
    must(parse_proxy_url(text, 0, ec) == url && !ec, "its text is read back", text);
}

void check_ways(proxy_list ways, error_code ec, std::string_view offender, std::string_view input)
{
    must(ways.empty() == bool{ec}, "there are ways or an error", input);
    must(offender.empty() || (ec && input.find(offender) != input.npos), "the offender is in the text",
         offender);
    must(offender.find('@') == offender.npos, "and names nobody", offender);
    must_not_tell(offender);
    if (ec) return;
    auto const text = to_text(ways);
    must_not_tell(text);
    strip(ways);
    must(parse_proxy_list(text, ec) == ways && !ec, "their text is read back", text);
}

void check_list(std::string_view input)
{
    error_code ec;
    std::string_view offender;
    auto const ways = parse_proxy_list(input, ec, offender);
    check_ways(ways, ec, offender, input);
    try {
        (void)parse_proxy_list(input);
        must(!ec, "who throws agrees", input);
    } catch (system_error const& e) {
        must(e.code() == ec, "who throws agrees", input);
        must_not_tell(e.what());
    }
}

void check_pac(std::string_view input)
{
    error_code ec;
    std::string_view offender;
    auto const ways = parse_pac_result(input, ec, offender);
    check_ways(ways, ec, offender, input);
    for (auto const& route : ways)
        must(route.size() <= 1 && (route.empty() || !route.front().who), "PAC knows neither chains nor users",
             input);
    auto const direct = std::string{"DIRECT;"}.append(input);
    must(ec == errc::proxy_list_invalid || parse_pac_result(direct, ec).size() == (ec ? 0 : ways.size() + 1),
         "members do not depend on each other", input);
}

/// What a line feed ends goes in front of the secret, the rest behind the host that it is meant for.
void check_secret(std::string_view input)
{
    auto const before = take_until(input, '\n');
    auto const url = std::string{"http://"}.append(before).append(secret).append("@proxy.example");
    check_list(url + std::string{input});
    check_pac("PROXY " + url.substr(7) + std::string{input});
}

void check(std::string_view input)
{
    if (input.find(secret) != input.npos) return; // whoever tells it in the open has none
    check_url(input);
    check_list(input);
    check_pac(input);
    check_secret(input);
}

target const self{"proxy_list", check};

} // namespace
} // namespace fuzz::proxy_list_target

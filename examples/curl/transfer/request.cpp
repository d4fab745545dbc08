#include "transfer/request.hpp"

#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_curl {
namespace {

[[nodiscard]] bool is_named(std::string const& line, std::string_view name)
{
    return viaduct::characters::iequals(std::string_view{line}.substr(0, line.find_first_of(":;")), name);
}

/// Whether a line of -H holds what is meant for the first origin only.
[[nodiscard]] bool is_secret(std::string const& line)
{
    return is_named(line, "Authorization") || is_named(line, "Cookie");
}

[[nodiscard]] bool is_kept(redirect_settings const& how, long status)
{
    switch (status) {
    case 301: return how.keep_post_301;
    case 302: return how.keep_post_302;
    case 303: return how.keep_post_303;
    default: return true;
    }
}

[[nodiscard]] bool becomes_get(request const& what, redirect_settings const& how, long status)
{
    if (what.method == "POST") return !is_kept(how, status);
    return status == 303 && what.method != "HEAD";
}

/// What a URL brought along is kept, as what -u did, as long as port and scheme are, and until another URL
/// brings its own.
void carry_credentials(request& what, redirect_settings const& how, url const& next)
{
    if (!what.user && !next.user) {
        what.user = what.to.user;
        what.password = what.to.password;
    }
    if (how.trusted || (next.port == what.to.port && next.scheme == what.to.scheme)) return;
    what.user.reset();
    what.password.reset();
}

} // namespace

void redirect(request& what, redirect_settings const& how, long status, url next)
{
    if (becomes_get(what, how, status)) {
        what.method = "GET";
        what.what = request::content::none;
    }
    if (what.referer_follows) what.referer = what.to.bare;
    carry_credentials(what, how, next);
    what.to = std::move(next);
    what.redirected = true;
}

bool may_identify(request const& what, redirect_settings const& how)
{
    return !what.redirected || how.trusted || what.to.same_origin(what.first);
}

bool has_header(request const& what, std::string_view name)
{
    return std::any_of(what.headers.begin(), what.headers.end(),
                       [&](auto const& line) { return is_named(line, name); });
}

std::vector<std::string> sent_headers(request const& what, redirect_settings const& how)
{
    auto lines = what.headers;
    bool const is_elsewhere = what.redirected && what.to.host != what.first.host;
    if (!may_identify(what, how)) std::erase_if(lines, is_secret);
    if (is_elsewhere) std::erase_if(lines, [](auto const& line) { return is_named(line, "Host"); });
    return lines;
}

} // namespace viaduct_curl

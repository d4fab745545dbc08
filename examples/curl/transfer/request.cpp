#include "transfer/request.hpp"

#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_curl {
namespace {

/// Whether a line of -H holds what is meant for the first origin only.
[[nodiscard]] bool is_secret(std::string const& line)
{
    auto const name = std::string_view{line}.substr(0, line.find_first_of(":;"));
    return viaduct::characters::iequals(name, "Authorization") ||
           viaduct::characters::iequals(name, "Cookie");
}

void leave_origin(request& what)
{
    what.user.reset();
    what.password.reset();
    std::erase_if(what.headers, is_secret);
}

} // namespace

request first_request(operation const& wanted, url const& to)
{
    auto const& settings = wanted.request;
    request result{.to = to, .body = settings.body, .headers = settings.headers};
    if (settings.head)
        result.method = "HEAD";
    else if (settings.body)
        result.method = "POST";
    result.user = to.user;
    result.password = to.password;
    if (to.user || !settings.user) return result;
    auto const colon = std::min(settings.user->find(':'), settings.user->size());
    result.user = settings.user->substr(0, colon);
    result.password = settings.user->substr(std::min(colon + 1, settings.user->size()));
    return result;
}

void redirect(request& what, redirect_settings const& how, long status, url next)
{
    bool const kept = (status == 301 && how.keep_post_301) || (status == 302 && how.keep_post_302) ||
                      (status == 303 && how.keep_post_303);
    if (what.method == "POST" && status <= 303 && !kept) {
        what.method = "GET";
        what.body.reset();
    }
    if (!next.same_origin(what.to) && !how.trusted) leave_origin(what);
    if (next.user) {
        what.user = next.user;
        what.password = next.password;
    }
    what.to = std::move(next);
}

} // namespace viaduct_curl

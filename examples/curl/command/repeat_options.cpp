#include "command/argument_reader.hpp"
#include "command/values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace viaduct_curl {
namespace {

/// Without a URL before it nothing begins anew, as in curl.
void take_next(given& g)
{
    auto const& targets = g.now.targets;
    bool const has_url = !targets.empty() && targets.front().url;
    if (has_url) g.all.operations.emplace_back();
}

/// A number that libcurl would take as a long.
[[nodiscard]] long small(std::int64_t number)
{
    return static_cast<long>(std::min<std::int64_t>(number, std::numeric_limits<long>::max()));
}

void take_max_redirects(given& g)
{
    auto const most = read_signed_number(g);
    if (most < -1) misuse(g, "expected a positive numerical parameter");
    g.now.redirect.max = small(most);
}

/// Schemes of curl's that are none of ours may be named, too.
void take_redirect_schemes(given& g)
{
    auto& to = g.now.redirect;
    std::string_view rest = g.value;
    while (!rest.empty()) {
        auto word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        char const sign =
            !word.empty() && std::string_view{"+-="}.find(word.front()) != word.npos ? word.front() : '+';
        word.remove_prefix(word.starts_with(sign) ? 1 : 0);
        if (sign == '=') to.to_http = to.to_https = false;
        if (word == "http" || word == "all") to.to_http = sign != '-';
        if (word == "https" || word == "all") to.to_https = sign != '-';
    }
}

void take_retry_delay(given& g)
{
    auto const delay = read_seconds(g);
    g.now.retry.delay = delay.count() == 0 ? std::nullopt : std::optional{delay};
}

void take_trusted(given& g)
{
    g.now.redirect.follow = g.now.redirect.trusted = g.on;
}

constexpr std::array rows{
    option{"location", 'L', "", [](given& g) { g.now.redirect.follow = g.on; }, "Follow redirects"},
    option{"location-trusted", 0, "", take_trusted, "As -L, and give credentials to all hosts"},
    option{"max-redirs", 0, "number", take_max_redirects, "How many redirects at most; -1: no limit"},
    option{"post301", 0, "", [](given& g) { g.now.redirect.keep_post_301 = g.on; },
           "Do not turn a POST into a GET after a 301"},
    option{"post302", 0, "", [](given& g) { g.now.redirect.keep_post_302 = g.on; },
           "Do not turn a POST into a GET after a 302"},
    option{"post303", 0, "", [](given& g) { g.now.redirect.keep_post_303 = g.on; },
           "Do not turn a POST into a GET after a 303"},
    option{"proto-redir", 0, "schemes", take_redirect_schemes, "Where redirects may lead: =https"},
    option{"retry", 0, "number", [](given& g) { g.now.retry.times = small(read_number(g)); },
           "Try again what may have been a passing trouble"},
    option{"retry-delay", 0, "seconds", take_retry_delay,
           "Between attempts; else 1, and twice that each time"},
    option{"retry-max-time", 0, "seconds", [](given& g) { g.now.retry.max_time = read_seconds(g); },
           "Begin no attempt after that"},
    option{"retry-connrefused", 0, "", [](given& g) { g.now.retry.if_refused = g.on; },
           "Try again if nobody listens"},
    option{"retry-all-errors", 0, "", [](given& g) { g.now.retry.any_failure = g.on; },
           "Try again whatever it was"},
    option{"fail-early", 0, "", [](given& g) { g.all.fail_early = g.on; },
           "Stop at the first URL that fails"},
    option{"url", 0, "url", [](given& g) { argument_reader{g.all}.take_url(g.value); }, "What to fetch"},
    option{"globoff", 'g', "", [](given& g) { g.now.glob = !g.on; }, "Take {}[] in URLs as they are"},
    option{"next", ':', "", take_next, "Begin anew: what follows has switches of its own"},
};

} // namespace

topic repeat_options()
{
    return {"More than one request", rows};
}

} // namespace viaduct_curl

#include "transfer/request.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What viaduct-curl sends behind a redirect; the tables are what libcurl 7.88.1 was seen to do.

using namespace viaduct_curl;
using content = request::content;

namespace {

[[nodiscard]] url make_url(std::string const& scheme, std::string const& host, std::uint16_t port)
{
    url result;
    result.scheme = scheme;
    result.host = host;
    result.port = port;
    result.bare = scheme + "://" + host + "/path";
    result.text = result.bare + "#fragment";
    return result;
}

[[nodiscard]] url home()
{
    return make_url("http", "home.test", 80);
}

[[nodiscard]] request ask(std::string method, content what)
{
    return {.to = home(), .first = home(), .method = std::move(method), .what = what};
}

struct method_case
{
    std::string_view method;
    content what;
    long status;
    std::string_view then;
    content then_what;
};

constexpr method_case methods[] = {
    {"GET", content::none, 302, "GET", content::none},
    {"HEAD", content::none, 302, "HEAD", content::none},
    {"HEAD", content::none, 303, "HEAD", content::none},
    {"POST", content::data, 300, "POST", content::data},
    {"POST", content::data, 301, "GET", content::none},
    {"POST", content::data, 302, "GET", content::none},
    {"POST", content::data, 303, "GET", content::none},
    {"POST", content::data, 307, "POST", content::data},
    {"POST", content::data, 308, "POST", content::data},
    {"POST", content::form, 301, "GET", content::none},
    {"POST", content::form, 307, "POST", content::form},
    {"PUT", content::upload, 301, "PUT", content::upload},
    {"PUT", content::upload, 302, "PUT", content::upload},
    {"PUT", content::upload, 303, "GET", content::none},
    {"PUT", content::upload, 308, "PUT", content::upload},
};

struct place_case
{
    char const* scheme;
    char const* host;
    std::uint16_t port;
    bool sends_user;
    std::size_t headers; // of Authorization, Cookie, Host and X
};

constexpr place_case places[] = {
    {"http", "home.test", 80, true, 4},       {"http", "home.test", 81, false, 2},
    {"https", "home.test", 443, false, 2},    {"https", "home.test", 80, false, 2},
    {"http", "elsewhere.test", 80, false, 1}, {"http", "elsewhere.test", 81, false, 1},
};

[[nodiscard]] request with_secrets()
{
    auto result = ask("GET", content::none);
    result.user = "alice";
    result.password = "secret";
    result.headers = {"authorization: Basic eA==", "Cookie: a=b", "Host: other.test", "X: y"};
    return result;
}

/// Whether the user goes to where the request leads.
[[nodiscard]] bool sends_user(request const& what, redirect_settings const& how)
{
    return what.user && may_identify(what, how);
}

} // namespace

TEST_CASE("a redirect makes a GET of a POST where browsers do, and of all but a HEAD with 303")
{
    for (auto const& c : methods) {
        CAPTURE(c.method);
        CAPTURE(c.status);
        auto what = ask(std::string{c.method}, c.what);
        redirect(what, {}, c.status, home());
        CHECK(what.method == c.then);
        CHECK(what.what == c.then_what);
    }
}

TEST_CASE("a POST is kept where that is wished, which is no wish for a PUT")
{
    redirect_settings const how{.keep_post_301 = true, .keep_post_302 = true, .keep_post_303 = true};
    for (long const status : {301L, 302L, 303L}) {
        auto what = ask("POST", content::form);
        redirect(what, how, status, home());
        CHECK(what.method == "POST");
        CHECK(what.what == content::form);
    }
    auto what = ask("PUT", content::upload);
    redirect(what, how, 303, home());
    CHECK(what.method == "GET");
}

TEST_CASE("credentials are for the origin where the request began, and fields of the user's for its host")
{
    for (auto const& c : places) {
        CAPTURE(c.scheme);
        CAPTURE(c.host);
        CAPTURE(c.port);
        auto what = with_secrets();
        redirect(what, {}, 302, make_url(c.scheme, c.host, c.port));
        CHECK(sends_user(what, {}) == c.sends_user);
        CHECK(sent_headers(what, {}).size() == c.headers);
    }
}

TEST_CASE("where all hosts are trusted, only the Host field stays with the first one")
{
    redirect_settings const trusting{.trusted = true};
    auto what = with_secrets();
    redirect(what, trusting, 302, make_url("https", "elsewhere.test", 443));
    CHECK(sends_user(what, trusting));
    CHECK(sent_headers(what, trusting).size() == 3);
}

TEST_CASE("whoever comes back from another host has credentials again, but not from another port or scheme")
{
    auto from_host = with_secrets();
    redirect(from_host, {}, 302, make_url("http", "elsewhere.test", 80));
    redirect(from_host, {}, 302, home());
    CHECK(sends_user(from_host, {}));

    auto from_port = with_secrets();
    redirect(from_port, {}, 302, make_url("http", "home.test", 81));
    redirect(from_port, {}, 302, home());
    CHECK_FALSE(sends_user(from_port, {}));
    CHECK(sent_headers(from_port, {}).size() == 4);
}

TEST_CASE("credentials of a URL go on to the next one, unless switches gave others")
{
    auto what = ask("GET", content::none);
    what.to.user = "url";
    redirect(what, {}, 302, home());
    CHECK(what.user == "url");

    auto another = ask("GET", content::none);
    another.to.user = "url";
    auto next = home();
    next.user = "another";
    redirect(another, {}, 302, next);
    CHECK_FALSE(another.user); // libcurl takes what is in the URL

    auto given = with_secrets();
    given.to.user = "url";
    redirect(given, {}, 302, home());
    CHECK(given.user == "alice");
}

TEST_CASE("the Referer follows only where that is wished, without credentials and fragment")
{
    auto what = ask("GET", content::none);
    what.referer = "http://before.test/";
    redirect(what, {}, 302, home());
    CHECK(what.referer == "http://before.test/");
    what.referer_follows = true;
    redirect(what, {}, 302, make_url("http", "elsewhere.test", 80));
    CHECK(what.referer == "http://home.test/path");
}

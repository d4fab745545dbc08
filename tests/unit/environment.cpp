#include <viaduct/client/environment.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>

namespace {

using variables = std::map<std::string, std::string>;

/// An environment of its own for each case.
[[nodiscard]] viaduct::environment with(variables values)
{
    return [values = std::move(values)](char const* name) -> char const* {
        auto const found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    };
}

/// The same on a system whose names have no case; the keys are in lower-case.
[[nodiscard]] viaduct::environment without_case(variables values)
{
    return [exact = with(std::move(values))](char const* name) {
        std::string lower{name};
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return exact(lower.c_str());
    };
}

[[nodiscard]] std::string proxy(std::string_view scheme, variables values)
{
    return viaduct::proxy_from_environment(scheme, with(std::move(values))).value_or("none");
}

} // namespace

TEST_CASE("environment: no variable, no proxy")
{
    CHECK(proxy("https", {}) == "none");
    CHECK(proxy("http", {}) == "none");
    CHECK(proxy("", {}) == "none");
}

TEST_CASE("environment: the text comes back as it is")
{
    CHECK(proxy("https", {{"https_proxy", "http://u:p@proxy.example:3128/"}}) ==
          "http://u:p@proxy.example:3128/");
    CHECK(proxy("https", {{"HTTPS_PROXY", "172.30.109.95:3128"}}) == "172.30.109.95:3128");
}

TEST_CASE("environment: lower-case comes first")
{
    CHECK(proxy("https", {{"https_proxy", "lower:1"}, {"HTTPS_PROXY", "upper:1"}}) == "lower:1");
    CHECK(proxy("https", {{"all_proxy", "lower:1"}, {"ALL_PROXY", "upper:1"}}) == "lower:1");
}

TEST_CASE("environment: each scheme has its own variable")
{
    variables const values{{"http_proxy", "h:1"}, {"https_proxy", "s:1"}, {"FTP_PROXY", "f:1"}};
    CHECK(proxy("http", values) == "h:1");
    CHECK(proxy("https", values) == "s:1");
    CHECK(proxy("ftp", values) == "f:1");
    CHECK(proxy("mqtt", values) == "none");
}

TEST_CASE("environment: the case of the scheme does not matter")
{
    CHECK(proxy("HTTPS", {{"https_proxy", "s:1"}}) == "s:1");
    CHECK(proxy("Http", {{"http_proxy", "h:1"}}) == "h:1");
    CHECK(proxy("HTTP", {{"HTTP_PROXY", "h:1"}}) == "none");
}

TEST_CASE("environment: HTTP_PROXY in upper-case is never read")
{
    CHECK(proxy("http", {{"HTTP_PROXY", "evil:1"}}) == "none");
    CHECK(proxy("http", {{"HTTP_PROXY", "evil:1"}, {"ALL_PROXY", "a:1"}}) == "a:1");
    CHECK(proxy("ws", {{"HTTP_PROXY", "evil:1"}}) == "none");
}

TEST_CASE("environment: all_proxy is for what has no proxy of its own")
{
    CHECK(proxy("https", {{"ALL_PROXY", "a:1"}}) == "a:1");
    CHECK(proxy("http", {{"all_proxy", "a:1"}}) == "a:1");
    CHECK(proxy("https", {{"all_proxy", "a:1"}, {"HTTPS_PROXY", "s:1"}}) == "s:1");
    CHECK(proxy("wss", {{"all_proxy", "a:1"}}) == "a:1");
}

TEST_CASE("environment: an empty variable counts as unset")
{
    CHECK(proxy("https", {{"https_proxy", ""}, {"HTTPS_PROXY", "upper:1"}}) == "upper:1");
    CHECK(proxy("https", {{"https_proxy", ""}, {"HTTPS_PROXY", ""}, {"ALL_PROXY", "a:1"}}) == "a:1");
    CHECK(proxy("https", {{"https_proxy", ""}, {"all_proxy", ""}, {"ALL_PROXY", ""}}) == "none");
}

TEST_CASE("environment: web sockets use the proxies of http and https")
{
    variables const values{{"http_proxy", "h:1"}, {"HTTPS_PROXY", "s:1"}, {"all_proxy", "a:1"}};
    CHECK(proxy("ws", values) == "h:1");
    CHECK(proxy("wss", values) == "s:1");
    CHECK(proxy("wss", {{"WSS_PROXY", "w:1"}, {"HTTPS_PROXY", "s:1"}}) == "w:1");
}

TEST_CASE("environment: a CGI program on a system with case keeps its http_proxy")
{
    variables const values{{"REQUEST_METHOD", "GET"}, {"http_proxy", "h:1"}, {"HTTP_PROXY", "evil:1"}};
    CHECK(proxy("http", values) == "h:1");
}

TEST_CASE("environment: where names have no case, a CGI program passes http_proxy over")
{
    for (auto const* const mark : {"request_method", "gateway_interface"}) {
        auto const cgi = without_case({{mark, "x"}, {"http_proxy", "evil:1"}, {"https_proxy", "s:1"}});
        CHECK_FALSE(viaduct::proxy_from_environment("http", cgi));
        CHECK_FALSE(viaduct::proxy_from_environment("ws", cgi));
        CHECK(viaduct::proxy_from_environment("https", cgi) == "s:1");
    }
    auto const shell = without_case({{"http_proxy", "h:1"}});
    CHECK(viaduct::proxy_from_environment("http", shell) == "h:1");
}

TEST_CASE("environment: the variable that was found is named")
{
    auto const name = [](std::string_view scheme, variables values) {
        auto const found = viaduct::find_proxy_variable(scheme, with(std::move(values)));
        return found ? found->name + '=' + found->value : "none";
    };
    CHECK(name("https", {}) == "none");
    CHECK(name("https", {{"HTTPS_PROXY", "s:1"}, {"all_proxy", "a:1"}}) == "HTTPS_PROXY=s:1");
    CHECK(name("WSS", {{"https_proxy", "s:1"}}) == "https_proxy=s:1");
    CHECK(name("http", {{"HTTP_PROXY", "evil:1"}, {"ALL_PROXY", "a:1"}}) == "ALL_PROXY=a:1");
}

TEST_CASE("environment: no_proxy")
{
    CHECK(viaduct::no_proxy_from_environment(with({})) == "");
    CHECK(viaduct::no_proxy_from_environment(with({{"NO_PROXY", "a"}})) == "a");
    CHECK(viaduct::no_proxy_from_environment(with({{"NO_PROXY", "a"}, {"no_proxy", "b"}})) == "b");
    CHECK(viaduct::no_proxy_from_environment(with({{"NO_PROXY", "a"}, {"no_proxy", ""}})) == "a");
}

#if !defined(_WIN32)
TEST_CASE("environment: the process's own")
{
    ::setenv("viaducttest_proxy", "own:1", 1);
    CHECK(viaduct::proxy_from_environment("viaducttest") == "own:1");
    ::setenv("viaducttest_proxy", "changed:1", 1);
    CHECK(viaduct::proxy_from_environment("viaducttest") == "changed:1");
    ::unsetenv("viaducttest_proxy");
    CHECK(viaduct::process_environment()("viaducttest_proxy") == nullptr);
}
#endif

#include <viaduct/client/proxy_selection.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <map>
#include <ostream>
#include <string>
#include <utility>

using viaduct::authority;
using viaduct::errc;
using viaduct::error_code;
using viaduct::proxies_from_environment;
using viaduct::proxy_settings;

namespace {

[[nodiscard]] viaduct::environment with(std::map<std::string, std::string> values)
{
    return [values = std::move(values)](char const* name) -> char const* {
        auto const found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    };
}

authority const target{"broker.example", 8883};

} // namespace

TEST_CASE("proxy selection: without proxies the one way is the direct one")
{
    CHECK(to_text(proxy_settings{}.select(target)) == "direct");
    CHECK(proxy_settings{{}, {}}.select(target).empty()); // what a parser leaves after an error leads nowhere
    CHECK_FALSE(proxy_settings{}.explain(target));
}

TEST_CASE("proxy selection: what is excepted goes directly, and the entry is told; the rest takes the list")
{
    proxy_settings const settings{viaduct::parse_proxy_list("http://a, http://b"),
                                  viaduct::no_proxy_rules{"10.0.0.0/8,.corp.test:443"}};
    CHECK(to_text(settings.select(target)) == "http://a:80, http://b:80");
    CHECK(&settings.select(target) == &settings.proxies);
    CHECK_FALSE(settings.explain(target));
    for (auto const& [host, entry] :
         {std::pair{"10.1.2.3", "10.0.0.0/8"}, {"www.corp.test", ".corp.test:443"}}) {
        CHECK(to_text(settings.select({host, 443})) == "direct");
        CHECK(settings.explain({host, 443}) == entry);
    }
    CHECK(to_text(settings.select({"www.corp.test", 80})) == "http://a:80, http://b:80");
}

TEST_CASE("proxy selection: the environment gives the proxy and the exceptions")
{
    auto const variables = with({{"HTTPS_PROXY", "socks5h://u:p@a"},
                                 {"http_proxy", "b:3128"},
                                 {"NO_PROXY", "corp.test, 10.0.0.0/33"}});
    auto const settings = proxies_from_environment("https", variables);
    CHECK(to_text(settings.select(target)) == "socks5h://a:1080");
    CHECK(settings.proxies[0][0].who == viaduct::credentials{"u", "p"});
    CHECK(settings.explain({"www.corp.test", 443}) == "corp.test");
    CHECK(settings.except.invalid_entries().size() == 1); // a warning, and no error
    CHECK(to_text(proxies_from_environment("http", variables).proxies) == "http://b:3128");
    CHECK(to_text(proxies_from_environment("ftp", variables).proxies) == "direct");
}

TEST_CASE("proxy selection: a variable may say direct")
{
    auto const variables = with({{"https_proxy", "direct"}, {"all_proxy", "http://a"}});
    CHECK(to_text(proxies_from_environment("https", variables).select(target)) == "direct");
}

TEST_CASE("proxy selection: a raw comma in a password of the environment is part of it")
{
    auto const settings = proxies_from_environment("https", with({{"https_proxy", "http://u:p,q@a:1"}}));
    CHECK(settings.proxies[0][0].who == viaduct::credentials{"u", "p,q"});
}

TEST_CASE("proxy selection: the variable at fault is named, its value is not")
{
    struct
    {
        std::string name;
        std::string value;
        errc error;
    } const cases[] = {
        {"https_proxy", "proxy.example", errc::port_missing},
        {"HTTPS_PROXY", "http://user:secret@a:99999", errc::port_out_of_range},
        {"ALL_PROXY", "socks://user:secret@a", errc::proxy_scheme_unsupported},
    };
    for (auto const& c : cases) {
        auto const variables = with({{c.name, c.value}, {"no_proxy", "*"}});
        error_code ec;
        std::string variable = "before";
        CHECK(proxies_from_environment("https", variables, ec, variable).proxies.empty());
        CHECK(ec == c.error);
        CHECK(variable == c.name);
        CHECK(proxies_from_environment("https", variables, ec).proxies.empty());
        CHECK(ec == c.error);
        try {
            static_cast<void>(proxies_from_environment("https", variables));
            FAIL("no exception");
        } catch (viaduct::system_error const& e) {
            CHECK(e.code() == c.error);
            CHECK(std::string{e.what()}.starts_with(c.name + ": "));
            CHECK(std::string{e.what()}.find("secret") == std::string::npos);
        }
    }
    error_code ec = errc::proxy_closed; // whatever was there before must not show
    std::string variable = "before";
    CHECK(to_text(proxies_from_environment("https", with({}), ec, variable).proxies) == "direct");
    CHECK_FALSE(ec);
    CHECK(variable == "");
}

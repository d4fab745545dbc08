#include "command/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace viaduct_curl {
namespace {

/// Schemes add up; libcurl chooses among them when the origin has named its own.
template <std::int64_t Scheme>
void take_scheme(given& g)
{
    g.now.passed.set_bits(CURLOPT_HTTPAUTH, g.name, Scheme, g.on);
    if (std::get<std::int64_t>(*g.now.passed.find(CURLOPT_HTTPAUTH)) == 0)
        g.now.passed.erase(CURLOPT_HTTPAUTH); // none is left: the default
}

/// Where both are given, the entry of a file may be missing.
void take_netrc(given& g)
{
    auto const* const now = g.now.passed.find(CURLOPT_NETRC);
    bool const optional = now && std::get<std::int64_t>(*now) == CURL_NETRC_OPTIONAL;
    if (!g.on)
        g.now.passed.erase(CURLOPT_NETRC);
    else if (!optional)
        g.now.passed.set(CURLOPT_NETRC, g.name, std::int64_t{CURL_NETRC_REQUIRED});
}

void take_netrc_file(given& g)
{
    pass_text<CURLOPT_NETRC_FILE>(g);
    take_netrc(g);
}

void take_delegation(given& g)
{
    auto value = std::int64_t{CURLGSSAPI_DELEGATION_NONE};
    if (g.value == "policy") value = CURLGSSAPI_DELEGATION_POLICY_FLAG;
    if (g.value == "always") value = CURLGSSAPI_DELEGATION_FLAG;
    if (value == CURLGSSAPI_DELEGATION_NONE && g.value != "none")
        warn(g.now, fmt::format("unrecognized delegation method '{}', using none", g.value));
    g.now.passed.set(CURLOPT_GSSAPI_DELEGATION, g.name, value);
}

void take_bearer(given& g)
{
    pass_text<CURLOPT_XOAUTH2_BEARER>(g);
    take_scheme<CURLAUTH_BEARER>(g);
}

/// Text with a `=` are cookies, other text is the name of a file with cookies.
void take_cookie(given& g)
{
    if (g.value.find('=') != std::string::npos)
        g.now.request.cookies.push_back(g.value);
    else
        g.now.request.cookie_files.push_back(g.value);
}

constexpr std::array rows{
    option{"user", 'u', "user:password", [](given& g) { g.now.request.user = g.value; },
           "Who asks the origin"},
    option{"basic", 0, "", take_scheme<CURLAUTH_BASIC>, "Prove it with Basic, the default"},
    option{"digest", 0, "", take_scheme<CURLAUTH_DIGEST>, "Prove it with Digest"},
    option{"ntlm", 0, "", take_scheme<CURLAUTH_NTLM>, "Prove it with NTLM"},
    option{"negotiate", 0, "", take_scheme<CURLAUTH_NEGOTIATE>,
           "Prove it with Kerberos; '-u :' for the ticket's owner"},
    option{"anyauth", 0, "", pass_choice<CURLOPT_HTTPAUTH, static_cast<std::int64_t>(CURLAUTH_ANY)>,
           "Prove it with the best of what the origin takes"},
    option{"oauth2-bearer", 0, "token", take_bearer, "Prove it with a token"},
    option{"aws-sigv4", 0, "provider1[:provider2[:region[:service]]]", pass_text<CURLOPT_AWS_SIGV4>,
           "Sign the request"},
    option{"delegation", 0, "none|policy|always", take_delegation, "Whether a ticket may be passed on"},
    option{"service-name", 0, "name", pass_text<CURLOPT_SERVICE_NAME>,
           "The Kerberos service of the origin, instead of HTTP"},
    option{"netrc", 'n', "", take_netrc, "Who asks is in ~/.netrc"},
    option{"netrc-optional", 0, "", pass_flag<CURLOPT_NETRC, CURL_NETRC_OPTIONAL, CURL_NETRC_IGNORED>,
           "Who asks is in the URL, or else in ~/.netrc"},
    option{"netrc-file", 0, "file", take_netrc_file, "Who asks is in this file"},
    option{"disallow-username-in-url", 0, "", pass_flag<CURLOPT_DISALLOW_USERNAME_IN_URL>,
           "Refuse a URL with a user"},
    option{"cookie", 'b', "name=value|file", take_cookie, "Cookies to send, or a file with cookies"},
    option{"cookie-jar", 'c', "file", [](given& g) { g.now.request.cookie_jar = g.value; },
           "Where to write all cookies at the end"},
    option{"junk-session-cookies", 'j', "", pass_flag<CURLOPT_COOKIESESSION>,
           "Forget a file's cookies without a date of expiry"},
};

} // namespace

topic origin_identity_options()
{
    return {"Who asks the origin", rows};
}

} // namespace viaduct_curl

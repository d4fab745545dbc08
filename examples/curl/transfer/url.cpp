#include "transfer/url.hpp"

#include "failure.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace viaduct_curl {
namespace {

using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

#if defined(CURLU_PUNYCODE)
constexpr unsigned as_ascii = CURLU_PUNYCODE;
#else
constexpr unsigned as_ascii = 0;
#endif

[[nodiscard]] std::optional<std::string> part(url_handle const& from, CURLUPart what, unsigned flags)
{
    char* text = nullptr;
    if (curl_url_get(from.get(), what, &text, flags) != CURLUE_OK) return std::nullopt;
    std::unique_ptr<char, decltype(&curl_free)> const owner{text, curl_free};
    return text;
}

[[noreturn]] void malformed(std::string const& text)
{
    throw failure{CURLE_URL_MALFORMAT,
                  "URL using bad/illegal format or missing URL: " + without_credentials(text)};
}

/// The scheme that the text names, so that an unknown one is not taken for the host of an http URL.
void check_scheme(std::string const& text)
{
    auto const end = text.find("://");
    auto scheme = text.substr(0, end);
    for (auto& c : scheme)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (scheme == "http" || scheme == "https") return;
    throw failure{CURLE_UNSUPPORTED_PROTOCOL, fmt::format("Protocol \"{}\" not supported", scheme)};
}

} // namespace

std::string without_credentials(std::string const& text)
{
    auto const at = text.rfind('@');
    if (at == std::string::npos) return text;
    auto const scheme = text.find("://");
    return (scheme == std::string::npos ? std::string{} : text.substr(0, scheme + 3)) + text.substr(at + 1);
}

url parse_url(std::string text)
{
    auto const scheme_end = text.find("://");
    bool const has_scheme = scheme_end != std::string::npos && text.find_first_of("/?#@") > scheme_end;
    if (!has_scheme) text.insert(0, "http://");
    check_scheme(text);
    url_handle const handle{curl_url(), curl_url_cleanup};
    if (!handle || curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) malformed(text);
    auto const host = part(handle, CURLUPART_HOST, as_ascii);
    auto const port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    auto const path = part(handle, CURLUPART_PATH, 0);
    auto const whole = part(handle, CURLUPART_URL, 0);
    if (!host || !port || !path || !whole) malformed(text);

    url result;
    result.text = *whole;
    result.scheme = part(handle, CURLUPART_SCHEME, 0).value_or("http");
    result.host = *host;
    result.port = static_cast<std::uint16_t>(std::stoul(*port));
    result.file = path->substr(path->rfind('/') + 1);
    result.user = part(handle, CURLUPART_USER, CURLU_URLDECODE);
    result.password = part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
    return result;
}

} // namespace viaduct_curl

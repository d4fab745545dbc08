#include "transfer/url.hpp"

#include "command/schemes.hpp"
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
void check_scheme(std::string const& text, std::string_view allowed)
{
    auto const end = text.find("://");
    auto scheme = text.substr(0, end);
    for (auto& c : scheme)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    bool const is_spoken = scheme == "http" || scheme == "https";
    if (is_spoken && allows(allowed, scheme)) return;
    throw failure{CURLE_UNSUPPORTED_PROTOCOL, fmt::format("Protocol \"{}\" not supported", scheme)};
}

[[nodiscard]] std::string bare_text(url_handle const& from)
{
    curl_url_set(from.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(from.get(), CURLUPART_PASSWORD, nullptr, 0);
    curl_url_set(from.get(), CURLUPART_OPTIONS, nullptr, 0);
    curl_url_set(from.get(), CURLUPART_FRAGMENT, nullptr, 0);
    return part(from, CURLUPART_URL, 0).value_or("");
}

/// The URL with one part changed.
template <class Change>
[[nodiscard]] url changed(url const& to, Change const& change)
{
    request_settings reading;
    reading.path_as_is = true; // it has been made straight before, if that was wished
    url_handle const handle{curl_url(), curl_url_cleanup};
    bool const is_set =
        handle && curl_url_set(handle.get(), CURLUPART_URL, to.text.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK;
    if (!is_set || change(handle) != CURLUE_OK) malformed(to.text);
    return parse_url(part(handle, CURLUPART_URL, 0).value_or(""), reading);
}

} // namespace

std::string without_credentials(std::string const& text)
{
    auto const at = text.rfind('@');
    if (at == std::string::npos) return text;
    auto const scheme = text.find("://");
    return (scheme == std::string::npos ? std::string{} : text.substr(0, scheme + 3)) + text.substr(at + 1);
}

url parse_url(std::string text, request_settings const& how)
{
    auto const scheme_end = text.find("://");
    bool const has_scheme = scheme_end != std::string::npos && text.find_first_of("/?#@") > scheme_end;
    if (!has_scheme) text.insert(0, how.default_scheme + "://");
    check_scheme(text, how.schemes);
    unsigned const flags = how.path_as_is ? CURLU_PATH_AS_IS : 0;
    url_handle const handle{curl_url(), curl_url_cleanup};
    if (!handle || curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), flags) != CURLUE_OK)
        malformed(text);
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
    result.bare = bare_text(handle);
    return result;
}

url with_file_name(url const& to, std::string const& path)
{
    return changed(to, [&](url_handle const& in) {
        auto const before = part(in, CURLUPART_PATH, 0).value_or("/");
        if (!before.ends_with('/')) return CURLUE_OK;
        auto const name = path.substr(path.rfind('/') + 1);
        std::unique_ptr<char, decltype(&curl_free)> const escaped{
            curl_easy_escape(nullptr, name.data(), static_cast<int>(name.size())), curl_free};
        auto const whole = before + (escaped ? escaped.get() : "");
        return curl_url_set(in.get(), CURLUPART_PATH, whole.c_str(), 0);
    });
}

url with_query(url const& to, std::string const& query)
{
    return changed(to, [&](url_handle const& in) {
        return curl_url_set(in.get(), CURLUPART_QUERY, query.c_str(), CURLU_APPENDQUERY);
    });
}

} // namespace viaduct_curl

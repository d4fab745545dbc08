#include "tell/json_text.hpp"
#include "tell/variables.hpp"
#include <viaduct/http/characters.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <memory>

// Variables that stand for a part of something: of the last head, or of a URL.

namespace viaduct_curl {
namespace {

using viaduct::characters::iequals;

[[nodiscard]] std::string lower(std::string text)
{
    for (auto& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// All values of a name, which is written where it first occurs.
[[nodiscard]] std::string values_of(report const& what, std::string_view name)
{
    std::vector<std::string_view> values;
    for (auto const& [other, value] : what.fields)
        if (iequals(other, name)) values.push_back(value);
    return json_list(values, json_text);
}

struct piece
{
    std::string_view name;
    CURLUPart what;
};

constexpr piece pieces[] = {
    {"scheme", CURLUPART_SCHEME},   {"user", CURLUPART_USER},   {"password", CURLUPART_PASSWORD},
    {"options", CURLUPART_OPTIONS}, {"host", CURLUPART_HOST},   {"port", CURLUPART_PORT},
    {"path", CURLUPART_PATH},       {"query", CURLUPART_QUERY}, {"fragment", CURLUPART_FRAGMENT},
};

[[nodiscard]] std::string read_piece(std::string const& from, CURLUPart what)
{
    std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> const parsed{curl_url(), curl_url_cleanup};
    unsigned const flags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
    char* found = nullptr;
    bool const has_it = parsed &&
                        curl_url_set(parsed.get(), CURLUPART_URL, from.c_str(), flags) == CURLUE_OK &&
                        curl_url_get(parsed.get(), what, &found, CURLU_DEFAULT_PORT) == CURLUE_OK;
    std::unique_ptr<char, decltype(&curl_free)> const owner{found, curl_free};
    return has_it ? found : "";
}

} // namespace

std::string head_as_json(report const& what)
{
    std::string json = "{";
    std::vector<std::string> told;
    for (auto const& [name, value] : what.fields) {
        auto const key = lower(name);
        if (std::find(told.begin(), told.end(), key) != told.end()) continue;
        json += told.empty() ? "" : ",\n";
        json += json_text(key) + ':' + values_of(what, key);
        told.push_back(key);
    }
    return json + "\n}";
}

std::string field_value(report const& what, std::string_view name)
{
    for (auto const& [other, value] : what.fields)
        if (iequals(other, name)) return value;
    return {};
}

bool url_piece(report const& what, std::string_view name, std::string& text)
{
    bool const is_last = name.starts_with("urle.");
    if (!is_last && !name.starts_with("url.")) return false;
    name.remove_prefix(is_last ? 5 : 4);
    for (auto const& one : pieces) {
        if (one.name != name) continue;
        text = read_piece(is_last ? what.effective_url : what.url, one.what);
        return true;
    }
    return false;
}

} // namespace viaduct_curl

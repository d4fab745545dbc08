#include "transfer/output_name.hpp"

#include "failure.hpp"
#include <viaduct/http/characters.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>

namespace viaduct_curl {
namespace {

constexpr std::size_t longest_name = 255; // what file systems take

[[nodiscard]] std::string name_in(url const& from)
{
    bool const usable = !from.file.empty() && from.file != "." && from.file != "..";
    if (!usable) throw failure{CURLE_WRITE_ERROR, "Remote file name has no length!"};
    return from.file;
}

[[nodiscard]] std::string_view trim(std::string_view text)
{
    auto const start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    auto const end = text.find_last_not_of(" \t\r\n");
    return text.substr(start, end == text.npos ? 0 : end + 1 - start);
}

/// A value with or without quotes, up to the semicolon behind it.
[[nodiscard]] std::string read_value(std::string_view text)
{
    char const quote = text.empty() ? '\0' : text.front();
    if (quote != '"' && quote != '\'') return std::string{trim(text.substr(0, text.find(';')))};
    std::string value;
    for (std::size_t at = 1; at < text.size() && text[at] != quote; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
    }
    return value;
}

[[nodiscard]] bool is_safe(std::string_view name)
{
    auto const is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return !name.empty() && name.size() <= longest_name && name.front() != '.' &&
           std::none_of(name.begin(), name.end(), is_control);
}

} // namespace

std::string output_name(answer_settings const& how, target const& which, url_pattern const& pattern,
                        url const& from)
{
    if (which.output == "-") return {};
    bool const remote = which.remote_name || (how.remote_name_all && !which.output);
    if (!remote && !which.output) return {};
    auto const name = remote ? name_in(from) : pattern.fill_in(*which.output);
    return how.directory ? *how.directory + '/' + name : name;
}

std::optional<std::string> name_in_disposition(std::string_view value)
{
    while (!value.empty()) {
        auto const part = trim(value.substr(0, value.find(';')));
        auto const equals = part.find('=');
        if (equals != part.npos && viaduct::characters::iequals(trim(part.substr(0, equals)), "filename")) {
            auto name = read_value(trim(value.substr(value.find('=') + 1)));
            name.erase(0, name.find_last_of("/\\") + 1);
            return is_safe(name) ? std::optional{name} : std::nullopt;
        }
        value.remove_prefix(std::min(value.find(';'), value.size() - 1) + 1);
    }
    return std::nullopt;
}

int make_directories(std::string const& for_file)
{
    for (auto at = for_file.find('/', 1); at != std::string::npos; at = for_file.find('/', at + 1)) {
        auto const part = for_file.substr(0, at);
        if (::mkdir(part.c_str(), 0750) != 0 && errno != EEXIST) return errno;
    }
    return 0;
}

} // namespace viaduct_curl

#include "proxy_fields.hpp"

#include "failure.hpp"
#include <viaduct/http/characters.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <string_view>

namespace viaduct_curl {
namespace {

using viaduct::characters::iequals;

/// `Name:` takes a default field away.
void remove_default(viaduct::connect_options& from, std::string_view name)
{
    if (iequals(name, "User-Agent")) from.user_agent.clear();
    if (iequals(name, "Proxy-Connection")) from.proxy_connection = false;
}

/// `Name: value` adds or replaces, `Name;` does so without a value; curl ignores everything else.
void add_line(viaduct::connect_options& to, std::string_view line)
{
    auto const end = line.find_first_of(":;");
    if (end == std::string_view::npos) return;
    auto const name = line.substr(0, end);
    auto const value = viaduct::characters::trim(line.substr(end + 1));
    if (line[end] == ':' && value.empty()) return remove_default(to, name);
    if (line[end] == ':' || value.empty()) to.proxy_fields.add(name, value);
}

} // namespace

viaduct::connect_options make_connect_options(command_line const& command)
{
    viaduct::connect_options options;
    options.user_agent = command.user_agent.value_or("viaduct-curl/" VIADUCT_VERSION);
    for (auto const& line : command.proxy_headers) {
        try {
            add_line(options, line);
        } catch (viaduct::system_error const& e) {
            throw failure{CURLE_BAD_FUNCTION_ARGUMENT,
                          fmt::format("--proxy-header '{}': {}", line, e.code().message())};
        }
    }
    return options;
}

} // namespace viaduct_curl

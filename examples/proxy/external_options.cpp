#include "external_options.hpp"

#include "words.hpp"
#include <viaduct/helpers/external_acl.hpp>

#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {
namespace {

constexpr char flag[] = "--external-acl";
constexpr char known_settings[] =
    "ttl, negative_ttl, grace, cache, children-max, children-startup, children-idle, concurrency, queue-size";

/// One `--external-acl`, taken apart.
struct typed_helper
{
    std::string name{};
    viaduct::external_acl_options options{};
    viaduct::helper_limits limits{};
    std::vector<std::string> command{};
};

[[nodiscard]] bool read_cache_setting(std::string const& value, std::string_view key, std::string_view text,
                                      viaduct::external_acl_limits& to)
{
    if (key != "ttl" && key != "negative_ttl" && key != "grace" && key != "cache") return false;
    auto const number = to_count(flag, value, text, key == "grace" ? 99 : 100'000'000);
    if (key == "ttl") to.ttl = std::chrono::seconds{number};
    if (key == "negative_ttl") to.negative_ttl = std::chrono::seconds{number};
    if (key == "grace") to.grace = static_cast<unsigned>(number);
    if (key == "cache") to.cache_size = number;
    return true;
}

void read_setting(std::string const& value, std::string_view key, std::string_view text, typed_helper& to)
{
    constexpr std::string_view children = "children-";
    if (key == "children-max") {
        to.limits.max_children = to_count(flag, value, text, 10000);
        if (to.limits.max_children == 0) reject(flag, value, "children-max is at least 1");
        return;
    }
    auto const plain = key.starts_with(children) ? key.substr(children.size()) : key;
    if (read_cache_setting(value, key, text, to.options.limits)) return;
    if (read_helper_setting(flag, value, plain, text, to.limits)) return;
    reject(flag, value, "'" + std::string{key} + "' is no option of it; there are " + known_settings);
}

/// NAME, options, the format up to the program, and the program.
[[nodiscard]] typed_helper take_apart(std::string const& value)
{
    typed_helper made;
    made.limits.max_children = 5; // as Squid
    auto words = split_plain(flag, value);
    auto const shown = without_arguments(value);
    if (words.empty()) reject(flag, shown, std::string{"write "} + external_acl_syntax);
    made.name = words.front();
    std::size_t at = 1;
    for (; at < words.size() && !words[at].starts_with('%') && !words[at].starts_with('/'); ++at) {
        auto const setting = as_setting(words[at]);
        if (!setting)
            reject(flag, shown, "'" + words[at] + "' is neither an option, as ttl=60, nor a %FORMAT");
        read_setting(shown, setting->first, setting->second, made);
    }
    for (; at < words.size() && !words[at].starts_with('/'); ++at)
        made.options.format += (made.options.format.empty() ? "" : " ") + words[at];
    for (; at < words.size(); ++at)
        made.command.push_back(std::move(words[at]));
    return made;
}

} // namespace

void add_external_acl(proxy_options& to, viaduct::acl_set& acls, std::string const& value)
{
    auto typed = take_apart(value);
    auto const shown = without_arguments(value);
    if (to.service.way.externals.contains(typed.name))
        reject(flag, shown, "there is one of this name already");
    auto pool = to.helpers->add(flag, shown, std::move(typed.command), typed.limits);
    try {
        auto made = std::make_shared<viaduct::external_acl>(std::move(pool), typed.options);
        acls.declare_helper(typed.name, made->needs_user());
        to.service.way.externals.emplace(typed.name, std::move(made));
    } catch (std::invalid_argument const& e) {
        reject(flag, shown, e.what());
    }
}

} // namespace viaduct_proxy

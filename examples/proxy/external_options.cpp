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

[[nodiscard]] bool read_cache_setting(typed const& what, std::string_view key, std::string_view text,
                                      viaduct::external_acl_limits& to)
{
    if (key != "ttl" && key != "negative_ttl" && key != "grace" && key != "cache") return false;
    auto const number = to_count(what, text, key == "grace" ? 99 : 100'000'000);
    if (key == "ttl") to.ttl = std::chrono::seconds{number};
    if (key == "negative_ttl") to.negative_ttl = std::chrono::seconds{number};
    if (key == "grace") to.grace = static_cast<unsigned>(number);
    if (key == "cache") to.cache_size = number;
    return true;
}

void read_setting(typed const& what, std::string_view key, std::string_view text, typed_helper& to)
{
    constexpr std::string_view children = "children-";
    if (key == "children-max") {
        to.limits.max_children = to_count(what, text, 10000);
        if (to.limits.max_children == 0) reject(what, "children-max is at least 1");
        return;
    }
    auto const plain = key.starts_with(children) ? key.substr(children.size()) : key;
    if (read_cache_setting(what, key, text, to.options.limits)) return;
    if (read_helper_setting(what, plain, text, to.limits)) return;
    reject(what, "'" + std::string{key} + "' is no option of it; there are " + known_settings);
}

/// NAME, options, the format up to the program, and the program.
[[nodiscard]] typed_helper take_apart(typed const& what, typed const& shown)
{
    typed_helper made;
    made.limits.max_children = 5; // as Squid
    auto words = split_plain(what);
    if (words.empty()) reject(shown, std::string{"write "} + external_acl_syntax);
    made.name = words.front();
    std::size_t at = 1;
    for (; at < words.size() && !words[at].starts_with('%') && !words[at].starts_with('/'); ++at) {
        auto const setting = as_setting(words[at]);
        if (!setting) reject(shown, "'" + words[at] + "' is neither an option, as ttl=60, nor a %FORMAT");
        read_setting(shown, setting->first, setting->second, made);
    }
    for (; at < words.size() && !words[at].starts_with('/'); ++at)
        made.options.format += (made.options.format.empty() ? "" : " ") + words[at];
    for (; at < words.size(); ++at)
        made.command.push_back(std::move(words[at]));
    return made;
}

} // namespace

void add_external_acl(proxy_options& to, viaduct::acl_set& acls, typed const& what)
{
    auto const shown = with_value(what, without_arguments(what.value));
    auto made_of = take_apart(what, shown);
    if (to.service.way.externals.contains(made_of.name)) reject(shown, "there is one of this name already");
    auto pool = to.helpers->add(shown, std::move(made_of.command), made_of.limits);
    try {
        auto made = std::make_shared<viaduct::external_acl>(std::move(pool), made_of.options);
        acls.declare_helper(made_of.name, made->needs_user());
        to.service.way.externals.emplace(made_of.name, std::move(made));
    } catch (std::invalid_argument const& e) {
        reject(shown, e.what());
    }
}

} // namespace viaduct_proxy

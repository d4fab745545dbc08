#include "delay_pool_options.hpp"

#include "directive_match.hpp"
#include "rule_options.hpp"
#include "words.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

/// The words of a line, the pool's number first.
[[nodiscard]] std::vector<std::string> words_of(typed const& what, std::size_t least)
{
    auto words = split_plain(what);
    if (words.size() < least)
        reject(what, "write the number of the pool first, and what is said of it behind");
    return words;
}

[[nodiscard]] std::int64_t to_level(typed const& what, std::string_view text)
{
    if (text == "-1") return -1;
    return static_cast<std::int64_t>(to_count(what, text, std::numeric_limits<std::int64_t>::max()));
}

/// `RESTORE/MAX` in octets; `none` and `-1/-1` for no limit.
[[nodiscard]] viaduct::delay_rate to_rate(typed const& what, std::string_view text)
{
    if (text == "none") return {};
    auto const slash = text.find('/');
    if (slash == text.npos)
        reject(what, "'" + std::string{text} + "': write RESTORE/MAX in octets, or -1/-1");
    return {to_level(what, text.substr(0, slash)), to_level(what, text.substr(slash + 1))};
}

/// Which buckets the parameters of a class are for, in their order.
[[nodiscard]] std::vector<viaduct::delay_rate viaduct::delay_pool::*> buckets_of(unsigned pool_class)
{
    using viaduct::delay_pool;
    if (pool_class == 1) return {&delay_pool::all};
    if (pool_class == 2) return {&delay_pool::all, &delay_pool::host};
    return {&delay_pool::all, &delay_pool::network, &delay_pool::host};
}

} // namespace

void delay_pool_options::take(directive_match& line)
{
    line.number("delay_pools", count_)
        .list("delay_class", classes_)
        .list("delay_parameters", parameters_)
        .list("delay_access", access_)
        .number("delay_initial_bucket_level", initial_level_);
}

delay_pool_options::pool& delay_pool_options::find(std::vector<pool>& all, typed const& what,
                                                   std::string const& number) const
{
    auto const index = to_number(number);
    if (!index || *index < 1 || *index > all.size())
        reject(what, "'" + number + "' is no pool: delay_pools says how many there are, before the others");
    return all[*index - 1];
}

void delay_pool_options::read_class(std::vector<pool>& all, typed const& what) const
{
    auto const words = words_of(what, 2);
    auto const number = to_number(words[1]);
    if (!number || *number < 1 || *number > 3)
        reject(what, "write class 1, 2 or 3: 4 and 5 (users, tags) are not there, see rate_per_user");
    find(all, what, words[0]).pool_class = static_cast<unsigned>(*number);
}

void delay_pool_options::read_parameters(std::vector<pool>& all, typed const& what) const
{
    auto const words = words_of(what, 2);
    auto& to = find(all, what, words[0]);
    if (to.pool_class == 0) reject(what, "its delay_class is missing");
    auto const buckets = buckets_of(to.pool_class);
    if (words.size() != buckets.size() + 1)
        reject(what, "a pool of class " + std::to_string(to.pool_class) + " has " +
                         std::to_string(buckets.size()) + " pair(s) of RESTORE/MAX");
    for (std::size_t i = 0; i != buckets.size(); ++i)
        to.made.*buckets[i] = to_rate(what, words[i + 1]);
}

void delay_pool_options::read_access(std::vector<pool>& all, typed const& what,
                                     viaduct::acl_set const& acls) const
{
    auto words = words_of(what, 2);
    auto& to = find(all, what, words[0]);
    words.erase(words.begin());
    add_rule(to.made.access, acls, what, words);
}

void delay_pool_options::apply(proxy_options& to, viaduct::acl_set const& acls) const
{
    if (count_.value == 0 && classes_.empty() && parameters_.empty() && access_.empty()) return;
    if (count_.value > 1000) reject(count_.where(), std::to_string(count_.value), "write up to 1000");
    if (initial_level_.value > 100)
        reject(initial_level_.where(), std::to_string(initial_level_.value), "write up to 100 percent");
    std::vector<pool> all(count_.value);
    mistake_list found;
    for (auto const& each : classes_)
        found.attempt([&] { read_class(all, each); });
    for (auto const& each : parameters_)
        found.attempt([&] { read_parameters(all, each); });
    for (auto const& each : access_)
        found.attempt([&] { read_access(all, each, acls); });
    found.refuse_if_any();
    std::vector<viaduct::delay_pool> made;
    for (auto& each : all)
        made.push_back(std::move(each.made));
    viaduct::delay_options options;
    options.initial_level = static_cast<unsigned>(initial_level_.value);
    to.service.way.delays = std::make_shared<viaduct::delay_pools>(std::move(made), options);
}

} // namespace viaduct_proxy

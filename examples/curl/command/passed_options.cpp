#include "command/passed_options.hpp"

#include "failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <tuple>
#include <utility>

namespace viaduct_curl {
namespace {

[[nodiscard]] CURLcode apply_one(CURL* to, CURLoption what, std::int64_t number)
{
    bool const is_long = what < CURLOPTTYPE_OBJECTPOINT;
    if (is_long) return curl_easy_setopt(to, what, static_cast<long>(number));
    return curl_easy_setopt(to, what, static_cast<curl_off_t>(number));
}

} // namespace

slist make_slist(std::vector<std::string> const& lines)
{
    slist made;
    for (auto const& line : lines) {
        auto* const longer = curl_slist_append(made.get(), line.c_str());
        if (!longer) throw std::bad_alloc{};
        std::ignore = made.release(); // now a part of the longer one
        made.reset(longer);
    }
    return made;
}

passed_options::entry* passed_options::find_entry(CURLoption what) noexcept
{
    auto const found =
        std::find_if(entries_.begin(), entries_.end(), [&](entry const& e) { return e.what == what; });
    return found == entries_.end() ? nullptr : &*found;
}

passed_options::value const* passed_options::find(CURLoption what) const noexcept
{
    auto const* const found = const_cast<passed_options*>(this)->find_entry(what);
    return found ? &found->to : nullptr;
}

void passed_options::set(CURLoption what, std::string_view switch_name, value to)
{
    erase(what);
    entries_.push_back({what, std::string{switch_name}, std::move(to)});
}

void passed_options::append(CURLoption what, std::string_view switch_name, std::string line)
{
    if (!find_entry(what)) set(what, switch_name, std::vector<std::string>{});
    std::get<std::vector<std::string>>(find_entry(what)->to).push_back(std::move(line));
}

void passed_options::set_bits(CURLoption what, std::string_view switch_name, std::int64_t bits, bool on)
{
    if (!find_entry(what)) set(what, switch_name, std::int64_t{0});
    auto& mask = std::get<std::int64_t>(find_entry(what)->to);
    mask = on ? mask | bits : mask & ~bits;
}

void passed_options::erase(CURLoption what)
{
    std::erase_if(entries_, [&](entry const& e) { return e.what == what; });
}

std::vector<slist> passed_options::apply(CURL* to) const
{
    std::vector<slist> lists;
    for (auto const& e : entries_) {
        CURLcode code = CURLE_OK;
        if (auto const* const number = std::get_if<std::int64_t>(&e.to)) {
            code = apply_one(to, e.what, *number);
        } else if (auto const* const text = std::get_if<std::string>(&e.to)) {
            code = curl_easy_setopt(to, e.what, text->c_str());
        } else {
            lists.push_back(make_slist(std::get<std::vector<std::string>>(e.to)));
            code = curl_easy_setopt(to, e.what, lists.back().get());
        }
        if (code != CURLE_OK)
            throw failure{code, fmt::format("option --{}: {}", e.switch_name, curl_easy_strerror(code))};
    }
    return lists;
}

} // namespace viaduct_curl

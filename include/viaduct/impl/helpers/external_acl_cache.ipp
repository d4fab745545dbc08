#ifndef VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_CACHE_IPP
#define VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_CACHE_IPP

#include <viaduct/helpers/external_acl_cache.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL std::optional<external_acl_cache::found> external_acl_cache::find(std::string_view line,
                                                                               time_point now)
{
    auto const at = by_line_.find(line);
    if (at == by_line_.end()) return std::nullopt;
    auto const kept = at->second;
    if (kept->end <= now) {
        by_line_.erase(at);
        entries_.erase(kept);
        return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, kept);
    bool const in_grace = kept->refresh_at <= now;
    if (in_grace) kept->refresh_at = kept->end; // one who fetches is enough
    return found{kept->answer, in_grace};
}

VIADUCT_DECL void external_acl_cache::keep(std::string_view line, external_answer answer, time_point now)
{
    if (auto const at = by_line_.find(line); at != by_line_.end()) {
        auto const old = at->second;
        by_line_.erase(at);
        entries_.erase(old);
    }
    auto const ttl = answer.matches ? limits_.ttl : limits_.negative_ttl.value_or(limits_.ttl);
    if (ttl.count() <= 0 || limits_.cache_size == 0 || line.size() > max_line) return;
    if (by_line_.size() >= limits_.cache_size) {
        by_line_.erase(entries_.back().line);
        entries_.pop_back();
    }
    // What is configured may be as large as its type.
    auto const span =
        std::chrono::milliseconds{std::min(ttl, std::chrono::seconds{std::chrono::hours{24 * 3650}})};
    auto const grace = span * std::min(limits_.grace, 100U) / 100;
    entries_.push_front({std::string{line}, std::move(answer), now + span - grace, now + span});
    by_line_.emplace(entries_.front().line, entries_.begin());
}

} // namespace viaduct

#endif

#ifndef VIADUCT_HELPERS_EXTERNAL_ACL_CACHE_HPP
#define VIADUCT_HELPERS_EXTERNAL_ACL_CACHE_HPP

#include <viaduct/policy/request_facts.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace viaduct {

/// How long what a helper has said holds (Squid's `external_acl_type`).
struct external_acl_limits
{
    std::chrono::seconds ttl{3600};                     ///< Of a match; 0 keeps nothing.
    std::optional<std::chrono::seconds> negative_ttl{}; ///< Of none; `ttl` by default.

    /// The last part of that time, in percent, in which a request gets the kept answer and the helper is
    /// asked for a new one; 0 for none.
    unsigned grace = 0;

    /// Answers kept at most, those to lines of more than 1 KiB never; 0 keeps nothing.
    std::size_t cache_size = 262144;
};

/// Keeps answers of a helper by the lines that were asked; the one that was asked for longest ago goes first.
/** A rule: the time is an argument. Distinct objects: safe. Shared objects: unsafe. */
class external_acl_cache
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// An answer that still holds.
    struct found
    {
        external_answer answer{};
        bool is_in_grace = false; ///< A new one should be fetched; told once.
    };

    static constexpr std::size_t max_line = 1024;

    explicit external_acl_cache(external_acl_limits const& limits) : limits_{limits} {}

    [[nodiscard]] VIADUCT_DECL std::optional<found> find(std::string_view line, time_point now);

    /// Keeps an answer; what was known of this line is forgotten.
    VIADUCT_DECL void keep(std::string_view line, external_answer answer, time_point now);

    [[nodiscard]] std::size_t size() const noexcept { return by_line_.size(); }

private:
    struct entry
    {
        std::string line;
        external_answer answer;
        time_point refresh_at;
        time_point end;
    };

    external_acl_limits limits_;
    std::list<entry> entries_; // the last one asked for in front
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_line_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/external_acl_cache.ipp>
#endif

#endif

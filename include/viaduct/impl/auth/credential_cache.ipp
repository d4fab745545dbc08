#ifndef VIADUCT_IMPL_AUTH_CREDENTIAL_CACHE_IPP
#define VIADUCT_IMPL_AUTH_CREDENTIAL_CACHE_IPP

#include <viaduct/auth/credential_cache.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <iterator>

namespace viaduct {
namespace detail {

/// A scheme's name has no blank, so no two pairs give the same text.
[[nodiscard]] inline std::string cache_text(std::string_view scheme, std::string_view credentials)
{
    std::string text;
    text.reserve(scheme.size() + 1 + credentials.size()); // no copy of a part is left behind by growing
    return text.append(scheme).append(1, ' ').append(credentials);
}

} // namespace detail

VIADUCT_DECL credential_cache::credential_cache(std::chrono::seconds ttl, std::size_t most)
    : ttl_{ttl},
      most_{most}
{}

VIADUCT_DECL credential_cache::~credential_cache()
{
    clear();
}

VIADUCT_DECL std::optional<std::string> credential_cache::find(std::string_view scheme,
                                                               std::string_view credentials, time_point now)
{
    auto text = detail::cache_text(scheme, credentials);
    detail::wipe_at_end const wiped{text};
    auto const found = by_text_.find(text);
    if (found == by_text_.end()) return std::nullopt;
    auto const at = found->second;
    if (at->end <= now) {
        erase(at);
        return std::nullopt;
    }
    by_use_.splice(by_use_.begin(), by_use_, at);
    return at->user;
}

VIADUCT_DECL void credential_cache::put(std::string_view scheme, std::string_view credentials,
                                        std::string_view user, time_point now)
{
    if (ttl_ <= ttl_.zero() || most_ == 0 || scheme.size() + 1 + credentials.size() > max_credentials) return;
    auto text = detail::cache_text(scheme, credentials);
    detail::wipe_at_end const wiped{text};
    if (auto const known = by_text_.find(text); known != by_text_.end()) erase(known->second);
    if (by_text_.size() >= most_) erase(std::prev(by_use_.end()));
    // A limit that nobody will see the end of must not turn into one in the past.
    auto const most = std::chrono::duration_cast<std::chrono::seconds>(time_point::max() - now);
    auto const end = ttl_ < most ? now + ttl_ : time_point::max();
    by_use_.push_front({text, std::string{user}, end});
    by_text_.emplace(by_use_.front().text, by_use_.begin());
}

VIADUCT_DECL void credential_cache::clear() noexcept
{
    while (!by_use_.empty())
        erase(by_use_.begin());
}

VIADUCT_DECL void credential_cache::erase(entries::iterator at) noexcept
{
    by_text_.erase(at->text);
    detail::wipe(at->text);
    by_use_.erase(at);
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_NET_FIXED_NAMES_IPP
#define VIADUCT_IMPL_NET_FIXED_NAMES_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/net/fixed_names.hpp>
#include <viaduct/net/system_resolver.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct {
namespace detail {

/// The one spelling of a name.
[[nodiscard]] inline std::string table_name(std::string_view name)
{
    if (name.ends_with('.')) name.remove_suffix(1);
    std::string result{name};
    std::transform(result.begin(), result.end(), result.begin(), characters::to_lower);
    return result;
}

inline void keep_family(std::vector<net::ip::address>& addresses, address_family family)
{
    std::erase_if(addresses, [&](net::ip::address const& each) { return !is_of(each, family); });
}

inline void answer_with(name_query& query, resolution found)
{
    error_code const ec = found.addresses.empty() ? net::error::host_not_found : error_code{};
    query.answer(ec, std::move(found));
}

/// Somebody's question, whose answer goes through a sieve.
class family_query final : public name_query
{
public:
    family_query(std::shared_ptr<name_query> asked, address_family family)
        : asked_{std::move(asked)},
          family_{family}
    {}

    [[nodiscard]] std::string const& host() const noexcept override { return asked_->host(); }
    [[nodiscard]] bool is_wanted() const override { return asked_->is_wanted(); }

    void answer(error_code ec, resolution found) override
    {
        if (ec) return asked_->answer(ec, std::move(found));
        keep_family(found.addresses, family_);
        answer_with(*asked_, std::move(found));
    }

    void offer(resolution found, std::chrono::steady_clock::time_point from) override
    {
        keep_family(found.addresses, family_);
        if (!found.addresses.empty()) asked_->offer(std::move(found), from);
    }

private:
    std::shared_ptr<name_query> asked_;
    address_family family_;
};

} // namespace detail

VIADUCT_DECL fixed_names::fixed_names(name_table names, address_family family,
                                      std::shared_ptr<resolver> otherwise)
    : family_{family},
      otherwise_{otherwise ? std::move(otherwise) : std::make_shared<system_resolver>(family)}
{
    for (auto& [name, addresses] : names) {
        detail::keep_family(addresses, family);
        auto& known = names_[detail::table_name(name)];
        known.insert(known.end(), addresses.begin(), addresses.end());
    }
}

VIADUCT_DECL void fixed_names::ask(std::shared_ptr<name_query> query)
{
    auto known = names_.find(detail::table_name(query->host()));
    if (known == names_.end()) known = names_.find("*");
    if (known != names_.end()) return detail::answer_with(*query, {known->second});
    if (family_ != address_family::any)
        query = std::make_shared<detail::family_query>(std::move(query), family_);
    otherwise_->ask(std::move(query));
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_SERVER_LIMITS_IPP
#define VIADUCT_IMPL_SERVER_LIMITS_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/error.hpp>
#include <viaduct/server/limits.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>

namespace viaduct {
namespace detail {

[[nodiscard]] inline account_terms terms_of_clients(limit_options const& o)
{
    return {o.tunnels_per_client, o.new_per_client, o.rate_per_client, o.quota_per_client, o.quota_period};
}

[[nodiscard]] inline account_terms terms_of_users(limit_options const& o)
{
    return {o.tunnels_per_user, {}, o.rate_per_user, o.quota_per_user, o.quota_period};
}

[[nodiscard]] inline account_terms terms_of_hosts(limit_options const& o)
{
    return {.tunnels = o.tunnels_per_destination};
}

/// All counts, shared by the limits and the tickets.
class limit_state
{
public:
    limit_state(limit_options const& o, traffic_meter::time_point now)
        : clients{terms_of_clients(o), errc::too_many_tunnels_of_client, o.max_tracked},
          users{terms_of_users(o), errc::too_many_tunnels_of_user, o.max_tracked},
          destinations{terms_of_hosts(o), errc::too_many_tunnels_to_destination, o.max_tracked},
          options_{std::make_shared<limit_options const>(o)},
          meters_{account_terms{.rates = o.rate_in_all}.make_meters(now)}
    {
        if (o.new_in_all.count != 0) requests_.emplace(o.new_in_all, now);
    }

    [[nodiscard]] std::shared_ptr<limit_options const> options() const
    {
        std::lock_guard const lock{mutex_};
        return options_;
    }

    /// Those of all tunnels.
    [[nodiscard]] account_meters meters() const
    {
        std::lock_guard const lock{mutex_};
        return meters_;
    }

    void reload(limit_options const& o, traffic_meter::time_point now)
    {
        clients.reload(terms_of_clients(o), o.max_tracked, now);
        users.reload(terms_of_users(o), o.max_tracked, now);
        destinations.reload(terms_of_hosts(o), o.max_tracked, now);
        auto next = std::make_shared<limit_options const>(o);
        std::lock_guard const lock{mutex_};
        account_terms{.rates = o.rate_in_all}.renew(meters_, now);
        if (o.new_in_all != options_->new_in_all) requests_.reset();
        if (o.new_in_all.count != 0 && !requests_) requests_.emplace(o.new_in_all, now);
        options_ = std::move(next);
    }

    /// Takes one of the new tunnels that there may be in all; otherwise says when there is one.
    [[nodiscard]] std::optional<traffic_meter::time_point> late(traffic_meter::time_point now)
    {
        std::lock_guard const lock{mutex_};
        if (!requests_ || requests_->take(now)) return std::nullopt;
        return requests_->ready();
    }

    account_book clients;
    account_book users;
    account_book destinations;
    std::atomic<std::size_t> tunnels = 0;

private:
    std::mutex mutable mutex_;
    std::shared_ptr<limit_options const> options_;
    account_meters meters_; // of all tunnels
    std::optional<request_bucket> requests_;
};

/// The octets that tell a client from others: those of its prefix, the last one masked.
template <std::size_t N>
[[nodiscard]] std::string prefix_of(std::array<unsigned char, N> const& octets, unsigned bits)
{
    std::string name{N == 4 ? '4' : '6'};
    for (std::size_t i = 0; i < N && bits != 0; ++i) {
        auto const used = std::min(bits, 8U);
        name += static_cast<char>(octets[i] & (0xff00U >> used) & 0xffU);
        bits -= used;
    }
    return name;
}

/// An IPv4 client of a listener for both families is the same client as at one for IPv4.
[[nodiscard]] inline std::string client_name(net::ip::address const& client, limit_options const& options)
{
    auto const plain = without_mapping(client);
    return plain.is_v4() ? prefix_of(plain.to_v4().to_bytes(), options.ipv4_prefix)
                         : prefix_of(plain.to_v6().to_bytes(), options.ipv6_prefix);
}

inline void add(relay_options& to, account_meters const& meters)
{
    if (meters.up) to.meters_a_to_b.push_back(meters.up);
    if (meters.down) to.meters_b_to_a.push_back(meters.down);
    if (!meters.quota) return;
    to.meters_a_to_b.push_back(meters.quota);
    to.meters_b_to_a.push_back(meters.quota);
}

} // namespace detail

VIADUCT_DECL void ticket::release() noexcept
{
    auto const state = std::exchange(state_, nullptr);
    if (!state) return;
    if (user_ != nullptr) state->users.let_go(*std::exchange(user_, nullptr), client_->first);
    if (destination_ != nullptr) state->destinations.let_go(*std::exchange(destination_, nullptr));
    if (client_ != nullptr) state->clients.let_go(*std::exchange(client_, nullptr));
    --state->tunnels;
}

VIADUCT_DECL void ticket::apply(relay_options& options) const
{
    if (!state_) return;
    auto const own = state_->options()->rate_per_tunnel;
    if (own.up.octets_per_second != 0) options.limit_a_to_b = own.up;
    if (own.down.octets_per_second != 0) options.limit_b_to_a = own.down;
    detail::add(options, state_->meters());
    if (client_ != nullptr) detail::add(options, state_->clients.meters_of(*client_));
    if (user_ != nullptr) detail::add(options, state_->users.meters_of(*user_));
}

VIADUCT_DECL limits::limits(limit_options const& options, clock::time_point now)
    : state_{std::make_shared<detail::limit_state>(options, now)}
{}

VIADUCT_DECL void limits::reload(limit_options const& options, clock::time_point now)
{
    state_->reload(options, now);
}

VIADUCT_DECL limit_options limits::options() const
{
    return *state_->options();
}

VIADUCT_DECL error_code limits::enter(ticket& held, net::ip::address const& client, clock::time_point now)
{
    held = ticket{};
    held.state_ = state_;
    auto const options = state_->options();
    auto const most = options->tunnels;
    if (++state_->tunnels > most && most != 0) return refuse(held, errc::too_many_tunnels, {}, now);
    auto const answer = state_->clients.take(detail::client_name(client, *options), now);
    if (answer.error) return refuse(held, answer.error, answer.again, now);
    held.client_ = answer.held;
    if (auto const again = state_->late(now)) {
        state_->clients.give_back_request(*held.client_);
        return refuse(held, errc::too_many_requests, *again, now);
    }
    return {};
}

VIADUCT_DECL error_code limits::admit(ticket& held, std::string_view user, std::string_view host,
                                      clock::time_point now)
{
    if (!held) return errc::too_many_tunnels; // nobody let it in
    if (held.user_ != nullptr) state_->users.let_go(*std::exchange(held.user_, nullptr), held.client_->first);
    if (held.destination_ != nullptr) state_->destinations.let_go(*std::exchange(held.destination_, nullptr));
    if (!user.empty()) {
        auto const answer = state_->users.take(user, now, held.client_->first);
        if (answer.error) return refuse(held, answer.error, answer.again, now);
        held.user_ = answer.held;
    }
    if (state_->options()->tunnels_per_destination == 0) return {};
    auto const answer = state_->destinations.take(host, now);
    if (answer.error) return refuse(held, answer.error, answer.again, now);
    held.destination_ = answer.held;
    return {};
}

VIADUCT_DECL std::size_t limits::tunnels() const noexcept
{
    return state_->tunnels;
}

VIADUCT_DECL std::size_t limits::tracked() const
{
    return state_->clients.size() + state_->users.size() + state_->destinations.size();
}

VIADUCT_DECL std::size_t limits::tunnels_of(net::ip::address const& client) const
{
    return state_->clients.tunnels_of(detail::client_name(client, *state_->options()));
}

VIADUCT_DECL std::size_t limits::addresses_of(std::string_view user, net::ip::address const& client) const
{
    return state_->users.addresses_of(user, detail::client_name(client, *state_->options()));
}

/// @param again When to come again; at the beginning of time if nobody knows.
VIADUCT_DECL error_code limits::refuse(ticket& held, error_code why, clock::time_point again,
                                       clock::time_point now) const
{
    held.release();
    auto const known = again == clock::time_point{} ? now + state_->options()->retry_after : again;
    auto const wait = std::chrono::ceil<std::chrono::seconds>(known - now);
    held.retry_after_ = std::max(wait, std::chrono::seconds{1});
    return why;
}

} // namespace viaduct

#endif

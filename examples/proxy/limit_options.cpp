#include "limit_options.hpp"

#include "directive_match.hpp"
#include "words.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

using maybe_typed = std::optional<typed>;

/// The parts in front of and behind a slash; the second one is empty without it.
[[nodiscard]] std::pair<std::string_view, std::optional<std::string_view>> halves(std::string_view text)
{
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, slash), text.substr(slash + 1)};
}

[[nodiscard]] viaduct::two_way_rate to_rate(maybe_typed const& value)
{
    viaduct::two_way_rate rate;
    if (!value) return rate;
    auto const [up, down] = halves(value->value);
    rate.up.octets_per_second = to_octets(value->where(), value->value, up);
    rate.down.octets_per_second =
        down ? to_octets(value->where(), value->value, *down) : rate.up.octets_per_second;
    return rate;
}

[[nodiscard]] viaduct::request_rate to_new_tunnels(maybe_typed const& value)
{
    viaduct::request_rate rate;
    if (!value) return rate;
    auto const to_few = [&](std::string_view text) {
        return static_cast<std::uint32_t>(to_count(value->where(), value->value, text, 1'000'000));
    };
    auto const [count, burst] = halves(value->value);
    rate.count = to_few(count);
    rate.burst = burst ? to_few(*burst) : 0;
    return rate;
}

[[nodiscard]] std::uint64_t to_quota(maybe_typed const& value)
{
    return value ? to_octets(value->where(), value->value, value->value) : 0;
}

} // namespace

void limit_flags::declare(CLI::App& app)
{
    flag_group flags{app, "Limits (0: none; octets may end in k, m or g for so many times 1024)"};
    flags.number("--max-tunnels", tunnels_, "Requests and tunnels at a time");
    flags.number("--max-tunnels-per-client", per_client_, "The same of one client");
    flags.number("--max-tunnels-per-user", per_user_, "The same of one user");
    flags.number("--max-tunnels-per-destination", per_destination_, "The same to one host");
    flags.text("--new-tunnels", new_tunnels_, "COUNT[/BURST]", "New ones of a client in a second");
    flags.text("--rate-per-tunnel", rate_per_tunnel_, "UP[/DOWN]",
               "Octets a second from and to the client; UP alone is for both ways");
    flags.text("--rate-per-client", rate_per_client_, "UP[/DOWN]", "The same of all tunnels of a client");
    flags.text("--rate-per-user", rate_per_user_, "UP[/DOWN]", "The same of a user");
    flags.text("--rate-in-all", rate_in_all_, "UP[/DOWN]", "The same of all");
    flags.text("--quota-per-client", quota_per_client_, "OCTETS", "Both ways together, in a period");
    flags.text("--quota-per-user", quota_per_user_, "OCTETS", "The same of a user");
    flags.seconds("--quota-period", quota_period_, "How long a period is; 0: for ever");
}

void limit_flags::take(directive_match& line)
{
    line.each("client_ip_max_connections",
              [this](typed const& what) {
                  if (what.value != "-1") // Squid's word for none
                      per_client_ = with_value(what, static_cast<std::size_t>(to_count(what, what.value)));
              })
        .number("max_tunnels", tunnels_)
        .number("max_tunnels_per_user", per_user_)
        .number("max_tunnels_per_destination", per_destination_)
        .text("new_tunnels", new_tunnels_)
        .text("rate_per_tunnel", rate_per_tunnel_)
        .text("rate_per_client", rate_per_client_)
        .text("rate_per_user", rate_per_user_)
        .text("rate_in_all", rate_in_all_)
        .text("quota_per_client", quota_per_client_)
        .text("quota_per_user", quota_per_user_)
        .time("quota_period", quota_period_);
}

/// Squid counts each address by itself, be it of IPv6 or not.
void limit_flags::assume_squid()
{
    ipv6_prefix_ = 128;
}

/// Without any limit they only count, for rules that ask how many others there are.
void limit_flags::apply(proxy_options& to) const
{
    viaduct::limit_options options;
    options.ipv6_prefix = ipv6_prefix_;
    options.tunnels = tunnels_.value;
    options.tunnels_per_client = per_client_.value;
    options.tunnels_per_user = per_user_.value;
    options.tunnels_per_destination = per_destination_.value;
    options.new_per_client = to_new_tunnels(new_tunnels_);
    options.rate_per_tunnel = to_rate(rate_per_tunnel_);
    options.rate_per_client = to_rate(rate_per_client_);
    options.rate_per_user = to_rate(rate_per_user_);
    options.rate_in_all = to_rate(rate_in_all_);
    options.quota_per_client = to_quota(quota_per_client_);
    options.quota_per_user = to_quota(quota_per_user_);
    options.quota_period =
        std::chrono::duration_cast<std::chrono::seconds>(to_duration(quota_period_, 0, a_year));
    bool const is_any = options.tunnels != 0 || options.tunnels_per_client != 0 ||
                        options.tunnels_per_user != 0 || options.tunnels_per_destination != 0 ||
                        new_tunnels_ || rate_per_tunnel_ || rate_per_client_ || rate_per_user_ ||
                        rate_in_all_ || quota_per_client_ || quota_per_user_;
    if (is_any || to.service.way.rules) to.service.way.limits = std::make_shared<viaduct::limits>(options);
}

} // namespace viaduct_proxy

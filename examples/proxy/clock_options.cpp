#include "clock_options.hpp"

#include "directive_match.hpp"
#include "words.hpp"

#include <chrono>

namespace viaduct_proxy {

void clock_options::declare(CLI::App& app)
{
    flag_group flags{app, "Clocks"};
    flags.seconds("--head-timeout", head_, "How long a client may take for its request");
    flags.seconds("--resolve-timeout", resolve_, "How long the look-up of a name may take");
    flags.seconds("--connect-timeout", connect_, "How long one address is tried; 0: as long as all may take");
    flags.seconds("--connect-total-timeout", connect_total_, "How long all addresses together; 0: no limit");
    flags.seconds("--idle-timeout", idle_, "A tunnel in which nothing moves for so long ends; 0: never");
    flags.seconds("--half-close-timeout", half_close_, "The same once one side has ended; 0: never");
    flags.seconds("--lifetime", lifetime_, "How long a tunnel may be open at all; 0: no limit");
    flags.seconds(
        "--silent-peer-timeout", silence_,
        "A peer that answers no probe, or takes nothing, for so long is gone; 0: the system decides");
    flags.seconds("--shutdown-lifetime", shutdown_, "How long open tunnels may go on after SIGTERM");
}

void clock_options::take(directive_match& line)
{
    line.time("request_timeout", head_)
        .time("head_timeout", head_)
        .time("request_start_timeout", head_start_)
        .time("dns_timeout", resolve_)
        .time("connect_timeout", connect_)
        .time("peer_connect_timeout", connect_to_parent_)
        .time("forward_timeout", connect_total_)
        .time("read_timeout", idle_)
        .time("idle_timeout", idle_)
        .time("half_close_timeout", half_close_)
        .time("silent_peer_timeout", silence_)
        .time("client_lifetime", lifetime_)
        .time("shutdown_lifetime", shutdown_)
        .number("happy_eyeballs_connect_timeout", stagger_)
        .number("forward_max_tries", tries_)
        .on("half_closed_clients", keeps_half_closed_);
}

/// Its defaults, but for the head: five minutes there would let a few thousand idle connections shut out
/// everybody else.
void clock_options::assume_squid()
{
    head_.value = 60;
    resolve_.value = 30;
    connect_.value = 60;
    connect_to_parent_.value = 30;
    connect_total_.value = 240;
    silence_.value = 0;
    lifetime_.value = a_day;
    shutdown_.value = 30;
    tries_.value = 25;
}

/// Squid has a clock for the first octet of a head and one for the rest; here the longer one is for all of
/// it.
setting<double> const& clock_options::head() const noexcept
{
    if (!head_start_.is_written()) return head_;
    bool const is_longer = head_start_.value > head_.value;
    return is_longer || !head_.is_written() ? head_start_ : head_;
}

void clock_options::apply(proxy_options& to) const
{
    auto& way = to.service.way;
    to.service.accept.request.head_timeout = to_duration(head(), 0.001);
    way.resolve_timeout = to_duration(resolve_, 0.001);
    way.clocks.attempt = to_duration(connect_, 0);
    way.clocks.total = to_duration(connect_total_, 0);
    way.relay.idle_timeout = to_duration(idle_, 0, a_year);
    way.clocks.max_attempts = tries_.value;
    way.clocks.stagger = std::chrono::milliseconds{stagger_.value};
    way.relay.half_close_timeout = to_duration(keeps_half_closed_.value ? idle_ : half_close_, 0, a_year);
    way.relay.lifetime = to_duration(lifetime_, 0, a_year);
    way.liveness = viaduct::tcp_liveness::within(to_duration(silence_, 0));
    to.service.accept.liveness = way.liveness;
    to.parent_clocks = way.clocks;
    if (connect_to_parent_.value > 0) to.parent_clocks.attempt = to_duration(connect_to_parent_, 0);
    to.shutdown_lifetime = to_duration(shutdown_, 0);
}

} // namespace viaduct_proxy

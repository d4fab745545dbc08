#ifndef VIADUCT_IMPL_NET_CONNECT_RACE_IPP
#define VIADUCT_IMPL_NET_CONNECT_RACE_IPP

#include <viaduct/detail/point_after.hpp>
#include <viaduct/net/connect_race.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL void connect_race::on_start(time_point now) noexcept
{
    end_ = detail::point_after(now, clocks_.total);
    next_start_ = now;
}

VIADUCT_DECL void connect_race::on_failed(std::size_t which, error_code ec, time_point now) noexcept
{
    auto const at = place_of(which);
    if (at == under_way_) return;
    std::copy(attempts_.begin() + at + 1, attempts_.begin() + under_way_, attempts_.begin() + at);
    --under_way_;
    last_failed_ = which;
    last_error_ = ec;
    next_start_ = now; // there is no point in waiting
}

VIADUCT_DECL connect_race::step connect_race::next(time_point now) noexcept
{
    bool const late = now >= end_;
    if (under_way_ == 0 && !has_more()) return {step::kind::over, last_failed_, {}, last_error_};
    if (under_way_ == 0 && late) return {step::kind::over, last_failed_, {}, errc::connect_timeout};
    if (under_way_ != 0 && (late || now >= attempts_.front().end)) return give_up_oldest(now);
    if (has_more() && under_way_ < max_under_way && now >= next_start_) return start(now);
    return {step::kind::wait, 0, next_look(), {}};
}

VIADUCT_DECL bool connect_race::is_under_way(std::size_t which) const noexcept
{
    return place_of(which) != under_way_;
}

VIADUCT_DECL std::size_t connect_race::place_of(std::size_t which) const noexcept
{
    std::size_t at = 0;
    while (at < under_way_ && attempts_[at].which != which)
        ++at;
    return at;
}

VIADUCT_DECL connect_race::time_point connect_race::next_look() const noexcept
{
    auto const look = under_way_ == 0 ? end_ : std::min(end_, attempts_.front().end);
    return has_more() && under_way_ < max_under_way ? std::min(look, next_start_) : look;
}

VIADUCT_DECL connect_race::step connect_race::start(time_point now) noexcept
{
    auto const which = tried_++;
    attempts_[under_way_++] = {which, detail::point_after(now, clocks_.attempt)};
    next_start_ = detail::point_after(now, clocks_.stagger);
    return {step::kind::start, which, {}, {}};
}

VIADUCT_DECL connect_race::step connect_race::give_up_oldest(time_point now) noexcept
{
    auto const which = attempts_.front().which;
    on_failed(which, errc::connect_timeout, now);
    return {step::kind::give_up, which, {}, last_error_};
}

} // namespace viaduct

#endif

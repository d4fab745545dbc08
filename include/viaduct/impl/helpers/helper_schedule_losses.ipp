#ifndef VIADUCT_IMPL_HELPERS_HELPER_SCHEDULE_LOSSES_IPP
#define VIADUCT_IMPL_HELPERS_HELPER_SCHEDULE_LOSSES_IPP

// Of the schedule: what becomes of requests whose process or whose time is lost.

#include <viaduct/helpers/helper_schedule.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace viaduct {

VIADUCT_DECL void helper_schedule::kill(children_map::iterator which, error_code fail_all, time_point now)
{
    helper_command command;
    command.what = helper_command::kind::kill;
    command.child = which->first;
    commands_.push_back(command);
    forget(which, fail_all, now);
}

VIADUCT_DECL void helper_schedule::forget(children_map::iterator which, error_code fail_all, time_point now)
{
    auto const lost = std::move(which->second);
    children_.erase(which);
    reserved_.erase(lost.reservation);
    for (auto at = lost.channels.rbegin(); at != lost.channels.rend(); ++at) {
        if (!*at) continue;
        auto again = **at;
        if (fail_all)
            answer(again.id, fail_all);
        else if (again.retried || again.reservation != 0)
            answer(again.id, errc::helper_unavailable);
        else
            again.retried = true, again.deadline = now + limits_.timeout, queue_.push_front(again);
    }
    if (lost.reservation == 0) return;
    for (auto at = queue_.begin(); at != queue_.end();) {
        bool const lost_too = at->reservation == lost.reservation;
        if (lost_too) answer(at->id, errc::helper_unavailable);
        at = lost_too ? queue_.erase(at) : std::next(at);
    }
}

VIADUCT_DECL void helper_schedule::count_early_end(std::uint64_t which, time_point now)
{
    if (now - last_early_end_ > early_ends_kept) early_ends_ = 0;
    last_early_end_ = now;
    early_ends_ = std::min(early_ends_ + 1, early_ends_to_give_up);
    if (early_ends_ < early_ends_to_give_up) {
        paused_until_ = now + first_pause * (1 << (early_ends_ - 1));
        return;
    }
    paused_until_ = now + given_up_for;
    if (std::exchange(given_up_, true)) return; // several may end together
    helper_command command;
    command.what = helper_command::kind::give_up;
    command.child = which;
    commands_.push_back(command);
}

VIADUCT_DECL void helper_schedule::expire_queue(time_point now)
{
    for (auto at = queue_.begin(); at != queue_.end();) {
        bool const is_over = at->deadline <= now;
        if (is_over) answer(at->id, errc::helper_timeout);
        at = is_over ? queue_.erase(at) : std::next(at);
    }
}

VIADUCT_DECL void helper_schedule::expire_children(time_point now)
{
    for (auto at = children_.begin(); at != children_.end();) {
        auto const current = at++;
        bool late = false;
        for (auto& r : current->second.channels) {
            if (!r || r->deadline > now) continue;
            answer(r->id, errc::helper_timeout);
            r.reset();
            late = true;
        }
        if (late) kill(current, {}, now);
    }
}

VIADUCT_DECL void helper_schedule::expire_reservations(time_point now)
{
    std::vector<std::uint64_t> over;
    for (auto const& [id, c] : children_) {
        bool const is_over = c.reservation != 0 && c.under_way == 0 && c.reserved_until <= now;
        if (is_over && !is_awaited(c.reservation)) over.push_back(c.reservation);
    }
    for (auto const reservation : over)
        release(reservation);
}

VIADUCT_DECL bool helper_schedule::is_awaited(std::uint64_t reservation) const
{
    return std::any_of(queue_.begin(), queue_.end(),
                       [reservation](auto const& r) { return r.reservation == reservation; });
}

} // namespace viaduct

#endif

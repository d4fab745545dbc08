#ifndef VIADUCT_IMPL_HELPERS_HELPER_SCHEDULE_IPP
#define VIADUCT_IMPL_HELPERS_HELPER_SCHEDULE_IPP

#include <viaduct/helpers/helper_schedule.hpp>

#include <utility>

namespace viaduct {

VIADUCT_DECL void helper_schedule::start(time_point now)
{
    while (!closed_ && children_.size() < std::min(limits_.startup_children, limits_.max_children))
        start_child(now);
}

VIADUCT_DECL void helper_schedule::submit(std::uint64_t id, std::uint64_t reservation, bool continues,
                                          time_point now)
{
    used_ = true;
    bool const has_child = reservation != 0 && reserved_.count(reservation) != 0;
    if (closed_ || (continues && !has_child)) return answer(id, errc::helper_unavailable);
    if (!has_child && is_overloaded(now)) return answer(id, errc::helper_overloaded);
    queue_.push_back({id, reservation, now + limits_.timeout, false});
}

VIADUCT_DECL void helper_schedule::release(std::uint64_t reservation)
{
    auto const found = reserved_.find(reservation);
    if (found == reserved_.end()) return;
    children_.at(found->second).reservation = 0;
    reserved_.erase(found);
}

VIADUCT_DECL std::optional<std::uint64_t> helper_schedule::reply(std::uint64_t from, std::uint32_t channel,
                                                                 time_point now)
{
    auto const found = children_.find(from);
    if (found == children_.end()) return std::nullopt; // one that was ended may have written before
    auto& c = found->second;
    if (channel >= c.channels.size() || !c.channels[channel]) return misbehaved(from), std::nullopt;
    auto const id = std::exchange(c.channels[channel], std::nullopt)->id;
    --c.under_way;
    c.has_answered = true;
    c.reserved_until = now + limits_.reservation_time;
    early_ends_ = 0; // it works after all
    given_up_ = false;
    return id;
}

VIADUCT_DECL void helper_schedule::misbehaved(std::uint64_t which)
{
    auto const found = children_.find(which);
    if (found != children_.end()) kill(found, errc::helper_reply_malformed, {});
}

VIADUCT_DECL void helper_schedule::ended(std::uint64_t which, time_point now)
{
    auto const found = children_.find(which);
    if (found == children_.end()) return;
    if (!found->second.has_answered && now - found->second.started < early) count_early_end(which, now);
    forget(found, {}, now);
}

VIADUCT_DECL void helper_schedule::tick(time_point now)
{
    expire_queue(now);
    expire_children(now);
    expire_reservations(now);
}

VIADUCT_DECL void helper_schedule::close()
{
    closed_ = true;
    while (!children_.empty())
        forget(children_.begin(), errc::helper_unavailable, {});
    for (auto const& r : std::exchange(queue_, {}))
        answer(r.id, errc::helper_unavailable);
}

VIADUCT_DECL std::optional<helper_command> helper_schedule::next(time_point now)
{
    // What was started is used at the next call: until then it may turn out that it did not start.
    if (commands_.empty()) dispatch(now);
    if (commands_.empty()) start_children(now);
    if (commands_.empty()) return std::nullopt;
    auto command = commands_.front();
    commands_.pop_front();
    return command;
}

VIADUCT_DECL std::optional<helper_schedule::time_point> helper_schedule::next_event(time_point now) const
{
    auto earliest = time_point::max();
    for (auto const& r : queue_)
        earliest = std::min(earliest, r.deadline);
    for (auto const& [id, c] : children_) {
        for (auto const& r : c.channels)
            if (r) earliest = std::min(earliest, r->deadline);
        if (c.reservation != 0 && c.under_way == 0) earliest = std::min(earliest, c.reserved_until);
    }
    if (!queue_.empty() && paused_until_ > now) earliest = std::min(earliest, paused_until_);
    return earliest == time_point::max() ? std::nullopt : std::optional{earliest};
}

VIADUCT_DECL helper_schedule::children_map::iterator helper_schedule::child_for(request const& r)
{
    if (auto const own = reserved_.find(r.reservation); own != reserved_.end()) {
        auto const found = children_.find(own->second);
        return found->second.under_way == 0 ? found : children_.end();
    }
    auto best = children_.end();
    for (auto at = children_.begin(); at != children_.end(); ++at) {
        auto const& c = at->second;
        std::size_t const room = r.reservation != 0 ? 1 : limits_.capacity();
        if (c.reservation != 0 || c.under_way >= room) continue;
        if (best == children_.end() || c.under_way < best->second.under_way) best = at;
    }
    return best;
}

VIADUCT_DECL bool helper_schedule::is_overloaded(time_point now) const
{
    // What was queued before has its place first: the queue is empty unless there is none.
    std::size_t room = may_start(now) ? (limits_.max_children - children_.size()) * limits_.capacity() : 0;
    for (auto const& [id, c] : children_)
        if (c.reservation == 0) room += limits_.capacity() - c.under_way;
    return queue_.size() >= limits_.queue_size.value_or(2 * limits_.max_children) + room;
}

VIADUCT_DECL bool helper_schedule::may_start(time_point now) const
{
    return children_.size() < limits_.max_children && (early_ends_ == 0 || now >= paused_until_);
}

VIADUCT_DECL std::size_t helper_schedule::wanted() const
{
    std::size_t homeless = 0;
    for (auto const& r : queue_)
        homeless += reserved_.count(r.reservation) == 0 ? 1 : 0;
    auto const idle =
        static_cast<std::size_t>(std::count_if(children_.begin(), children_.end(), [](auto const& each) {
            return each.second.under_way + each.second.reservation == 0;
        }));
    auto const spare = used_ && idle < limits_.idle_children ? limits_.idle_children - idle : 0;
    auto const needed = homeless / limits_.capacity() + (homeless % limits_.capacity() == 0 ? 0 : 1);
    return std::min(needed + spare, limits_.max_children - children_.size());
}

VIADUCT_DECL void helper_schedule::answer(std::uint64_t id, error_code why)
{
    helper_command command;
    command.request = id;
    command.error = why;
    commands_.push_back(command);
}

VIADUCT_DECL void helper_schedule::dispatch(time_point now)
{
    for (auto at = queue_.begin(); at != queue_.end();) {
        auto const to = child_for(*at);
        if (to == children_.end()) {
            ++at; // one that has its process reserved may stand behind
            continue;
        }
        send(to, *at, now);
        at = queue_.erase(at);
    }
}

VIADUCT_DECL void helper_schedule::send(children_map::iterator to, request r, time_point now)
{
    auto& c = to->second;
    auto const free = std::find(c.channels.begin(), c.channels.end(), std::nullopt);
    r.deadline = now + limits_.timeout;
    if (r.reservation != 0) {
        c.reservation = r.reservation;
        reserved_[r.reservation] = to->first;
    }
    helper_command command;
    command.what = helper_command::kind::send;
    command.child = to->first;
    command.request = r.id;
    command.channel = static_cast<std::uint32_t>(free - c.channels.begin());
    *free = r;
    ++c.under_way;
    commands_.push_back(command);
}

VIADUCT_DECL void helper_schedule::start_children(time_point now)
{
    if (closed_) return;
    if (given_up_ && now < paused_until_) {
        if (!children_.empty()) return; // those that live may still do the work
        for (auto const& r : std::exchange(queue_, {}))
            answer(r.id, errc::helper_unavailable);
        return;
    }
    if (!may_start(now)) return;
    given_up_ = false;
    auto const count = early_ends_ == 0 ? wanted() : std::min<std::size_t>(wanted(), 1);
    for (std::size_t n = 0; n < count; ++n)
        start_child(now);
}

VIADUCT_DECL void helper_schedule::start_child(time_point now)
{
    child fresh;
    fresh.started = now;
    fresh.channels.resize(limits_.capacity());
    children_.emplace(++last_child_, std::move(fresh));
    helper_command command;
    command.what = helper_command::kind::start;
    command.child = last_child_;
    commands_.push_back(command);
}

} // namespace viaduct

#endif

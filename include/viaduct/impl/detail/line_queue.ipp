#ifndef VIADUCT_IMPL_DETAIL_LINE_QUEUE_IPP
#define VIADUCT_IMPL_DETAIL_LINE_QUEUE_IPP

#include <viaduct/detail/line_queue.hpp>

#include <algorithm>
#include <cstring>

namespace viaduct::detail {

VIADUCT_DECL void line_queue::push(std::string_view line) noexcept
{
    put(line);
    if (line.empty() || line.back() != '\n') put("\n");
}

VIADUCT_DECL void line_queue::put(std::string_view octets) noexcept
{
    auto const place = static_cast<std::size_t>(end_ % size_);
    auto const before_wrap = std::min(octets.size(), size_ - place);
    octets.copy(octets_.get() + place, before_wrap);
    octets.copy(octets_.get(), octets.size() - before_wrap, before_wrap);
    end_ += octets.size();
}

VIADUCT_DECL std::uint64_t line_queue::push(queue_mark mark) noexcept
{
    mark.at = end_;
    mark.ticket = ++ticket_;
    auto& last = ring_of_marks_[(first_mark_ + marks_ + ring_of_marks_.size() - 1) % ring_of_marks_.size()];
    if (marks_ > 0 && (last.at == mark.at || marks_ == ring_of_marks_.size())) {
        mark.lost += last.lost;
        mark.is_reopen |= last.is_reopen;
        mark.is_rotation |= last.is_rotation;
        mark.is_flush |= last.is_flush;
        last = mark;
    } else {
        ring_of_marks_[(first_mark_ + marks_++) % ring_of_marks_.size()] = mark;
    }
    return mark.ticket;
}

VIADUCT_DECL std::uint64_t line_queue::drop_until_room(std::size_t octets) noexcept
{
    std::uint64_t dropped = 0;
    for (; !has_room(octets) && begin_ != end_; ++dropped)
        drop_line();
    return dropped;
}

VIADUCT_DECL void line_queue::drop_line() noexcept
{
    auto piece = first_piece();
    while (!piece.empty()) {
        auto const feed = piece.find('\n');
        begin_ += std::min(feed, piece.size() - 1) + 1;
        if (feed != std::string_view::npos) return;
        piece = first_piece();
    }
}

/// The octets at the front that lie together.
VIADUCT_DECL std::string_view line_queue::first_piece() const noexcept
{
    auto const place = static_cast<std::size_t>(begin_ % size_);
    return {octets_.get() + place, std::min(used(), size_ - place)};
}

VIADUCT_DECL bool line_queue::pop(queue_mark& mark) noexcept
{
    if (marks_ == 0 || ring_of_marks_[first_mark_].at > begin_) return false;
    mark = ring_of_marks_[first_mark_];
    first_mark_ = (first_mark_ + 1) % ring_of_marks_.size();
    --marks_;
    return true;
}

VIADUCT_DECL void line_queue::copy(char* batch, std::size_t n) const noexcept
{
    auto const piece = first_piece().substr(0, n);
    piece.copy(batch, piece.size());
    std::memcpy(batch + piece.size(), octets_.get(), n - piece.size());
}

VIADUCT_DECL std::size_t line_queue::pop(char* batch, std::size_t wanted) noexcept
{
    auto const until = marks_ > 0 ? ring_of_marks_[first_mark_].at : end_;
    if (until <= begin_) return 0;
    auto const all = static_cast<std::size_t>(until - begin_);
    for (auto n = std::min(all, wanted);; n = std::min(all, 2 * n)) {
        copy(batch, n);
        auto const feed = n == all ? n - 1 : std::string_view{batch, n}.rfind('\n');
        if (feed == std::string_view::npos) continue; // one line that is longer
        begin_ += feed + 1;
        return feed + 1;
    }
}

} // namespace viaduct::detail

#endif

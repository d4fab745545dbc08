#ifndef VIADUCT_IMPL_DETAIL_ASYNC_WRITER_IPP
#define VIADUCT_IMPL_DETAIL_ASYNC_WRITER_IPP

#include <viaduct/detail/async_writer.hpp>
#include <viaduct/detail/later.hpp>
#include <viaduct/detail/signals_blocked.hpp>

#include <exception>
#include <pthread.h>

namespace viaduct::detail {

VIADUCT_DECL void async_writer::start(std::shared_ptr<async_writer> const& self)
{
    signals_blocked const inherited;
    self->thread_ = std::thread{[self] { self->run(); }};
}

/// Waits on `done_`, but not for ever.
template <class Done>
bool async_writer::wait_for(lock_type& lock, Done done) noexcept
{
    return done_.wait_until(lock, later(clock::now(), options_.stop_timeout), done);
}

VIADUCT_DECL void async_writer::stop() noexcept
{
    lock_type lock{mutex_};
    is_stopped_ = true;
    wake(lock);
    lock.lock();
    is_given_up_ = !wait_for(lock, [this] { return is_over_; });
    lock.unlock();
    if (is_given_up_)
        thread_.detach();
    else
        thread_.join();
}

VIADUCT_DECL void async_writer::push(std::string_view line) noexcept
{
    auto const needed = line_queue::needed(line);
    lock_type lock{mutex_};
    if (make_room(lock, needed))
        queue_.push(line);
    else
        queue_.push(queue_mark{.lost = count_lost(1)});
    wake(lock);
}

VIADUCT_DECL void async_writer::push(queue_mark mark) noexcept
{
    lock_type lock{mutex_};
    queue_.push(mark);
    wake(lock);
}

VIADUCT_DECL void async_writer::flush() noexcept
{
    lock_type lock{mutex_};
    auto const ticket = queue_.push(queue_mark{.is_flush = true});
    wake(lock);
    lock.lock();
    wait_for(lock, [this, ticket] { return ticket_done_ >= ticket; });
}

VIADUCT_DECL std::uint64_t async_writer::count_lost(std::uint64_t lines) noexcept
{
    lost_.fetch_add(lines, std::memory_order_relaxed);
    return lines;
}

VIADUCT_DECL bool async_writer::make_room(lock_type& lock, std::size_t octets) noexcept
{
    if (queue_.has_room(octets)) return true;
    if (octets > queue_.capacity() || options_.when_full == full_queue::drop_new) return false;
    if (options_.when_full == full_queue::drop_oldest) {
        lost_in_front_ += count_lost(queue_.drop_until_room(octets));
        return true;
    }
    ++waiting_for_room_;
    if (is_gathering_) work_.notify_one(); // which nobody has time for now
    room_.wait(lock, [this, octets] { return queue_.has_room(octets); });
    --waiting_for_room_;
    return true;
}

/// Gives the lock back. One that is at work sees for itself what has come.
VIADUCT_DECL void async_writer::wake(lock_type& lock) noexcept
{
    bool const is_called = is_idle_ || (is_gathering_ && is_urgent());
    if (is_called) is_idle_ = is_gathering_ = false; // once is enough
    lock.unlock();
    if (is_called) work_.notify_one();
}

VIADUCT_DECL void async_writer::run() noexcept
{
#if defined(__linux__)
    ::pthread_setname_np(::pthread_self(), "viaduct-log");
#endif
    lock_type lock{mutex_};
    while (!is_given_up_) {
        queue_mark mark;
        if (lost_in_front_ > 0)
            tell_of_lost_in_front(lock);
        else if (queue_.pop(mark))
            perform(lock, mark);
        else if (!is_urgent() && clock::now() < gather_until_)
            gather(lock);
        else if (auto const size = queue_.pop(batch_.get(), batch_size))
            write(lock, size);
        else if (is_stopped_)
            break;
        else
            await_work(lock);
    }
    lock.unlock();
    if (is_unflushed_) flush_behind();
    lock.lock();
    is_over_ = true;
    done_.notify_all();
}

VIADUCT_DECL void async_writer::gather(lock_type& lock) noexcept
{
    is_gathering_ = true;
    work_.wait_until(lock, gather_until_, [this] { return is_urgent(); });
    is_gathering_ = false;
}

VIADUCT_DECL void async_writer::await_work(lock_type& lock) noexcept
{
    is_idle_ = true;
    auto const ready = [this] { return has_work(); };
    if (!is_unflushed_) {
        work_.wait(lock, ready);
    } else if (!work_.wait_until(lock, flush_at_, ready)) {
        is_idle_ = false;
        lock.unlock();
        flush_behind();
        lock.lock();
    }
    is_idle_ = false;
}

VIADUCT_DECL void async_writer::write(lock_type& lock, std::size_t size) noexcept
{
    if (waiting_for_room_ > 0) room_.notify_all();
    lock.unlock();
    to_->write_lines({batch_.get(), size});
    on_written();
    lock.lock();
}

VIADUCT_DECL void async_writer::tell_of_lost_in_front(lock_type& lock) noexcept
{
    auto const lines = std::exchange(lost_in_front_, 0);
    lock.unlock();
    tell_of_loss(lines);
    lock.lock();
}

VIADUCT_DECL void async_writer::perform(lock_type& lock, queue_mark const& mark) noexcept
{
    lock.unlock();
    if (mark.lost > 0) tell_of_loss(mark.lost);
    if (mark.is_rotation)
        to_->rotate();
    else if (mark.is_reopen)
        to_->reopen();
    if (mark.is_flush) flush_behind();
    lock.lock();
    ticket_done_ = mark.ticket;
    done_.notify_all();
}

VIADUCT_DECL void async_writer::tell_of_loss(std::uint64_t lines) noexcept
{
    if (!options_.format) return;
    try {
        notice_.clear();
        options_.format->append_loss(lines, notice_);
    } catch (std::exception const&) { // no memory for a notice: the counter has it
        return;
    }
    to_->write_line(notice_);
    on_written();
}

VIADUCT_DECL void async_writer::on_written() noexcept
{
    auto const now = clock::now();
    if (!std::exchange(is_unflushed_, true)) flush_at_ = later(now, options_.flush_interval);
    if (now >= flush_at_) flush_behind();
    gather_until_ = later(clock::now(), options_.gather_for);
    if (is_unflushed_) gather_until_ = std::min(gather_until_, flush_at_);
}

VIADUCT_DECL void async_writer::flush_behind() noexcept
{
    to_->flush();
    is_unflushed_ = false;
}

} // namespace viaduct::detail

#endif

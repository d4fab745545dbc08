#ifndef VIADUCT_DETAIL_ANSWER_WAIT_HPP
#define VIADUCT_DETAIL_ANSWER_WAIT_HPP

#include <viaduct/detail/asio.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace viaduct::detail {

/// An answer on its way, from any thread, to the operation that waits on a timer for it.
template <class Answer>
class answer_wait : public std::enable_shared_from_this<answer_wait<Answer>>
{
public:
    explicit answer_wait(net::steady_timer& timer) : timer_{&timer} {}

    /// Whoever answers calls this, once; a second answer and one that nobody waits for count for nothing.
    void bring(Answer answer)
    {
        std::lock_guard const lock{mutex_};
        if (!timer_ || arrived_) return;
        arrived_ = true;
        answer_ = std::move(answer);
        net::post(timer_->get_executor(), [self = this->shared_from_this()] { self->wake(); });
    }

    /// Whether the answer is there.
    [[nodiscard]] bool arrived()
    {
        std::lock_guard const lock{mutex_};
        return arrived_;
    }

    /// The answer, once it has arrived.
    [[nodiscard]] Answer& answer() noexcept { return answer_; }

    /// From now on the timer is not touched.
    void abandon()
    {
        std::lock_guard const lock{mutex_};
        timer_ = nullptr;
    }

private:
    void wake()
    {
        std::lock_guard const lock{mutex_};
        if (timer_) timer_->cancel();
    }

    std::mutex mutex_; // of everything below
    net::steady_timer* timer_;
    bool arrived_ = false;
    Answer answer_{};
};

/// Abandons the wait however the operation ends.
template <class Answer>
class answer_wait_owner
{
public:
    answer_wait_owner() = default;
    answer_wait_owner(answer_wait_owner const&) = delete;
    answer_wait_owner& operator=(answer_wait_owner const&) = delete;
    ~answer_wait_owner() { reset(); }

    /// What whoever answers keeps.
    [[nodiscard]] std::shared_ptr<answer_wait<Answer>> start(net::steady_timer& timer)
    {
        reset();
        return wait_ = std::make_shared<answer_wait<Answer>>(timer);
    }

    void reset()
    {
        if (wait_) wait_->abandon();
        wait_.reset();
    }

    [[nodiscard]] answer_wait<Answer>& operator*() const noexcept { return *wait_; }

private:
    std::shared_ptr<answer_wait<Answer>> wait_;
};

} // namespace viaduct::detail

#endif

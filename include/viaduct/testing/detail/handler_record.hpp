#ifndef VIADUCT_TESTING_DETAIL_HANDLER_RECORD_HPP
#define VIADUCT_TESTING_DETAIL_HANDLER_RECORD_HPP

#include <viaduct/detail/asio.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

namespace viaduct::testing::detail {

/// How a handler knows the executor that it is bound to.
template <class Executor>
struct executor_of_handler
{
    using executor_type = Executor;

    [[nodiscard]] executor_type get_executor() const noexcept { return bound_executor; }
    [[nodiscard]] bool runs_on_executor() const noexcept { return bound_executor.running_here(); }

    Executor bound_executor;
};

template <>
struct executor_of_handler<void>
{
    [[nodiscard]] bool runs_on_executor() const noexcept { return true; }
};

/// What an operation has taken from its handler's allocator.
struct memory_account
{
    std::atomic<std::size_t> taken = 0;
    std::atomic<std::size_t> held = 0;
};

template <class T>
class tracked_allocator
{
public:
    using value_type = T;

    explicit tracked_allocator(std::shared_ptr<memory_account> account) noexcept
        : account_{std::move(account)}
    {}

    template <class U>
    tracked_allocator(tracked_allocator<U> const& other) noexcept : account_{other.account_}
    {}

    [[nodiscard]] T* allocate(std::size_t n)
    {
        auto* const memory = std::allocator<T>{}.allocate(n);
        ++account_->taken;
        ++account_->held;
        return memory;
    }

    void deallocate(T* memory, std::size_t n) noexcept
    {
        --account_->held;
        std::allocator<T>{}.deallocate(memory, n);
    }

    template <class U>
    [[nodiscard]] bool operator==(tracked_allocator<U> const& other) const noexcept
    {
        return account_ == other.account_;
    }
    template <class U>
    [[nodiscard]] bool operator!=(tracked_allocator<U> const& other) const noexcept
    {
        return !(*this == other);
    }

private:
    template <class>
    friend class tracked_allocator;

    std::shared_ptr<memory_account> account_; // an operation may give memory back when all else is gone
};

/// What became of one handler after the other; the part that the types of the values do not matter to.
class handler_history
{
public:
    /// A new handler; returns which one it is, from 1.
    std::size_t begin()
    {
        std::lock_guard const lock{mutex_};
        if (run_ != 0 && !done_ && !destroyed_) add("made while the last one was still waited for");
        done_ = destroyed_ = called_ = false;
        initiating_ = std::this_thread::get_id();
        return ++run_;
    }

    /// The initiating function has returned.
    void initiated(std::size_t run)
    {
        std::lock_guard const lock{mutex_};
        if (run == run_) initiating_.reset();
    }

    void called(std::size_t run, bool owns, bool on_executor)
    {
        std::lock_guard const lock{mutex_};
        if (!owns) return add("called after it had been moved from");
        if (run != run_ || called_) return add("called twice");
        called_ = true;
        if (initiating_ == std::this_thread::get_id()) add("called inside the initiating function");
        if (!on_executor) add("called outside of its executor");
        if (memory->held != 0) add("called before its memory was given back");
    }

    void destroyed(std::size_t run)
    {
        std::lock_guard const lock{mutex_};
        if (run != run_ || called_) return;
        destroyed_ = true;
        if (!may_be_destroyed_) add("destroyed without having been called");
    }

    void may_be_destroyed()
    {
        std::lock_guard const lock{mutex_};
        may_be_destroyed_ = true;
    }

    [[nodiscard]] std::string problem() const
    {
        std::lock_guard const lock{mutex_};
        return problem_;
    }

    [[nodiscard]] bool is_done() const noexcept { return done_; }
    [[nodiscard]] bool is_destroyed() const noexcept { return destroyed_; }

    std::shared_ptr<memory_account> memory = std::make_shared<memory_account>();
    net::cancellation_signal cancellation;

protected:
    std::atomic<bool> done_ = false; // after the outcome is there

private:
    void add(std::string_view what)
    {
        if (problem_.size() > max_text) return; // the first ones tell enough
        if (!problem_.empty()) problem_ += "; ";
        problem_.append("handler ").append(std::to_string(run_)).append(" was ").append(what);
    }

    static constexpr std::size_t max_text = 500;

    mutable std::mutex mutex_;
    std::size_t run_ = 0;
    bool called_ = false;
    std::atomic<bool> destroyed_ = false;
    bool may_be_destroyed_ = false;
    std::optional<std::thread::id> initiating_; // on which thread, while it runs
    std::string problem_;
};

/// All that a tracker and its handlers share.
template <class... Values>
class handler_record : public handler_history
{
public:
    std::size_t begin()
    {
        error = {};
        values.reset();
        return handler_history::begin();
    }

    void finish(error_code ec, std::tuple<Values...> outcome)
    {
        error = ec;
        values = std::move(outcome);
        done_ = true;
    }

    error_code error;
    std::optional<std::tuple<Values...>> values;
};

} // namespace viaduct::testing::detail

#endif

#ifndef VIADUCT_TESTING_TRACKER_EXECUTOR_HPP
#define VIADUCT_TESTING_TRACKER_EXECUTOR_HPP

#include <viaduct/detail/asio.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace viaduct::testing {

/// How a function was handed to an executor.
enum class submission : unsigned char
{
    post,     ///< Never inside of the call.
    dispatch, ///< At once if the caller already runs on the executor.
    defer     ///< As `post`, and as the continuation of the caller.
};

namespace detail {

/// What all copies of one `tracker_executor` know together.
class executor_log
{
public:
    void submitted(submission how)
    {
        std::lock_guard const lock{mutex_};
        if (submissions_.size() < max_kept) submissions_.push_back(how);
        ++counts_[static_cast<std::size_t>(how)];
        ++waiting_;
    }

    void left(bool has_run) noexcept
    {
        std::lock_guard const lock{mutex_};
        --waiting_;
        if (!has_run) ++dropped_;
    }

    void worked(bool more) noexcept
    {
        std::lock_guard const lock{mutex_};
        more ? ++work_ : --work_;
    }

    template <class Value>
    [[nodiscard]] Value get(Value executor_log::*member) const
    {
        std::lock_guard const lock{mutex_};
        return this->*member;
    }

    [[nodiscard]] std::size_t count(submission how) const
    {
        std::lock_guard const lock{mutex_};
        return counts_[static_cast<std::size_t>(how)];
    }

    static constexpr std::size_t max_kept = 1000;

    std::vector<submission> submissions_;
    std::size_t counts_[3] = {};
    std::size_t waiting_ = 0;
    std::size_t dropped_ = 0;
    std::size_t work_ = 0;

private:
    mutable std::mutex mutex_;
};

/// While one of these lives on a thread, that thread runs inside of the executor with this log.
class running_scope
{
public:
    explicit running_scope(executor_log const& log) noexcept : log_{&log}, outer_{std::exchange(top_, this)}
    {}
    running_scope(running_scope const&) = delete;
    running_scope& operator=(running_scope const&) = delete;
    ~running_scope() { top_ = outer_; }

    [[nodiscard]] static bool is_inside(executor_log const& log) noexcept
    {
        auto const* scope = top_;
        while (scope != nullptr && scope->log_ != &log)
            scope = scope->outer_;
        return scope != nullptr;
    }

private:
    static inline thread_local running_scope const* top_ = nullptr;

    executor_log const* log_;
    running_scope const* outer_;
};

/// A function on its way through the executor: it tells the log when it leaves, run or not.
template <class Function>
class tracked_function
{
public:
    template <class F>
    tracked_function(std::shared_ptr<executor_log> log, F&& function)
        : log_{std::move(log)},
          function_{std::forward<F>(function)}
    {}

    tracked_function(tracked_function&&) = default;
    tracked_function& operator=(tracked_function&&) = delete;

    ~tracked_function()
    {
        if (log_) log_->left(false);
    }

    void operator()()
    {
        auto const log = std::move(log_);
        log->left(true);
        running_scope const inside{*log};
        auto function = std::move(function_); // ends inside too, as it was meant to
        std::move(function)();
    }

private:
    std::shared_ptr<executor_log> log_; // none once it has left
    Function function_;
};

} // namespace detail

/// An executor that hands everything on to another one, and remembers.
/**
 * Make an I/O object with it, or bind a handler to it, and see what an operation submits to its executor, how
 * much work it keeps outstanding, and whether a handler runs where it should:
 *
 * @code
 * net::io_context context;
 * tracker_executor executor{context.get_executor()};
 * async_something(..., net::bind_executor(executor, [&](error_code) { CHECK(executor.running_here()); }));
 * context.run();
 * CHECK(executor.waiting() == 0);
 * CHECK(executor.work() == 0);
 * @endcode
 *
 * It models Asio's executor, with the properties that `any_io_executor` wants: it goes wherever that goes.
 * All copies share what they remember, and so do the executors that Asio makes of them with `require` and
 * `prefer`.
 *
 * Its functions take their memory from the default allocator, as with every executor inside of an
 * `any_io_executor`.
 *
 * Thread safety: shared objects: safe.
 */
class tracker_executor
{
    using blocking_t = net::execution::blocking_t;
    using relationship_t = net::execution::relationship_t;
    using outstanding_work_t = net::execution::outstanding_work_t;

public:
    /// @param executor Runs everything; whatever makes an `any_io_executor`.
    template <class Executor>
        requires(!std::is_same_v<Executor, tracker_executor> &&
                 std::is_convertible_v<Executor, net::any_io_executor>)
    explicit tracker_executor(Executor executor)
        : log_{std::make_shared<detail::executor_log>()},
          executor_{std::move(executor)}
    {}

    tracker_executor(tracker_executor const& other) noexcept
        : log_{other.log_},
          executor_{other.executor_},
          never_blocks_{other.never_blocks_},
          continues_{other.continues_},
          works_{other.works_}
    {
        if (works_) log_->worked(true);
    }

    tracker_executor& operator=(tracker_executor const& other) noexcept
    {
        tracker_executor copy{other};
        std::swap(log_, copy.log_);
        std::swap(executor_, copy.executor_);
        std::swap(never_blocks_, copy.never_blocks_);
        std::swap(continues_, copy.continues_);
        std::swap(works_, copy.works_);
        return *this;
    }

    ~tracker_executor()
    {
        if (works_) log_->worked(false);
    }

    /// Whether the calling thread is inside of a function that this executor runs.
    [[nodiscard]] bool running_here() const noexcept { return detail::running_scope::is_inside(*log_); }

    /// How many functions were submitted in this way.
    [[nodiscard]] std::size_t count(submission how) const { return log_->count(how); }

    /// All submissions in their order; of more than a thousand the first thousand.
    [[nodiscard]] std::vector<submission> submissions() const
    {
        return log_->get(&detail::executor_log::submissions_);
    }

    /// The same for people: "post, dispatch, dispatch".
    [[nodiscard]] std::string outline() const
    {
        std::string text;
        for (auto const how : submissions()) {
            if (!text.empty()) text += ", ";
            text += how == submission::post ? "post" : how == submission::defer ? "defer" : "dispatch";
        }
        return text;
    }

    /// How many functions were submitted and have neither begun nor been destroyed.
    [[nodiscard]] std::size_t waiting() const { return log_->get(&detail::executor_log::waiting_); }

    /// How many were destroyed without having run, as happens with a context that ends.
    [[nodiscard]] std::size_t dropped() const { return log_->get(&detail::executor_log::dropped_); }

    /// How many executors with outstanding work there are; none means that no operation is under way.
    [[nodiscard]] std::size_t work() const { return log_->get(&detail::executor_log::work_); }

    /// The executor behind this one.
    [[nodiscard]] net::any_io_executor const& inner() const noexcept { return executor_; }

    // From here on: what Asio asks of an executor.

    template <class Function>
    void execute(Function&& function) const
    {
        log_->submitted(!never_blocks_ ? submission::dispatch
                        : continues_   ? submission::defer
                                       : submission::post);
        executor_.execute(
            detail::tracked_function<std::decay_t<Function>>{log_, std::forward<Function>(function)});
    }

    [[nodiscard]] net::execution_context& query(net::execution::context_t) const noexcept
    {
        return net::query(executor_, net::execution::context);
    }
    [[nodiscard]] blocking_t query(blocking_t) const noexcept
    {
        if (never_blocks_) return blocking_t::never;
        return blocking_t::possibly;
    }
    [[nodiscard]] relationship_t query(relationship_t) const noexcept
    {
        if (continues_) return relationship_t::continuation;
        return relationship_t::fork;
    }
    [[nodiscard]] outstanding_work_t query(outstanding_work_t) const noexcept
    {
        if (works_) return outstanding_work_t::tracked;
        return outstanding_work_t::untracked;
    }

    [[nodiscard]] tracker_executor require(blocking_t::never_t how) const
    {
        return {*this, net::require(executor_, how), true, continues_, works_};
    }
    [[nodiscard]] tracker_executor require(blocking_t::possibly_t how) const
    {
        return {*this, net::prefer(executor_, how), false, continues_, works_};
    }
    [[nodiscard]] tracker_executor require(relationship_t::fork_t how) const
    {
        return {*this, net::prefer(executor_, how), never_blocks_, false, works_};
    }
    [[nodiscard]] tracker_executor require(relationship_t::continuation_t how) const
    {
        return {*this, net::prefer(executor_, how), never_blocks_, true, works_};
    }
    [[nodiscard]] tracker_executor require(outstanding_work_t::tracked_t how) const
    {
        return {*this, net::prefer(executor_, how), never_blocks_, continues_, true};
    }
    [[nodiscard]] tracker_executor require(outstanding_work_t::untracked_t how) const
    {
        return {*this, net::prefer(executor_, how), never_blocks_, continues_, false};
    }

    [[nodiscard]] friend bool operator==(tracker_executor const& a, tracker_executor const& b) noexcept
    {
        return a.log_ == b.log_ && a.executor_ == b.executor_ && a.never_blocks_ == b.never_blocks_ &&
               a.continues_ == b.continues_ && a.works_ == b.works_;
    }
    [[nodiscard]] friend bool operator!=(tracker_executor const& a, tracker_executor const& b) noexcept
    {
        return !(a == b);
    }

private:
    tracker_executor(tracker_executor const& like, net::any_io_executor executor, bool never_blocks,
                     bool continues, bool works)
        : log_{like.log_},
          executor_{std::move(executor)},
          never_blocks_{never_blocks},
          continues_{continues},
          works_{works}
    {
        if (works_) log_->worked(true);
    }

    std::shared_ptr<detail::executor_log> log_;
    net::any_io_executor executor_;
    bool never_blocks_ = false; // the properties; those of the executor behind follow
    bool continues_ = false;
    bool works_ = false;
};

} // namespace viaduct::testing

#endif

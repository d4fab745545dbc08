#include <viaduct/detail/stable_op.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace net = viaduct::net;
using viaduct::error_code;
using viaduct::detail::async_stable;
using viaduct::detail::one_step_at_a_time;
using viaduct::detail::op_memory;

namespace {

struct allocations
{
    int live = 0;
    int total = 0;
};

template <class T>
struct counting_allocator
{
    using value_type = T;

    explicit counting_allocator(allocations& to) : counts{&to} {}
    template <class U>
    counting_allocator(counting_allocator<U> const& other) : counts{other.counts}
    {}

    T* allocate(std::size_t n)
    {
        ++counts->live;
        ++counts->total;
        return static_cast<T*>(::operator new(n * sizeof(T)));
    }
    void deallocate(T* p, std::size_t)
    {
        --counts->live;
        ::operator delete(p);
    }
    template <class U>
    bool operator==(counting_allocator<U> const& other) const
    {
        return counts == other.counts;
    }

    allocations* counts;
};

/// What has become of the handler of an operation.
struct outcome
{
    allocations memory;
    net::cancellation_signal cancel;
    int calls = 0;
    error_code error;
    int value = 0;
    int blocks_at_call = -1;
    bool slot_in_use_at_call = false;
    bool ran_on_its_executor = false;
    std::shared_ptr<int> token = std::make_shared<int>(); // held by the handler as long as it lives
};

/// A handler with everything that can be associated with one.
class rich_handler
{
public:
    using allocator_type = counting_allocator<void>;
    using executor_type = net::io_context::executor_type;
    using cancellation_slot_type = net::cancellation_slot;

    rich_handler(outcome& o, net::io_context& home) : outcome_{&o}, home_{&home}, token_{o.token} {}
    rich_handler(rich_handler&&) = default; // a handler need not be copyable
    rich_handler(rich_handler const&) = delete;
    rich_handler& operator=(rich_handler&&) = default;
    ~rich_handler() = default;

    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{outcome_->memory}; }
    [[nodiscard]] executor_type get_executor() const noexcept { return home_->get_executor(); }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return outcome_->cancel.slot();
    }

    void operator()(error_code ec, int value)
    {
        ++outcome_->calls;
        outcome_->error = ec;
        outcome_->value = value;
        outcome_->blocks_at_call = outcome_->memory.live;
        outcome_->slot_in_use_at_call = outcome_->cancel.slot().has_handler();
        outcome_->ran_on_its_executor = home_->get_executor().running_in_this_thread();
    }

private:
    outcome* outcome_;
    net::io_context* home_;
    std::shared_ptr<int> token_;
};

/// Two timers at once, the one with memory of its own; the last to end completes it.
class two_timers
{
public:
    struct first
    {};
    struct second
    {};

    two_timers(net::io_context& context, std::chrono::milliseconds time)
        : first_{context, time},
          second_{context, time}
    {}

    [[nodiscard]] net::cancellation_slot slot(first) { return {}; }
    [[nodiscard]] net::cancellation_slot slot(second) { return {}; }
    [[nodiscard]] op_memory& memory(first) { return memory_; }

    void cancel()
    {
        first_.cancel();
        second_.cancel();
    }

    template <class Self>
    void operator()(Self& self)
    {
        first_.async_wait(self.then(first{}));
        second_.async_wait(self.then(second{}));
    }

    template <class Self>
    void operator()(Self& self, first, error_code ec)
    {
        end(self, ec, 1);
    }

    template <class Self>
    void operator()(Self& self, second, error_code ec)
    {
        end(self, ec, 10);
    }

private:
    template <class Self>
    void end(Self& self, error_code ec, int n)
    {
        sum_ += n;
        if (--pending_ == 0) self.complete(ec, self.cancelled() ? -sum_ : sum_);
    }

    net::steady_timer first_;
    net::steady_timer second_;
    op_memory memory_;
    int sum_ = 0;
    int pending_ = 2;
};

/// Waits `count` times, one after the other.
class waits : public one_step_at_a_time
{
public:
    struct again
    {};

    waits(net::io_context& context, std::chrono::milliseconds time, int count)
        : timer_{context},
          time_{time},
          count_{count}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        timer_.expires_after(time_);
        timer_.async_wait(self.then(again{}));
    }

    template <class Self>
    void operator()(Self& self, again, error_code ec)
    {
        ++done_;
        if (ec || done_ == count_) return self.complete(ec, int{done_});
        (*this)(self);
    }

private:
    net::steady_timer timer_;
    std::chrono::milliseconds time_;
    int count_;
    int done_ = 0;
};

/// Posts one step, with or without memory of its own, to a context that need not be the handler's.
class posts : public one_step_at_a_time
{
public:
    struct posted
    {};

    explicit posts(net::io_context& context) : executor_{context.get_executor()} {}

    template <class Self>
    void operator()(Self& self)
    {
        net::post(executor_, self.then(posted{}));
    }

    template <class Self>
    void operator()(Self& self, posted)
    {
        self.complete(error_code{}, 1);
    }

private:
    net::any_io_executor executor_;
};

struct posts_with_memory : posts
{
    using posts::posts;

    [[nodiscard]] op_memory& memory(posted) { return memory_; }

private:
    op_memory memory_;
};

template <class Implementation, class Handler, class... Args>
void start(Handler handler, Args&&... args)
{
    async_stable<Implementation, void(error_code, int)>(std::move(handler), std::forward<Args>(args)...);
}

constexpr std::chrono::milliseconds soon{0};
constexpr std::chrono::milliseconds never{3'600'000};

} // namespace

TEST_CASE("stable op: the handler is called once, with the values, and never from within the start")
{
    net::io_context context;
    outcome o;
    start<two_timers>(rich_handler{o, context}, context, soon);
    CHECK(o.calls == 0);
    context.run();
    CHECK(o.calls == 1);
    CHECK(!o.error);
    CHECK(o.value == 11);
}

TEST_CASE("stable op: its memory comes from the handler's allocator, and is given back before the call")
{
    net::io_context context;
    outcome o;
    start<waits>(rich_handler{o, context}, context, soon, 3);
    CHECK(o.memory.total == 2); // the operation, and a step that has no memory of its own
    context.run();
    CHECK(o.value == 3);
    CHECK(o.blocks_at_call == 0);
    CHECK(o.memory.live == 0);
    CHECK(o.memory.total == 4); // two more steps
}

TEST_CASE("stable op: a step that has memory of its own takes none from the handler")
{
    net::io_context context;
    outcome o;
    start<two_timers>(rich_handler{o, context}, context, soon);
    CHECK(o.memory.total == 2); // the operation, and one of the two steps
    context.run();
    CHECK(o.blocks_at_call == 0);
    CHECK(o.memory.total == 2);
}

TEST_CASE("stable op: steps run where the handler runs")
{
    net::io_context io;
    net::io_context home;
    auto const work = net::make_work_guard(home);
    outcome o;
    start<waits>(rich_handler{o, home}, io, soon, 2);
    while (o.calls == 0) {
        io.restart();
        io.run_one_for(std::chrono::milliseconds{10}); // the timer is up, and no step has run
        auto const calls = o.calls;
        CHECK(calls == 0);
        home.run_one();
    }
    CHECK(o.value == 2);
    CHECK(o.ran_on_its_executor);
}

TEST_CASE_TEMPLATE("stable op: a step that is posted finds its memory, also where the handler runs elsewhere",
                   implementation, posts, posts_with_memory)
{
    net::io_context io;
    net::io_context home;
    outcome o;
    start<implementation>(rich_handler{o, home}, io);
    io.run(); // dispatches the step to the handler's context, for which it needs memory again
    CHECK(o.calls == 0);
    home.run();
    CHECK(o.calls == 1);
    CHECK(o.ran_on_its_executor);
    CHECK(o.blocks_at_call == 0);
    CHECK(o.memory.live == 0);
}

TEST_CASE("stable op: a cancellation reaches the steps, and the implementation knows of it")
{
    for (auto type :
         {net::cancellation_type::terminal, net::cancellation_type::partial, net::cancellation_type::total}) {
        net::io_context context;
        outcome o;
        start<two_timers>(rich_handler{o, context}, context, never);
        o.cancel.emit(type);
        CHECK(o.calls == 0);
        context.run();
        CHECK(o.calls == 1);
        CHECK(o.error == net::error::operation_aborted);
        CHECK(o.value == -11);
    }
}

TEST_CASE("stable op: a cancellation of no type is none")
{
    net::io_context context;
    outcome o;
    start<two_timers>(rich_handler{o, context}, context, std::chrono::milliseconds{1});
    o.cancel.emit(net::cancellation_type::none);
    context.run();
    CHECK(!o.error);
    CHECK(o.value == 11);
}

TEST_CASE("stable op: the slot is free before the call, and a cancellation after it is harmless")
{
    net::io_context context;
    outcome o;
    start<two_timers>(rich_handler{o, context}, context, soon);
    CHECK(o.cancel.slot().has_handler());
    context.run();
    CHECK_FALSE(o.slot_in_use_at_call);
    o.cancel.emit(net::cancellation_type::terminal);
    CHECK(o.calls == 1);
}

TEST_CASE("stable op: a cancellation while the last step's outcome is under way does not call twice")
{
    net::io_context context;
    outcome o;
    start<two_timers>(rich_handler{o, context}, context, soon);
    context.run_one(); // the one timer has ended; the other one's handler waits its turn
    CHECK(o.calls == 0);
    o.cancel.emit(net::cancellation_type::terminal);
    context.run();
    CHECK(o.calls == 1);
}

TEST_CASE("stable op: one step at a time is cancelled through its slot, whichever it is")
{
    net::io_context context;
    outcome o;
    start<waits>(rich_handler{o, context}, context, std::chrono::milliseconds{1}, 1'000'000);
    context.run_one();
    context.run_one();
    o.cancel.emit(net::cancellation_type::total); // becomes terminal for the step
    context.run();
    CHECK(o.calls == 1);
    CHECK(o.error == net::error::operation_aborted);
}

TEST_CASE("stable op: goes with its context, and the handler with it, uncalled")
{
    outcome o;
    std::optional<net::io_context> context{std::in_place};
    start<two_timers>(rich_handler{o, *context}, *context, never);
    start<waits>(rich_handler{o, *context}, *context, never, 1);
    context->poll();
    CHECK(o.token.use_count() == 3);
    context.reset();
    CHECK(o.token.use_count() == 1);
    CHECK(o.calls == 0);
    o.cancel.emit(net::cancellation_type::terminal); // reaches nobody
    CHECK(o.calls == 0);
}

TEST_CASE("stable op: takes a handler with nothing associated, and every token")
{
    net::io_context context;
    int calls = 0;
    start<two_timers>([&](error_code, int) { ++calls; }, context, soon);
    context.run();
    CHECK(calls == 1);
}

#include "count_allocations.hpp"
#include <viaduct/detail/any_handler.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace net = viaduct::net;
using viaduct::detail::any_handler;

namespace {

/// An allocator that knows how many of its blocks there are.
template <class T>
struct counting_allocator
{
    using value_type = T;

    explicit counting_allocator(int* count) noexcept : blocks{count} {}
    template <class U>
    counting_allocator(counting_allocator<U> const& other) noexcept : blocks{other.blocks}
    {}

    [[nodiscard]] T* allocate(std::size_t n)
    {
        ++*blocks;
        return std::allocator<T>{}.allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept
    {
        --*blocks;
        std::allocator<T>{}.deallocate(p, n);
    }

    template <class U>
    [[nodiscard]] bool operator==(counting_allocator<U> const& other) const noexcept
    {
        return blocks == other.blocks;
    }

    int* blocks;
};

/// Keeps all it has, its allocator too, where it has gone with the handler when that was moved.
struct own_allocator_handler
{
    using allocator_type = counting_allocator<void>;

    struct knowledge
    {
        int blocks = 0;
        int blocks_in_call = -1;
    };

    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{&known->blocks}; }

    void operator()(int) const { known->blocks_in_call = known->blocks; }

    std::shared_ptr<knowledge> known;
};

} // namespace

TEST_CASE("any handler: it is called once, with what it is given, and is empty then")
{
    net::io_context context;
    std::vector<std::unique_ptr<int>> got;
    any_handler<void(std::unique_ptr<int>)> h{[&](std::unique_ptr<int> n) { got.push_back(std::move(n)); },
                                              context.get_executor()};
    CHECK(static_cast<bool>(h));
    auto moved = std::move(h);
    moved(std::make_unique<int>(7));
    CHECK_FALSE(static_cast<bool>(moved));
    REQUIRE(got.size() == 1);
    CHECK(*got.front() == 7);
    CHECK_FALSE(static_cast<bool>(any_handler<void()>{}));
}

TEST_CASE("any handler: it runs where the handler does, or else where it is told")
{
    net::io_context own;
    net::io_context other;
    auto const nothing = [] {};
    any_handler<void()> const with{net::bind_executor(own, nothing), other.get_executor()};
    any_handler<void()> const without{nothing, other.get_executor()};
    CHECK(with.get_executor() == own.get_executor());
    CHECK(without.get_executor() == other.get_executor());
    CHECK(net::get_associated_executor(with, other.get_executor()) == own.get_executor());
}

TEST_CASE("any handler: the handler's cancellation slot goes with it")
{
    net::io_context context;
    net::steady_timer timer{context, net::steady_timer::time_point::max()};
    net::cancellation_signal cancel;
    viaduct::error_code ended;
    any_handler<void(viaduct::error_code)> h{
        net::bind_cancellation_slot(cancel.slot(), [&](viaduct::error_code ec) { ended = ec; }),
        context.get_executor()};
    CHECK(h.get_cancellation_slot() == cancel.slot());
    timer.async_wait(std::move(h));
    cancel.emit(net::cancellation_type::terminal);
    context.run();
    CHECK((ended == net::error::operation_aborted));
}

TEST_CASE("any handler: its memory is the handler's own, and is given back before the call")
{
    net::io_context context;
    auto const known = std::make_shared<own_allocator_handler::knowledge>();
    {
        any_handler<void(int)> h{own_allocator_handler{known}, context.get_executor()};
        CHECK(known->blocks == 1);
        auto moved = std::move(h);
        CHECK(known->blocks == 1);
        moved(1);
        CHECK(known->blocks_in_call == 0);
        CHECK(known->blocks == 0);
    }
    {
        any_handler<void(int)> const dropped{own_allocator_handler{known}, context.get_executor()};
        CHECK(known->blocks == 1);
    }
    CHECK(known->blocks == 0);
    CHECK(known.use_count() == 1);
}

TEST_CASE("any handler: a handler that was not called is destroyed, with all it holds")
{
    net::io_context context;
    auto const held = std::make_shared<int>(0);
    {
        any_handler<void()> const h{[held] {}, context.get_executor()};
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);

    // In an operation whose context goes first.
    net::cancellation_signal cancel;
    {
        net::io_context gone;
        net::steady_timer timer{gone, net::steady_timer::time_point::max()};
        timer.async_wait(
            any_handler<void(viaduct::error_code)>{[held](viaduct::error_code) {}, gone.get_executor()});
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("any handler: one operation after the other costs no allocation")
{
    net::io_context context;
    net::steady_timer timer{context};
    std::size_t left = 0;
    struct again
    {
        net::steady_timer* timer;
        std::size_t* left;
        void operator()(viaduct::error_code) const
        {
            if (--*left == 0) return;
            timer->async_wait(any_handler<void(viaduct::error_code)>{*this, timer->get_executor()});
        }
    };
    auto const cost_of = [&](std::size_t times) {
        auto const before = allocations;
        left = times;
        context.restart(); // the thread's memory lasts as long as the run
        timer.async_wait(any_handler<void(viaduct::error_code)>{again{&timer, &left}, timer.get_executor()});
        context.run();
        return allocations - before;
    };
    cost_of(10);
    auto const of_few = cost_of(10);
    CHECK(cost_of(1000) == of_few);
}

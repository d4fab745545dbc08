#ifndef VIADUCT_TESTS_NET_EVENT_LOOP_HPP
#define VIADUCT_TESTS_NET_EVENT_LOOP_HPP

#include <viaduct/detail/asio.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <tuple>
#include <utility>

namespace fixture {

namespace net = viaduct::net;

inline constexpr net::cancellation_type every_cancellation[] = {
    net::cancellation_type::terminal, net::cancellation_type::partial, net::cancellation_type::total};

/// A context that is run until something has happened.
class event_loop
{
public:
    /// False if it takes longer than any healthy machine needs.
    template <class Predicate>
    [[nodiscard]] bool run_until(Predicate done)
    {
        auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        context.restart();
        while (!done() && std::chrono::steady_clock::now() < give_up)
            if (context.run_one_for(std::chrono::seconds{1}) == 0 && context.stopped()) context.restart();
        return done();
    }

    /// Runs handlers one by one, at most `count` of them, while there are any, and no longer than until
    /// `done`.
    template <class Predicate>
    void run_steps(std::size_t count, Predicate done)
    {
        for (; count != 0 && !done(); --count) {
            context.restart();
            context.run_one_for(std::chrono::milliseconds{10});
        }
    }

    [[nodiscard]] net::any_io_executor executor() { return context.get_executor(); }

    net::io_context context;
};

/// Takes the outcome of one operation, and cancels it where a test wants that.
template <class... Values>
class completion
{
public:
    completion() = default;
    completion(completion const&) = delete;
    completion& operator=(completion const&) = delete;

    /// The handler of the operation; its slot is the one of `cancel`.
    [[nodiscard]] auto handler()
    {
        return net::bind_cancellation_slot(cancel.slot(), [this](viaduct::error_code ec, Values... v) {
            ++calls;
            error = ec;
            values = std::tuple<Values...>{std::move(v)...};
        });
    }

    [[nodiscard]] bool done() const noexcept { return calls != 0; }

    /// The value behind the error code.
    [[nodiscard]] auto& value() noexcept { return std::get<0>(values); }

    int calls = 0;
    viaduct::error_code error;
    std::tuple<Values...> values;
    net::cancellation_signal cancel;
};

/// Of this process.
[[nodiscard]] inline std::size_t open_descriptors()
{
    std::size_t count = 0;
    for (auto const& each : std::filesystem::directory_iterator{"/proc/self/fd"})
        count += each.path().empty() ? 0 : 1;
    return count;
}

} // namespace fixture

#endif

#ifndef VIADUCT_TESTING_TRACKED_HANDLER_HPP
#define VIADUCT_TESTING_TRACKED_HANDLER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/testing/detail/handler_record.hpp>
#include <viaduct/testing/tracker_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace viaduct::testing {

template <class... Values>
class handler_tracker;

/// A completion handler that notices how it is treated; made by a `handler_tracker`.
/**
 * Has an associated allocator and a cancellation slot, and an associated executor unless `Executor` is void.
 * It can be moved and not copied, as Asio allows a handler to be.
 */
template <class Executor, class... Values>
class tracked_handler : public detail::executor_of_handler<Executor>
{
    using base = detail::executor_of_handler<Executor>;
    using record = detail::handler_record<Values...>;

public:
    using allocator_type = detail::tracked_allocator<void>;
    using cancellation_slot_type = net::cancellation_slot;

    tracked_handler(tracked_handler&& other) noexcept
        : base{static_cast<base const&>(other)},
          record_{other.record_},
          run_{other.run_},
          owns_{std::exchange(other.owns_, false)}
    {}

    tracked_handler& operator=(tracked_handler&&) = delete;

    ~tracked_handler()
    {
        if (is_first_) record_->initiated(run_);
        if (owns_) record_->destroyed(run_);
    }

    /// For an operation with the signature `void(error_code, Values...)`.
    void operator()(error_code ec, Values... values)
    {
        record_->called(run_, owns_, this->runs_on_executor());
        record_->finish(ec, std::tuple<Values...>{std::move(values)...});
    }

    /// For one without an error: `void(Values...)`.
    void operator()(Values... values) { (*this)(error_code{}, std::move(values)...); }

    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{record_->memory}; }

    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return record_->cancellation.slot();
    }

private:
    friend class handler_tracker<Values...>;

    tracked_handler(base executor, std::shared_ptr<record> to)
        : base{std::move(executor)},
          record_{std::move(to)},
          run_{record_->begin()},
          is_first_{true}
    {}

    std::shared_ptr<record> record_; // kept when moved from, to tell of a call then
    std::size_t run_;
    bool owns_ = true;
    bool is_first_ = false; // the one that the initiating function was given lives as long as its call
};

/// Follows the handler of an operation, and says what the operation did wrong with it.
/**
 * An asynchronous operation makes promises to its handler: it is called once, not before the initiating
 * function has returned, on its associated executor, and when all memory that came from its associated
 * allocator has been given back. A test that passes such a handler proves them all by the way:
 *
 * @code
 * handler_tracker<std::size_t> read;
 * stream.async_read_some(buffer, read.handler(context.get_executor()));
 * context.run();
 * CHECK(read.problem() == "");
 * CHECK(read.error() == error_code{});
 * CHECK(read.value() == 5);
 * @endcode
 *
 * Give the handler to the initiating function in the expression that makes it, as above, bare or inside of
 * another token (`net::bind_executor`, `net::as_tuple`): its lifetime there tells how long the initiating
 * function runs. One tracker serves one operation after the other; what was wrong with any of them stays.
 *
 * The handler may outlive the tracker.
 *
 * @tparam Values What the operation completes with behind its error code.
 *
 * Thread safety: `done` and `problem` may be asked on any thread, what came with the completion once `done`
 * has said so; all else is for one thread. Distinct objects: safe.
 */
template <class... Values>
class handler_tracker
{
public:
    handler_tracker() = default;
    handler_tracker(handler_tracker const&) = delete;
    handler_tracker& operator=(handler_tracker const&) = delete;

    /// A handler without an associated executor: it may be called on any.
    [[nodiscard]] tracked_handler<void, Values...> handler() { return {{}, record_}; }

    /// A handler that must be called on this executor, and knows when it is called elsewhere.
    [[nodiscard]] tracked_handler<tracker_executor, Values...> handler(net::any_io_executor executor)
    {
        return handler(tracker_executor{std::move(executor)});
    }

    /// The same with an executor that the test asks, too.
    [[nodiscard]] tracked_handler<tracker_executor, Values...> handler(tracker_executor executor)
    {
        return {{std::move(executor)}, record_};
    }

    /// Ends the operation through the handler's cancellation slot. On the thread or the strand of the
    /// operation.
    void cancel(net::cancellation_type type = net::cancellation_type::terminal)
    {
        record_->cancellation.emit(type);
    }

    /// Says that the test destroys an operation on purpose: a handler that ends without a call is no problem.
    void may_be_destroyed() { record_->may_be_destroyed(); }

    /// Whether the latest handler was called.
    [[nodiscard]] bool done() const noexcept { return record_->is_done(); }

    /// Whether the latest handler was destroyed without having been called.
    [[nodiscard]] bool destroyed() const noexcept { return record_->is_destroyed(); }

    /// What was wrong with the treatment of the handlers so far, in words; empty if nothing was.
    [[nodiscard]] std::string problem() const { return record_->problem(); }

    /// The error code of the latest completion.
    [[nodiscard]] error_code error() const noexcept { return record_->error; }

    /// The first value of the latest completion. @throws std::bad_optional_access before there is one.
    [[nodiscard]] auto& value() { return std::get<0>(record_->values.value()); }

    /// All values of the latest completion. @throws std::bad_optional_access before there is one.
    [[nodiscard]] std::tuple<Values...>& values() { return record_->values.value(); }

    /// How often the operations so far took memory from the associated allocator.
    /**
     * An operation that needs memory should take it there. It is no problem if it does not: what goes through
     * an `any_io_executor` cannot.
     */
    [[nodiscard]] std::size_t allocations() const noexcept { return record_->memory->taken; }

private:
    std::shared_ptr<detail::handler_record<Values...>> record_ =
        std::make_shared<detail::handler_record<Values...>>();
};

} // namespace viaduct::testing

#endif

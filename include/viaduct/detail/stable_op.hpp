#ifndef VIADUCT_DETAIL_STABLE_OP_HPP
#define VIADUCT_DETAIL_STABLE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/kept_work.hpp>
#include <viaduct/detail/one_step_at_a_time.hpp>
#include <viaduct/detail/op_memory.hpp>
#include <viaduct/detail/stable_cancel.hpp>
#include <viaduct/detail/step_association.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace viaduct::detail {

/// An implementation with several steps under way at once.
template <class Implementation>
concept starts_on_executor = requires(Implementation const& implementation)
{
    implementation.get_executor();
};

/// A composed operation that stays where it is, and hands out pointers to itself as handlers.
/**
 * `async_compose` moves an operation, with the user's handler inside, into the handler of each of its steps
 * and out again: operations within operations make large handlers that are moved at every step, and an
 * operation with two steps under way needs a group around them. Here the operation and the handler share one
 * block of memory from the handler's allocator. It lives until the last step has ended; several may be under
 * way at once.
 *
 * An implementation is written as for `async_compose`, with a tag for each step:
 *
 * @code
 * template <class Self>
 * void operator()(Self& self);                         // the start; never completes at once
 * template <class Self>
 * void operator()(Self& self, on_read, error_code ec); // a step has ended
 *
 * void cancel();                          // ends what is under way; the user has asked for it, in any type
 * net::cancellation_slot slot(on_read);   // for a step that is cancelled through a slot; else an empty one
 * op_memory& memory(on_read);             // optional: memory for a step that is nearly always under way
 * executor get_executor();                // where several steps are under way at once: starts there
 * @endcode
 *
 * `self.then(on_read{})` is the handler of a step. It runs where the user's handler does; with several steps
 * under way at once it runs where the I/O object does, for the user's executor may be a pool of threads, and
 * only the completion goes to the user's.
 * `self.complete(...)` releases the block and calls the user's handler: no other step may be under way, and
 * the implementation is gone afterwards.
 */
template <class Implementation, class Handler>
class stable_op
{
public:
    template <class... Args>
    explicit stable_op(Handler handler, Args&&... args)
        : handler_{std::move(handler)},
          work_{handler_},
          implementation_(std::forward<Args>(args)...)
    {}

    stable_op(stable_op const&) = delete;
    stable_op& operator=(stable_op const&) = delete;

    void cancel()
    {
        cancelled_ = true;
        implementation_.cancel();
    }

private:
    template <class, class>
    friend class stable_self;

    static constexpr bool ends_elsewhere = starts_on_executor<Implementation> && !has_no_executor<Handler>;

    Handler handler_;
    kept_work<Handler, ends_elsewhere> work_;
    Implementation implementation_;
    bool cancelled_ = false;
};

template <class Self, class Tag>
class stable_step;

/// What an implementation knows its operation by.
template <class Implementation, class Handler>
class stable_self
{
public:
    using operation = stable_op<Implementation, Handler>;
    using implementation_type = Implementation;
    using handler_type = Handler;

    explicit stable_self(std::shared_ptr<operation> op) noexcept : op_{std::move(op)} {}
    stable_self(stable_self const&) = default;

    /// Leaves a pointer behind that keeps nothing alive: Asio 1.22.1 asks a posted handler for its allocator
    /// in the expression that moves it away.
    stable_self(stable_self&& other) noexcept : op_{std::move(other.op_)}
    {
        other.op_ = std::shared_ptr<operation>{std::shared_ptr<void>{}, op_.get()};
    }
    stable_self& operator=(stable_self const&) = delete;
    ~stable_self() = default;

    /// The handler of a step.
    template <class Tag>
    [[nodiscard]] stable_step<stable_self, Tag> then(Tag) const
    {
        return stable_step<stable_self, Tag>{*this};
    }

    /// Whether the user has cancelled the operation.
    [[nodiscard]] bool cancelled() const noexcept { return op_->cancelled_; }

    /// Gives the memory back, then calls the handler.
    template <class... Values>
    void complete(Values... values)
    {
        auto handler = std::move(op_->handler_);
        auto slot = net::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) slot.clear();
        [[maybe_unused]] auto const work = std::move(op_->work_); // until the handler is on its way
        op_.reset();
        if constexpr (operation::ends_elsewhere)
            net::dispatch(append(std::move(handler), std::move(values)...)); // where the handler belongs
        else
            std::move(handler)(std::move(values)...);
    }

    [[nodiscard]] std::weak_ptr<operation> operation_here() const noexcept { return op_; }
    [[nodiscard]] Implementation& implementation() const noexcept { return op_->implementation_; }
    [[nodiscard]] Handler const& handler() const noexcept { return op_->handler_; }

private:
    std::shared_ptr<operation> op_;
};

/// The handler of one step: a pointer to the operation, and the step's name in its type.
template <class Self, class Tag>
class stable_step : public std::conditional_t<has_memory_for<typename Self::implementation_type, Tag>,
                                              own_memory<stable_step<Self, Tag>>, no_own_memory>
{
public:
    // Never the user's own slot: that belongs to the operation.
    using cancellation_slot_type = net::cancellation_slot;
    using handler_type = typename Self::handler_type;
    static constexpr bool runs_with_its_object = starts_on_executor<typename Self::implementation_type>;

    explicit stable_step(Self self) noexcept : self_{std::move(self)} {}

    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return self_.implementation().slot(Tag{});
    }

    [[nodiscard]] op_memory& memory() const noexcept { return self_.implementation().memory(Tag{}); }

    template <class... Values>
    void operator()(Values&&... values)
    {
        auto self = std::move(self_);
        self.implementation()(self, Tag{}, std::forward<Values>(values)...);
    }

    [[nodiscard]] handler_type const& handler() const noexcept { return self_.handler(); }

private:
    Self self_;
};

/// Starts an operation where its steps will run: none can end, on another thread, before all have begun.
template <class Self>
class stable_start
{
public:
    using cancellation_slot_type = net::cancellation_slot;
    using handler_type = typename Self::handler_type;

    explicit stable_start(Self self) noexcept : self_{std::move(self)} {}

    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return {}; }

    void operator()()
    {
        auto self = std::move(self_);
        self.implementation()(self);
    }

    [[nodiscard]] handler_type const& handler() const noexcept { return self_.handler(); }

private:
    Self self_;
};

template <class Implementation>
struct initiate_stable
{
    template <class Handler, class... Args>
    void operator()(Handler&& handler, Args&&... args) const
    {
        using operation = stable_op<Implementation, std::decay_t<Handler>>;
        using self_type = stable_self<Implementation, std::decay_t<Handler>>;
        auto slot = net::get_associated_cancellation_slot(handler);
        auto const allocator = net::get_associated_allocator(handler);
        self_type self{std::allocate_shared<operation>(allocator, std::forward<Handler>(handler),
                                                       std::forward<Args>(args)...)};
        if (slot.is_connected()) slot.template emplace<stable_cancel<operation>>(self.operation_here());
        if constexpr (starts_on_executor<Implementation>) {
            auto const executor = self.implementation().get_executor();
            net::dispatch(executor, stable_start<self_type>{std::move(self)});
        } else {
            self.implementation()(self);
        }
    }
};

/// Starts a `stable_op`; the arguments are the implementation's.
template <class Implementation, class Signature, class CompletionToken, class... Args>
auto async_stable(CompletionToken&& token, Args&&... args)
{
    return net::async_initiate<CompletionToken, Signature>(initiate_stable<Implementation>{}, token,
                                                           std::forward<Args>(args)...);
}

} // namespace viaduct::detail

#if defined(VIADUCT_BOOST_ASIO)
namespace boost::asio {
#else
namespace asio {
#endif

/// What is associated with the user's handler, the slot excepted, is associated with each step ...
template <template <class, class> class Associator, class Self, class Tag, class DefaultCandidate>
struct associator<Associator, viaduct::detail::stable_step<Self, Tag>, DefaultCandidate>
    : viaduct::detail::association_of<Associator, viaduct::detail::stable_step<Self, Tag>, DefaultCandidate>
{};

/// ... and with the start.
template <template <class, class> class Associator, class Self, class DefaultCandidate>
struct associator<Associator, viaduct::detail::stable_start<Self>, DefaultCandidate>
    : viaduct::detail::association_of<Associator, viaduct::detail::stable_start<Self>, DefaultCandidate>
{};

} // namespace asio

#endif

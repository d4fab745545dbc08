#ifndef VIADUCT_DETAIL_ANY_HANDLER_HPP
#define VIADUCT_DETAIL_ANY_HANDLER_HPP

#include <viaduct/detail/asio.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace viaduct::detail {

/// Where the block of an erased handler comes from: the handler's own allocator, or else Asio's memory of the
/// thread, so that one read after the other costs no allocation.
template <class Allocator>
struct handler_memory
{
    using type = Allocator;
    static type of(Allocator const& a) { return a; }
};

template <class T>
struct handler_memory<std::allocator<T>>
{
    using type = net::recycling_allocator<T>;
    static type of(std::allocator<T> const&) { return {}; }
};

/// A completion handler of any type: its executor and its cancellation slot stay with it.
/**
 * So what is not a template, or should be one only once, can have a completion token: the initiating function
 * wraps the token's handler, the work behind it is compiled for this type alone. Movable only; called once.
 * The handler's executor must fit into `any_io_executor`, which the old `io_context::strand` does not.
 */
template <class Signature>
class any_handler;

template <class... Args>
class any_handler<void(Args...)>
{
public:
    using executor_type = net::any_io_executor;
    using cancellation_slot_type = net::cancellation_slot;

    any_handler() noexcept = default;

    /// @param otherwise Where the handler runs if it has no executor of its own.
    template <class Handler>
    any_handler(Handler handler, net::any_io_executor const& otherwise)
        : executor_{executor_of(handler, otherwise)},
          slot_{net::get_associated_cancellation_slot(handler)},
          target_{target<Handler>::make(std::move(handler))}
    {}

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

    explicit operator bool() const noexcept { return target_ != nullptr; }

    void operator()(Args... args) { target_.release()->call(std::move(args)...); }

private:
    /// Not every executor can be erased: that of `use_future`, for one, is for its handler alone.
    template <class Handler>
    [[nodiscard]] static net::any_io_executor executor_of(Handler const& handler,
                                                          net::any_io_executor const& otherwise)
    {
        using own = typename net::associated_executor<Handler, net::any_io_executor>::type;
        if constexpr (std::is_convertible_v<own, net::any_io_executor>)
            return net::get_associated_executor(handler, otherwise);
        else
            return otherwise;
    }

    struct target_base
    {
        virtual void call(Args&&... args) = 0; // gives its memory back first
        virtual void destroy() noexcept = 0;

    protected:
        ~target_base() = default;
    };

    template <class Handler>
    struct target final : target_base
    {
        using memory = handler_memory<typename net::associated_allocator<Handler>::type>;
        using allocator =
            typename std::allocator_traits<typename memory::type>::template rebind_alloc<target>;

        explicit target(Handler h) : handler{std::move(h)} {}

        [[nodiscard]] static allocator allocator_of(Handler const& h)
        {
            return allocator(memory::of(net::get_associated_allocator(h)));
        }

        [[nodiscard]] static target_base* make(Handler h)
        {
            auto from = allocator_of(h);
            auto* const place = std::allocator_traits<allocator>::allocate(from, 1);
            return new (place) target{std::move(h)}; // moving a handler does not throw
        }

        void call(Args&&... args) override
        {
            auto from = allocator_of(handler); // one that was moved away may not know it any more
            auto taken = std::move(handler);
            give_back(from);
            std::move(taken)(std::move(args)...);
        }

        void destroy() noexcept override
        {
            auto from = allocator_of(handler);
            give_back(from);
        }

        void give_back(allocator& from) noexcept
        {
            this->~target();
            std::allocator_traits<allocator>::deallocate(from, this, 1);
        }

        Handler handler;
    };

    struct destroyer
    {
        void operator()(target_base* t) const noexcept { t->destroy(); }
    };

    net::any_io_executor executor_;
    net::cancellation_slot slot_;
    std::unique_ptr<target_base, destroyer> target_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_OP_MEMORY_HPP
#define VIADUCT_DETAIL_OP_MEMORY_HPP

#include <viaduct/detail/config.hpp>

#include <array>
#include <cstddef>
#include <new>

namespace viaduct::detail {

/// Memory for one pending call, inside of what waits for it: a call costs no allocation, and no more than it
/// needs.
/** Asio keeps a few freed blocks a thread, of any size; with thousands of calls pending they are none, or too
 * large. */
class op_memory
{
public:
    op_memory() = default;
    op_memory(op_memory const&) = delete;
    op_memory& operator=(op_memory const&) = delete;

    [[nodiscard]] void* allocate(std::size_t size)
    {
        if (used_ || size > octets_.size()) return ::operator new(size);
        used_ = true;
        return octets_.data();
    }

    void deallocate(void* memory) noexcept
    {
        if (memory == octets_.data())
            used_ = false;
        else
            ::operator delete(memory);
    }

private:
    /// On 64 bits; with an executor of its own a call is larger. Boost's error codes are, too.
    static constexpr std::size_t wait_on_socket = 120 + sizeof(error_code);

    alignas(std::max_align_t) std::array<std::byte, wait_on_socket> octets_;
    bool used_ = false;
};

/// The allocator of a step that has such memory.
template <class T>
class op_allocator
{
public:
    using value_type = T;

    explicit op_allocator(op_memory& memory) noexcept : memory_{&memory} {}
    template <class U>
    op_allocator(op_allocator<U> const& other) noexcept : memory_{other.memory_}
    {}

    [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(memory_->allocate(n * sizeof(T))); }
    void deallocate(T* p, std::size_t) noexcept { memory_->deallocate(p); }

    template <class U>
    [[nodiscard]] bool operator==(op_allocator<U> const& other) const noexcept
    {
        return memory_ == other.memory_;
    }

private:
    template <class>
    friend class op_allocator;

    op_memory* memory_;
};

/// A step that has memory in the operation; the user's allocator has given it with the block.
template <class Step>
struct own_memory
{
    using allocator_type = op_allocator<void>;

    [[nodiscard]] allocator_type get_allocator() const noexcept
    {
        return allocator_type{static_cast<Step const*>(this)->memory()};
    }
};

struct no_own_memory
{};

template <class Implementation, class Tag>
concept has_memory_for = requires(Implementation& implementation)
{
    implementation.memory(Tag{});
};

} // namespace viaduct::detail

#endif

#include <viaduct/detail/op_memory.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>

using viaduct::detail::op_allocator;
using viaduct::detail::op_memory;

namespace {

[[nodiscard]] bool is_inside(op_memory const& memory, void const* p)
{
    auto const* const from = reinterpret_cast<char const*>(&memory);
    auto const* const at = static_cast<char const*>(p);
    return at >= from && at < from + sizeof(memory);
}

} // namespace

TEST_CASE("op memory: one call at a time is inside, and every further one on the heap")
{
    op_memory memory;
    void* const first = memory.allocate(100);
    void* const second = memory.allocate(100);
    CHECK(is_inside(memory, first));
    CHECK_FALSE(is_inside(memory, second));
    std::memset(first, 1, 100);
    std::memset(second, 2, 100);
    memory.deallocate(second);
    memory.deallocate(first);
    void* const again = memory.allocate(136);
    CHECK(again == first);
    memory.deallocate(again);
}

TEST_CASE("op memory: a call that is too large goes to the heap, and leaves the memory to the next")
{
    op_memory memory;
    void* const large = memory.allocate(10'000);
    void* const small = memory.allocate(1);
    CHECK_FALSE(is_inside(memory, large));
    CHECK(is_inside(memory, small));
    memory.deallocate(large);
    memory.deallocate(small);
}

TEST_CASE("op memory: is aligned for anything")
{
    op_memory memory;
    void* const p = memory.allocate(8);
    CHECK(reinterpret_cast<std::uintptr_t>(p) % alignof(std::max_align_t) == 0);
    memory.deallocate(p);
}

TEST_CASE("op allocator: counts in its type, and is equal to those of the same memory")
{
    op_memory one;
    op_memory other;
    op_allocator<int> const ints{one};
    op_allocator<double> doubles{ints};
    CHECK(doubles == ints);
    CHECK_FALSE(doubles == op_allocator<double>{other});
    double* const inside = doubles.allocate(17); // 136 octets: a wait on a socket
    CHECK(is_inside(one, inside));
    doubles.deallocate(inside, 17);
    double* const outside = doubles.allocate(20); // more than there is with either Asio
    CHECK_FALSE(is_inside(one, outside));
    doubles.deallocate(outside, 20);
}

#ifndef VIADUCT_TESTS_BENCH_ALLOCATIONS_HPP
#define VIADUCT_TESTS_BENCH_ALLOCATIONS_HPP

#include <cstdint>

namespace bench {

/// What the whole process has asked of the heap.
struct heap_use
{
    std::uint64_t calls = 0;  ///< of malloc and its like; operator new is among them
    std::uint64_t octets = 0; ///< as asked for
};

/// So far. Whoever links this has a malloc that counts, whichever library calls it.
[[nodiscard]] heap_use heap_so_far() noexcept;

} // namespace bench

#endif

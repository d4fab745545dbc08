#ifndef VIADUCT_TESTS_COUNT_ALLOCATIONS_HPP
#define VIADUCT_TESTS_COUNT_ALLOCATIONS_HPP

// Include it in the one source file of a test program that counts allocations: it replaces the functions that
// make them. Those of Asio's recycling are counted as well, which takes aligned memory from the C library.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

/// How many allocations this program has made so far.
static std::size_t allocations = 0;

/// The test may have threads that allocate at the same time.
static void count_allocation() noexcept
{
    std::atomic_ref{allocations}.fetch_add(1, std::memory_order_relaxed);
}

void* operator new(std::size_t size)
{
    count_allocation();
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    count_allocation();
    void* memory = nullptr;
    return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

#endif

#include "allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

// The functions of malloc(3), counted. A program's own come before the C library's, for the shared libraries
// too; these are in front of glibc's, which have another name as well. What is freed is not counted, so free
// stays glibc's.

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<std::uint64_t> calls;
std::atomic<std::uint64_t> octets;

/// No locked instruction, whose cost would count: what is measured has one thread.
void add(std::atomic<std::uint64_t>& to, std::uint64_t n) noexcept
{
    to.store(to.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

void count(std::size_t size) noexcept
{
    add(calls, 1);
    add(octets, size);
}

} // namespace

extern "C" {

void* malloc(std::size_t size) noexcept
{
    count(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t n, std::size_t size) noexcept
{
    count(n * size);
    return __libc_calloc(n, size);
}

void* realloc(void* memory, std::size_t size) noexcept
{
    count(size);
    return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept
{
    count(size);
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    return memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept
{
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

} // extern "C"

bench::heap_use bench::heap_so_far() noexcept
{
    return {calls.load(std::memory_order_relaxed), octets.load(std::memory_order_relaxed)};
}

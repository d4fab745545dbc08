#include "relay_fixture.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

using namespace fixture;

// Every allocation of this program is counted, those of Asio's recycling included: it takes aligned memory
// from the C library.

namespace {

std::size_t allocations = 0;

[[nodiscard]] void* counted(std::size_t size)
{
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}

} // namespace

void* operator new(std::size_t size)
{
    return counted(size);
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
    ++allocations;
    void* memory = nullptr;
    return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace {

/// Sends a message there and waits for it with plain calls, so that what is counted is the relay's.
template <class Fixture>
void carry(Fixture& f, std::size_t size)
{
    std::array<char, 4096> sent{};
    std::array<char, 4096> received{};
    net::write(f.client, net::buffer(sent.data(), size));
    std::size_t arrived = 0;
    while (arrived < size) {
        f.context.restart();
        f.context.run_one();
        viaduct::error_code ec;
        f.origin.non_blocking(true);
        arrived += f.origin.read_some(net::buffer(received), ec);
    }
}

} // namespace

TEST_CASE("relay: a message between sockets costs no allocation, however many tunnels are open")
{
    relay_fixture<over_tcp, false> f;
    f.start();
    for (std::size_t size : {1U, 64U, 4096U})
        carry(f, size);
    auto const before = allocations;
    for (int i = 0; i < 100; ++i)
        carry(f, 64);
    CHECK(allocations == before);
}

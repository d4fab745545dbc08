#include <viaduct/detail/buffer_pool.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using viaduct::detail::pooled_buffer;

namespace {

thread_local pooled_buffer outlives_the_pool; // where it is used first, and so destroyed last

/// Each test has a pool of its own: that of a thread.
template <class Function>
void in_new_thread(Function f)
{
    std::thread{f}.join();
}

} // namespace

TEST_CASE("pooled buffer: nothing takes no memory, and a copy is a copy")
{
    CHECK(pooled_buffer{}.data() == nullptr);
    CHECK(pooled_buffer{0}.data() == nullptr);
    CHECK(pooled_buffer{std::string_view{}}.size() == 0);
    pooled_buffer const copy{std::string_view{"octets"}};
    CHECK(std::string(copy.data(), copy.size()) == "octets");
}

TEST_CASE("pooled buffer: memory that came back is used again, by all sizes of its class")
{
    in_new_thread([] {
        char const* first = nullptr;
        {
            pooled_buffer const b{3000};
            first = b.data();
        }
        pooled_buffer const again{4096};
        CHECK(again.data() == first);
        CHECK(again.size() == 4096);
        std::fill_n(again.data(), again.size(), 'x'); // all of it is there
        pooled_buffer const other{4096};
        CHECK(other.data() != first);
    });
}

TEST_CASE("pooled buffer: gives its old memory back before it takes new")
{
    in_new_thread([] {
        pooled_buffer b{5000};
        char const* const memory = b.data();
        b.resize(8000); // of the same class
        CHECK(b.data() == memory);
        CHECK(b.size() == 8000);
        b.resize(8000);
        CHECK(b.data() == memory);
        b.resize(0);
        CHECK(b.data() == nullptr);
    });
}

TEST_CASE("pooled buffer: moves, and leaves nothing behind")
{
    pooled_buffer a{std::string_view{"octets"}};
    char const* const memory = a.data();
    pooled_buffer b{std::move(a)};
    CHECK(b.data() == memory);
    CHECK(a.size() == 0); // NOLINT: what it is after a move is the question
    pooled_buffer c{100};
    c = std::move(b);
    CHECK(c.data() == memory);
    CHECK(b.size() == 0); // NOLINT
    CHECK(c.size() == 6);
}

TEST_CASE("pooled buffer: a thread keeps half a megabyte of each size, and no more")
{
    in_new_thread([] {
        std::size_t const size = 64 * 1024;
        std::vector<char const*> before;
        {
            std::vector<pooled_buffer> many;
            for (int i = 0; i < 100; ++i)
                before.push_back(many.emplace_back(size).data());
        }
        // Memory from the pool comes first; ask for no more than it may hold.
        std::size_t reused = 0;
        std::vector<pooled_buffer> again;
        for (int i = 0; i < 8; ++i)
            reused += static_cast<std::size_t>(
                std::count(before.begin(), before.end(), again.emplace_back(size).data()));
        CHECK(reused == 8);
    });
}

TEST_CASE("pooled buffer: sizes beyond the classes work, and are of exactly that size")
{
    for (std::size_t size : {128u * 1024, 128u * 1024 + 1, 1u << 20, (1u << 20) + 7}) {
        CAPTURE(size);
        pooled_buffer b{size};
        CHECK(b.size() == size);
        std::fill_n(b.data(), b.size(), 'x');
        pooled_buffer const other{std::move(b)};
        CHECK(other.size() == size);
    }
}

TEST_CASE("pooled buffer: may be given back by a thread that did not take it, or by one that is ending")
{
    in_new_thread([] {
        CHECK(outlives_the_pool.size() == 0);
        outlives_the_pool = pooled_buffer{1000};
    });
    pooled_buffer from_here{2000};
    in_new_thread([&] { pooled_buffer const taken = std::move(from_here); });
    CHECK(from_here.size() == 0); // NOLINT
}

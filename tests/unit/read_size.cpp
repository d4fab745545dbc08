#include <viaduct/relay/read_size.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>

using viaduct::read_size;

TEST_CASE("read size: is small while nothing is known, and grows by reads that fill it, up to the limit")
{
    read_size size{64 * 1024};
    CHECK(size.get() == 1024);
    for (std::size_t expected : {4096u, 16384u, 65536u, 65536u}) {
        size.on_read(size.get());
        CHECK(size.get() == expected);
    }
}

TEST_CASE("read size: stays for reads that need most of it, and shrinks by steps for those that do not")
{
    read_size size{64 * 1024};
    for (int i = 0; i < 3; ++i)
        size.on_read(size.get());
    size.on_read(65535);
    size.on_read(16384);
    CHECK(size.get() == 65536);
    for (std::size_t expected : {16384u, 4096u, 1024u, 1024u}) {
        size.on_read(1);
        CHECK(size.get() == expected);
    }
}

TEST_CASE("read size: a limit that is no step is reached, and left, all the same")
{
    read_size size{5000};
    size.on_read(1024);
    CHECK(size.get() == 4096);
    size.on_read(4096);
    CHECK(size.get() == 5000);
    size.on_read(5000);
    CHECK(size.get() == 5000);
    size.on_read(1);
    CHECK(size.get() == 1250);
    size.on_read(1);
    CHECK(size.get() == 1024);
}

TEST_CASE("read size: a limit below the least is the size at all times, and is never nothing")
{
    for (std::size_t limit : {0u, 1u, 2u, 1023u}) {
        CAPTURE(limit);
        read_size size{limit};
        std::size_t const expected = limit == 0 ? 1 : limit;
        CHECK(size.get() == expected);
        size.on_read(size.get());
        CHECK(size.get() == expected);
        size.on_read(0);
        CHECK(size.get() == expected);
    }
}

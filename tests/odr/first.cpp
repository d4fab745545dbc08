#include <viaduct/viaduct.hpp>

#include <cstdio>

viaduct::error_category const* category_of_the_second();
std::size_t tunnels_of_the_second();

namespace {

/// A whole proxy: everything that has a body somewhere must be found by the linker.
std::size_t tunnels_of_the_first()
{
    viaduct::net::io_context context;
    viaduct::worker_pool const pool{context, 1, {}};
    return pool.active();
}

} // namespace

int main()
{
    bool const same = category_of_the_second() == &viaduct::viaduct_category();
    bool const both_link = tunnels_of_the_first() == tunnels_of_the_second();
    std::printf("1..2\n%s 1 - both translation units see one library\n", same ? "ok" : "not ok");
    std::printf("%s 2 - both can make a proxy and a dialer\n", both_link ? "ok" : "not ok");
    return same && both_link ? 0 : 1;
}

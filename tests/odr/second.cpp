#include <viaduct/viaduct.hpp>

viaduct::error_category const* category_of_the_second();
std::size_t tunnels_of_the_second();

viaduct::error_category const* category_of_the_second()
{
    return &viaduct::viaduct_category();
}

std::size_t tunnels_of_the_second()
{
    viaduct::net::io_context context;
    viaduct::dialer const dialer{context.get_executor()};
    viaduct::service const proxy{context.get_executor(), {}};
    return proxy.active();
}

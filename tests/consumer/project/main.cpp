// What another project compiles: little, but something of the headers, of the library and of the Asio in use.
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/net/address_order.hpp>
#include <viaduct/version.hpp>

#include <iostream>

#if defined(VIADUCT_SEPARATE_COMPILATION)
constexpr char mode[] = "compiled";
#else
constexpr char mode[] = "header-only";
#endif

int main()
{
    namespace ip = viaduct::net::ip;
    ip::tcp::endpoint const v4{ip::address_v4::loopback(), 1};
    ip::tcp::endpoint const v6{ip::address_v6::loopback(), 1};
    viaduct::error_code ec;
    auto const url = viaduct::parse_proxy_url("http://proxy.example", 3128, ec);
    if (ec || !url || viaduct::interleave_families({v6, v6, v4}).at(1) != v4) return 1;
    std::cout << viaduct::version << ' ' << mode << '\n';
}

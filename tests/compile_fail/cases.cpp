// What the types forbid: with CASE 0 this compiles, with each other number it must not.

#include <viaduct/relay/relay.hpp>
#include <viaduct/server/acceptor.hpp>

#include <string>

using viaduct::net::ip::tcp;

[[maybe_unused]] static void good(tcp::socket& a, tcp::socket& b, viaduct::acceptor& source)
{
    viaduct::async_relay(a, b, {}, [](viaduct::error_code, viaduct::relay_result const&) {});
    source.async_accept([](viaduct::error_code, viaduct::request) {});
    [[maybe_unused]] viaduct::authority const target{"a.example", 443};
}

#if CASE == 1 // a handler that does not take what the operation gives
void bad(tcp::socket& a, tcp::socket& b)
{
    viaduct::async_relay(a, b, {}, [](std::string) {});
}
#elif CASE == 2 // a relay between things that are no streams
void bad(int a, int b)
{
    viaduct::async_relay(a, b, {}, [](viaduct::error_code, viaduct::relay_result const&) {});
}
#elif CASE == 3 // a target that nobody has checked
void bad()
{
    viaduct::authority target;
}
#elif CASE == 4 // one request, answered by two owners
void bad(viaduct::request const& one)
{
    viaduct::request two = one;
}
#elif CASE == 5 // an acceptor's handler that forgets the request
void bad(viaduct::acceptor& source)
{
    source.async_accept([](viaduct::error_code) {});
}
#elif CASE == 6 // text taken for an error of the library
viaduct::error_code bad()
{
    return "head_timeout";
}
#endif

#include "relay_fixture.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <ostream>
#include <string>

using namespace fixture;
using viaduct::relay_end;

namespace {

std::sig_atomic_t volatile sigpipes = 0;

extern "C" void count_sigpipe(int)
{
    sigpipes = sigpipes + 1;
}

} // namespace

TEST_CASE_TEMPLATE("relay: a destination that breaks raises no SIGPIPE, whatever the program does about it",
                   fix, relay_fixture<over_tcp, false>, relay_fixture<over_tcp, true>)
{
    auto const before = std::signal(SIGPIPE, count_sigpipe);
    fix f;
    f.start();
    f.end_sending(
        f.origin); // a connection that has been half-closed breaks with a broken pipe, not with a reset
    f.send(f.client, std::string(64 << 20, 'x'));
    std::string taken(1 << 16, '\0');
    std::size_t count = 0;
    auto const read = [&](auto again) -> void {
        f.origin.async_read_some(net::buffer(taken), [&, again](viaduct::error_code ec, std::size_t n) {
            count += n;
            if (!ec && count < std::size_t{8} << 20) again(again); // by then it is bulk
        });
    };
    read(read);
    REQUIRE(f.run_until([&] { return count >= std::size_t{8} << 20; }));
    viaduct::error_code ignored;
    f.origin.set_option(net::socket_base::linger{true, 0}, ignored);
    f.origin.close(ignored);
    REQUIRE(f.run_to_end());
    CHECK(f.result.end == relay_end::reset);
    CHECK(sigpipes == 0);
    std::signal(SIGPIPE, before);
}

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/reserve_descriptor.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace net = viaduct::net;
using net::ip::tcp;
using viaduct::error_code;
using viaduct::detail::reserve_descriptor;

namespace {

/// Runs something in a process of its own, as it spoils this one for others; its result, or 99 if it died.
template <class Work>
int in_child(Work work)
{
    auto const child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return 99;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

std::vector<int> take_all_descriptors()
{
    rlimit const few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
    std::vector<int> all;
    for (int one = ::dup(0); one >= 0; one = ::dup(0))
        all.push_back(one);
    return all;
}

/// A listener with clients in its queue, in a process that has no descriptor left; returns the line of the
/// first expectation that fails.
int accept_without_descriptors()
{
    net::io_context context;
    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    tcp::socket first{context};
    tcp::socket second{context};
    first.connect(listener.local_endpoint());
    second.connect(listener.local_endpoint());
    reserve_descriptor reserve;
    take_all_descriptors();

    error_code ec;
    tcp::socket refused{context};
    listener.accept(refused, ec);
    if (!reserve_descriptor::helps(ec)) return __LINE__ % 90;
    for (auto* client : {&first, &second}) { // again and again: it is reclaimed each time
        bool const lent = reserve.lend([&] {
            tcp::socket taken{context};
            listener.accept(taken, ec);
            if (!ec) net::write(taken, net::buffer("503", 3), ec);
        });
        if (!lent || ec) return __LINE__ % 90;
        char answer[4] = {};
        if (client->read_some(net::buffer(answer), ec) != 3 || ec) return __LINE__ % 90;
        if (client->read_some(net::buffer(answer), ec) != 0 || ec != net::error::eof) return __LINE__ % 90;
    }
    if (::dup(0) >= 0) return __LINE__ % 90; // it does not lie open meanwhile
    return 0;
}

/// The descriptor is lost while it is lent, and comes back when there is one.
int lose_the_descriptor()
{
    reserve_descriptor reserve;
    auto others = take_all_descriptors();
    int thief = -1;
    if (!reserve.lend([&] { thief = ::dup(0); }) || thief < 0) return __LINE__ % 90;
    bool called = false;
    if (reserve.lend([&] { called = true; }) || called) return __LINE__ % 90;
    ::close(thief);
    if (!reserve.lend([&] { called = true; }) || !called) return __LINE__ % 90;
    try {
        reserve.lend([] { throw std::runtime_error{"it goes wrong"}; });
        return __LINE__ % 90;
    } catch (std::runtime_error const&) {
    }
    return ::dup(0) < 0 ? 0 : __LINE__ % 90;
}

} // namespace

TEST_CASE("reserve descriptor: without any other, clients can be taken from the queue and told so")
{
    CHECK(in_child(accept_without_descriptors) == 0);
}

TEST_CASE("reserve descriptor: one that was lost meanwhile is taken again later")
{
    CHECK(in_child(lose_the_descriptor) == 0);
}

TEST_CASE("reserve descriptor: it helps against the want of descriptors, and nothing else")
{
    auto const& system = net::error::get_system_category();
    CHECK(reserve_descriptor::helps(error_code{EMFILE, system}));
    CHECK(reserve_descriptor::helps(error_code{ENFILE, system}));
    CHECK_FALSE(reserve_descriptor::helps(error_code{ENOMEM, system}));
    CHECK_FALSE(reserve_descriptor::helps(error_code{}));
}

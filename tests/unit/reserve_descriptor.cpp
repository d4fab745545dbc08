#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/reserve_descriptor.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cerrno>
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

/// An exit status that tells a line, and is never zero.
constexpr int at(int line)
{
    return 1 + line % 98;
}

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
/// first expectation that fails. The system is called directly: what watches a program for mistakes may need
/// descriptors of its own.
int accept_without_descriptors()
{
    net::io_context context;
    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    tcp::socket first{context};
    tcp::socket second{context};
    first.connect(listener.local_endpoint());
    second.connect(listener.local_endpoint());
    auto const queue = listener.native_handle();
    reserve_descriptor reserve;
    take_all_descriptors();

    if (::accept(queue, nullptr, nullptr) >= 0 || errno != EMFILE) return at(__LINE__);
    for (auto const client : {first.native_handle(), second.native_handle()}) { // it is reclaimed each time
        bool told = false;
        bool const lent = reserve.lend([&] {
            int const taken = ::accept(queue, nullptr, nullptr);
            told = taken >= 0 && ::send(taken, "503", 3, MSG_NOSIGNAL) == 3 && ::close(taken) == 0;
        });
        if (!lent || !told) return at(__LINE__);
        char answer[4] = {};
        if (::recv(client, answer, sizeof answer, MSG_WAITALL) != 3) return at(__LINE__); // and then the end
    }
    if (::dup(0) >= 0) return at(__LINE__); // it does not lie open meanwhile
    return 0;
}

/// The descriptor is lost while it is lent, and comes back when there is one.
int lose_the_descriptor()
{
    reserve_descriptor reserve;
    auto others = take_all_descriptors();
    int thief = -1;
    if (!reserve.lend([&] { thief = ::dup(0); }) || thief < 0) return at(__LINE__);
    bool called = false;
    if (reserve.lend([&] { called = true; }) || called) return at(__LINE__);
    ::close(thief);
    if (!reserve.lend([&] { called = true; }) || !called) return at(__LINE__);
    try {
        reserve.lend([] { throw std::runtime_error{"it goes wrong"}; });
        return at(__LINE__);
    } catch (std::runtime_error const&) {
    }
    return ::dup(0) < 0 ? 0 : at(__LINE__);
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

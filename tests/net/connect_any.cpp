#include "event_loop.hpp"
#include <viaduct/net/connect_any.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <netinet/in.h>
#include <ostream>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::async_connect_any;
using viaduct::errc;
using viaduct::error_code;
using tcp = viaduct::net::ip::tcp;

namespace {

constexpr viaduct::connect_clocks patient{.attempt = 1h, .total = 1h, .stagger = 1h};
constexpr viaduct::connect_clocks quick{.attempt = 1h, .total = 1h, .stagger = 1ms};

/// Leaves the process so many descriptors, and no more.
class descriptor_limit
{
public:
    explicit descriptor_limit(std::size_t left)
    {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        int const any = STDOUT_FILENO; // which a test has
        auto few = before_;
        few.rlim_cur = 100;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
        for (int taken = ::dup(any); taken != -1; taken = ::dup(any))
            taken_.push_back(taken);
        for (; left != 0; --left, taken_.pop_back())
            ::close(taken_.back());
    }
    descriptor_limit(descriptor_limit const&) = delete;
    descriptor_limit& operator=(descriptor_limit const&) = delete;
    ~descriptor_limit()
    {
        for (int const taken : taken_)
            ::close(taken);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }

private:
    ::rlimit before_{};
    std::vector<int> taken_;
};

/// Writes down what it hears.
struct attempt_log : viaduct::connect_listener
{
    void on_attempt(tcp::endpoint const& endpoint) noexcept override { begun.push_back(endpoint); }
    void on_failed(tcp::endpoint const& endpoint, error_code ec) noexcept override
    {
        failed.push_back(endpoint);
        last_error = ec;
    }

    std::vector<tcp::endpoint> begun;
    std::vector<tcp::endpoint> failed;
    error_code last_error;
};

/// Listeners of every kind, and a socket that wants to be connected.
struct connect_fixture : event_loop
{
    void start(std::vector<tcp::endpoint> where, viaduct::connect_clocks clocks = {})
    {
        async_connect_any(socket, std::move(where), clocks, &log, end.handler());
    }
    error_code run(std::vector<tcp::endpoint> where, viaduct::connect_clocks clocks = {})
    {
        start(std::move(where), clocks);
        CHECK(end.calls == 0);
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(socket.is_open() == !end.error);
        return end.error;
    }

    [[nodiscard]] tcp::endpoint good() const { return listener.local_endpoint(); }

    /// Where nobody listens.
    [[nodiscard]] tcp::endpoint refusing()
    {
        tcp::acceptor gone{context, {net::ip::address_v4::loopback(), 0}};
        return gone.local_endpoint();
    }

    /// A listener whose queue is full, so that nothing answers there.
    [[nodiscard]] tcp::endpoint silent()
    {
        full.open(tcp::v4());
        full.bind({net::ip::address_v4::loopback(), 0});
        full.listen(0);
        for (int i = 0; i < 3; ++i) {
            auto& filler = fillers.emplace_back(context);
            filler.async_connect(full.local_endpoint(), [](error_code) {});
        }
        return full.local_endpoint();
    }

    tcp::acceptor listener{context, {net::ip::address_v4::loopback(), 0}};
    tcp::acceptor full{context};
    std::vector<tcp::socket> fillers;
    tcp::socket socket{context};
    attempt_log log;
    completion<tcp::endpoint> end;
};

} // namespace

TEST_CASE("connect any: the first address that answers is taken")
{
    connect_fixture f;
    auto const second = f.refusing();
    CHECK_FALSE(f.run({f.good(), second}));
    CHECK(f.end.value() == f.good());
    CHECK(f.socket.remote_endpoint() == f.good());
}

TEST_CASE("connect any: an address that refuses is no reason to give up")
{
    connect_fixture f;
    CHECK_FALSE(f.run({f.refusing(), f.refusing(), f.good()}, patient)); // nor to wait
    CHECK(f.end.value() == f.good());
}

TEST_CASE("connect any: where all refuse, the last failure and its address are told")
{
    connect_fixture f;
    auto const first = f.refusing();
    auto const last = f.refusing();
    CHECK(f.run({first, last}) == net::error::connection_refused);
    CHECK(f.end.value() == last);
}

TEST_CASE("connect any: without any address there is nothing to connect to")
{
    connect_fixture f;
    CHECK(f.run({}) == net::error::not_found);
    CHECK(f.end.value() == tcp::endpoint{});
}

TEST_CASE("connect any: an address that does not answer costs its own time, and then the next is tried")
{
    connect_fixture f;
    auto const dead = f.silent();
    CHECK_FALSE(f.run({dead, f.good()}, {.attempt = 30ms, .stagger = 0ms}));
    CHECK(f.end.value() == f.good());
}

TEST_CASE("connect any: the time for all of them together ends it")
{
    connect_fixture f;
    auto const dead = f.silent();
    CHECK(f.run({dead, dead, dead}, {.attempt = 1h, .total = 30ms}) == errc::connect_timeout);
    CHECK(f.end.value() == dead);
}

TEST_CASE("connect any: zero switches a clock off")
{
    connect_fixture f;
    CHECK_FALSE(f.run({f.refusing(), f.good()}, {.attempt = 0ms, .total = 0ms, .stagger = 0ms}));
}

TEST_CASE("connect any: a cancellation of any type closes the socket, whichever address is being tried")
{
    for (auto const type : every_cancellation) {
        connect_fixture f;
        auto const dead = f.silent();
        f.start({f.refusing(), dead, f.good()}, patient);
        f.run_steps(type == net::cancellation_type::partial ? 0 : 5, [&] { return f.end.done(); });
        f.end.cancel.emit(type);
        REQUIRE(f.run_until([&] { return f.end.done(); }));
        CHECK(f.end.error == net::error::operation_aborted);
        CHECK_FALSE(f.socket.is_open());
    }
}

TEST_CASE("connect any: an address that does not answer is overtaken by one that does")
{
    connect_fixture f;
    auto const dead = f.silent();
    auto const before = open_descriptors();
    CHECK_FALSE(f.run({dead, dead, f.good(), dead}, {.attempt = 1h, .total = 1h}));
    CHECK(f.end.value() == f.good());
    CHECK(f.socket.remote_endpoint() == f.good());
    CHECK(open_descriptors() == before + 1);
    f.context.restart();
    CHECK(f.context.poll() == 0); // the others have ended
}

TEST_CASE("connect any: the socket that has overtaken the caller's takes its place, and works")
{
    connect_fixture f;
    CHECK_FALSE(f.run({f.silent(), f.good()}, quick));
    auto far = f.listener.accept();
    net::write(f.socket, net::buffer("hello", 5));
    std::array<char, 5> got{};
    auto const size = far.read_some(net::buffer(got));
    CHECK(std::string(got.data(), size) == "hello");
}

TEST_CASE("connect any: the families take turns")
{
    connect_fixture f;
    error_code no_ipv6;
    tcp::acceptor listener{f.context};
    listener.open(tcp::v6(), no_ipv6);
    if (!no_ipv6) listener.bind({net::ip::address_v6::loopback(), 0}, no_ipv6);
    if (no_ipv6) return; // such machines exist
    listener.listen();
    auto const there = listener.local_endpoint();
    CHECK_FALSE(f.run({f.refusing(), f.silent(), there}, patient)); // or it would wait for the silent one
    CHECK(f.end.value() == there);
    CHECK(f.socket.local_endpoint().address().is_v6());
}

TEST_CASE("connect any: both families may be in the race, and an IPv6 attempt be overtaken by IPv4")
{
    connect_fixture f;
    tcp::endpoint const nowhere{net::ip::address_v6::loopback(), f.refusing().port()}; // refused, or no IPv6
    CHECK_FALSE(f.run({nowhere, f.silent(), f.good()}, quick));
    CHECK(f.end.value() == f.good());
    CHECK(f.log.begun.front() == nowhere);
}

TEST_CASE("connect any: an attempt that fails before it has begun is a failed attempt")
{
    connect_fixture f;
    tcp::endpoint const broadcast{net::ip::address_v4::broadcast(), 9}; // the system refuses at once
    CHECK_FALSE(f.run({broadcast, f.good()}, patient));
    CHECK(f.end.value() == f.good());
    CHECK(f.log.failed == std::vector{broadcast});
}

TEST_CASE("connect any: without a descriptor to be had, an attempt fails, and those under way go on")
{
    connect_fixture f;
    auto const dead = f.silent();
    {
        descriptor_limit const none{0};
        CHECK(f.run({f.good()}) == net::error::no_descriptors);
    }
    connect_fixture g;
    descriptor_limit const one{1};
    CHECK(g.run({dead, g.good()}, {.attempt = 100ms, .stagger = 1ms}) == errc::connect_timeout);
    CHECK(g.log.failed == std::vector{g.good(), dead});
}

TEST_CASE("connect any: a listener hears of each attempt, and of each failure, but not of those overtaken")
{
    connect_fixture f;
    auto const refusing = f.refusing();
    auto const dead = f.silent();
    CHECK_FALSE(f.run({refusing, dead, f.good()}, quick));
    CHECK(f.log.begun == std::vector{refusing, dead, f.good()});
    CHECK(f.log.failed == std::vector{refusing});
    CHECK(f.log.last_error == net::error::connection_refused);

    connect_fixture g;
    CHECK(g.run({dead}, {.attempt = 5ms}) == errc::connect_timeout);
    CHECK(g.log.failed == std::vector{dead});
    CHECK(g.log.last_error == errc::connect_timeout);
}

TEST_CASE("connect any: a socket that somebody closes ends it as a cancellation does")
{
    connect_fixture f;
    f.start({f.silent(), f.good()}, patient);
    f.run_steps(1, [&] { return f.end.done(); });
    f.socket.close();
    REQUIRE(f.run_until([&] { return f.end.done(); }));
    CHECK(f.end.error == net::error::operation_aborted);
}

TEST_CASE("connect any: a cancellation at any moment leaves no descriptor open")
{
    bool over = false;
    for (std::size_t steps = 0; !over && steps < 50; ++steps) {
        INFO(steps);
        connect_fixture f;
        auto const dead = f.silent();
        auto const refusing = f.refusing();
        auto const before = open_descriptors();
        f.start({dead, refusing, dead, f.good(), dead}, quick);
        f.run_steps(steps, [&] { return f.end.done(); });
        over = f.end.done();
        if (over) break;
        f.end.cancel.emit(net::cancellation_type::terminal);
        f.end.cancel.emit(net::cancellation_type::terminal); // a second one does no harm
        REQUIRE(f.run_until([&] { return f.end.done(); }));
        CHECK(f.end.error == net::error::operation_aborted);
        CHECK_FALSE(f.socket.is_open());
        CHECK(open_descriptors() == before);
    }
    CHECK(over); // every moment there is has been tried
}

TEST_CASE("connect any: what has connected when the cancellation comes is closed all the same")
{
    for (bool const overtaken : {false, true}) {
        connect_fixture f;
        auto const dead = f.silent();
        auto const before = open_descriptors();
        f.start(overtaken ? std::vector{dead, f.good()} : std::vector{f.good()}, quick);
        tcp::socket far{f.context};
        bool connected = false;
        f.listener.non_blocking(true);
        while (!connected) { // the other side has it before the handler of this one has run
            f.run_steps(1, [&] { return f.end.done(); });
            error_code ec;
            f.listener.accept(far, ec);
            connected = !ec;
        }
        REQUIRE_FALSE(f.end.done());
        f.end.cancel.emit(net::cancellation_type::total);
        REQUIRE(f.run_until([&] { return f.end.done(); }));
        CHECK(f.end.error == net::error::operation_aborted);
        far.close();
        CHECK(open_descriptors() == before);
    }
}

TEST_CASE("connect any: a context that is destroyed takes the attempts under way with it")
{
    connect_fixture target;
    auto const dead = target.silent();
    auto const before = open_descriptors();
    auto f = std::make_unique<connect_fixture>();
    f->start({dead, dead, dead}, quick);
    REQUIRE(f->run_until([&] { return f->log.begun.size() == 3; }));
    auto const calls = f->end.calls;
    f.reset();
    CHECK(calls == 0);
    CHECK(open_descriptors() == before);
}

namespace {

/// Connects to a listener on this machine with what is given.
struct outgoing_fixture : connect_fixture
{
    error_code leave(viaduct::outgoing_socket const& from)
    {
        async_connect_any(socket, {good()}, patient, from, &log, end.handler());
        CHECK(end.calls == 0);
        REQUIRE(run_until([&] { return end.done(); }));
        return end.error;
    }

    [[nodiscard]] int option(int level, int name)
    {
        int value = -1;
        ::socklen_t size = sizeof value;
        CHECK(::getsockopt(socket.native_handle(), level, name, &value, &size) == 0);
        return value;
    }
};

auto const second_loopback = net::ip::make_address_v4("127.0.0.2");

} // namespace

TEST_CASE("connect any: a connection leaves with the address and the marks that it is given")
{
    outgoing_fixture f;
    REQUIRE_FALSE(f.leave({.address_v4 = second_loopback, .tos = std::uint8_t{0x48}}));
    CHECK(f.listener.accept().remote_endpoint().address() == second_loopback);
    CHECK(f.option(IPPROTO_IP, IP_TOS) == 0x48);
}

TEST_CASE("connect any: an address of the other family is none of its business")
{
    outgoing_fixture f;
    REQUIRE_FALSE(f.leave({.address_v6 = net::ip::make_address_v6("2001:db8::1")}));
    CHECK(f.listener.accept().remote_endpoint().address() == net::ip::address_v4::loopback());
}

TEST_CASE("connect any: what it cannot leave with is why an attempt fails")
{
    outgoing_fixture f;
    CHECK(f.leave({.address_v4 = net::ip::make_address_v4("192.0.2.1")}) ==
          error_code{EADDRNOTAVAIL, net::error::get_system_category()});
    CHECK_FALSE(f.socket.is_open());
    CHECK(f.log.begun.size() == 1);
    CHECK(f.log.failed == f.log.begun);
    outgoing_fixture marked; // only for those who may
    auto const ec = marked.leave({.mark = 0xfedcba98U});
    if (ec)
        CHECK(ec == error_code{EPERM, net::error::get_system_category()});
    else
        CHECK(static_cast<unsigned>(marked.option(SOL_SOCKET, SO_MARK)) == 0xfedcba98U);
}

#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/net/exact_read.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <string_view>

using namespace fixture;
using viaduct::action;
using viaduct::errc;
using viaduct::error_code;

namespace {

/// Reads one line, in pieces that are smaller than it.
class line_rule
{
public:
    action resume(error_code ec, std::size_t n)
    {
        if (ec) return action::done(ec);
        if (std::exchange(started_, true) && n == 0) return action::done(errc::proxy_closed);
        auto const got = std::string_view{memory_.data(), n};
        auto const lf = got.find('\n');
        auto const taken = lf == std::string_view::npos ? n : lf + 1;
        surplus_ = n - taken;
        line += got.substr(0, taken);
        return lf == std::string_view::npos ? action::read(memory_) : action::done();
    }

    [[nodiscard]] std::size_t surplus() const { return surplus_; }

    std::string line;

private:
    bool started_ = false;
    std::size_t surplus_ = 0;
    std::array<char, 7> memory_{};
};

/// Sockets whose protocol is only known at run time.
struct over_generic
{
    static auto pair(net::any_io_executor executor)
    {
        using socket = net::generic::stream_protocol::socket;
        auto [near, far] = over_tcp::pair(executor);
        return std::pair<socket, socket>{std::move(near), std::move(far)};
    }
};

} // namespace

TEST_CASE_TEMPLATE("exact read: what lies behind the line stays in the stream", kind, over_tcp, over_local,
                   over_generic, over_memory)
{
    std::string const text = "the first line is longer than one piece\nand this is for somebody else";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        event_loop loop;
        auto [near, far] = kind::pair(loop.executor());
        line_rule rule;
        completion<> end;
        viaduct::detail::async_run_rule(near, rule, viaduct::detail::start_rule(near, rule), end.handler());
        send(far, text.substr(0, cut));
        loop.run_steps(5, [&] { return end.done(); }); // part of it arrives while the rule waits
        send(far, text.substr(cut));
        REQUIRE(loop.run_until([&] { return end.done(); }));
        CHECK_FALSE(end.error);
        CHECK(rule.line == text.substr(0, 40));
        collector rest{near};
        REQUIRE(loop.run_until([&] { return rest.text.size() == text.size() - 40; }));
        CHECK(rest.text == text.substr(40));
    }
}

TEST_CASE_TEMPLATE("exact read: the end of a stream is a read of nothing, a reset is an error", kind,
                   over_tcp, over_local, over_memory)
{
    for (bool const reset : {false, true}) {
        if (reset && std::is_same_v<kind, over_local>) continue; // these know no reset
        event_loop loop;
        auto [near, far] = kind::pair(loop.executor());
        line_rule rule;
        completion<> end;
        viaduct::detail::async_run_rule(near, rule, viaduct::detail::start_rule(near, rule), end.handler());
        error_code ignored;
        if (reset) far.set_option(net::socket_base::linger{true, 0}, ignored);
        far.close(ignored);
        REQUIRE(loop.run_until([&] { return end.done(); }));
        CHECK(end.error ==
              (reset ? error_code{net::error::connection_reset} : error_code{errc::proxy_closed}));
    }
}

TEST_CASE_TEMPLATE("exact read: a rule that waits can be cancelled, and nothing has been taken", kind,
                   over_tcp, over_memory)
{
    for (auto const type : every_cancellation) {
        event_loop loop;
        auto [near, far] = kind::pair(loop.executor());
        line_rule rule;
        completion<> end;
        viaduct::detail::async_run_rule(near, rule, viaduct::detail::start_rule(near, rule), end.handler());
        net::post(loop.context, [&] { end.cancel.emit(type); });
        REQUIRE(loop.run_until([&] { return end.done(); }));
        CHECK(end.error == net::error::operation_aborted);
        send(far, "whole line\n");
        collector rest{near};
        REQUIRE(loop.run_until([&] { return rest.text == "whole line\n"; }));
    }
}

TEST_CASE_TEMPLATE("exact read: the blocking form does the same", kind, over_tcp, over_local)
{
    event_loop loop;
    auto [near, far] = kind::pair(loop.executor());
    std::string const text = "a line in several pieces\nrest";
    net::write(far, net::buffer(text));
    line_rule rule;
    CHECK_FALSE(viaduct::detail::run_rule(near, rule));
    CHECK(rule.line == "a line in several pieces\n");
    std::array<char, 10> memory{};
    CHECK(near.read_some(net::buffer(memory)) == 4);

    far.close();
    line_rule another;
    CHECK(viaduct::detail::run_rule(near, another) == errc::proxy_closed);
}

TEST_CASE("exact read: taking more than a system call takes at once")
{
    event_loop loop;
    auto [near, far] = over_tcp::pair(loop.executor());
    std::string const text(5000, 'x');
    net::write(far, net::buffer(text + "rest"));
    using exact = viaduct::exact_read<net::ip::tcp::socket>;
    exact::take(near, text.size());
    std::array<char, 10> memory{};
    CHECK(near.read_some(net::buffer(memory)) == 4);

    error_code ec;
    CHECK(exact::look(near, memory, 0, ec) == 0); // never waits, whatever the mode of the socket
    CHECK(ec == net::error::would_block);
}

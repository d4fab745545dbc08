#include "log_receivers.hpp"
#include <viaduct/log/journald_line_sink.hpp> // the headers are self-contained
#include <viaduct/log/tcp_line_sink.hpp>
#include <viaduct/log/udp_line_sink.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <ostream>
#include <string>

using namespace log_receivers;
using namespace std::literals;
using viaduct::journald_line_sink;
using viaduct::journald_options;
using viaduct::tcp_line_options;
using viaduct::tcp_line_sink;
using viaduct::udp_line_options;
using viaduct::udp_line_sink;

namespace {

udp_line_options udp_options(udp_receiver const& receiver)
{
    udp_line_options options;
    options.host = "127.0.0.1";
    options.port = port_of(receiver.socket());
    return options;
}

tcp_line_options tcp_options(descriptor const& receiver)
{
    tcp_line_options options;
    options.host = "127.0.0.1";
    options.port = port_of(receiver);
    options.reconnect_pause = 1ms;
    return options;
}

std::string numbered(int number)
{
    return "line " + std::to_string(number) + " of many, and so long that a few of them fill a buffer\n";
}

std::string padded(int number)
{
    return std::to_string(number) + std::string(4000, '.') + '\n';
}

} // namespace

// ---- UDP

TEST_CASE("sinks: who waits for ever waits long, and not the other way round")
{
    auto const now = std::chrono::steady_clock::now();
    CHECK(viaduct::detail::later(now, std::chrono::milliseconds::max()) > now + std::chrono::hours{24});
    CHECK(viaduct::detail::later(now, std::chrono::milliseconds::min()) == now);
}

TEST_CASE("udp line sink: a datagram is a line, with its line feed, whatever is in it")
{
    udp_receiver const receiver;
    udp_line_sink sink{udp_options(receiver)};
    sink.write_lines("one\ntwo\n");
    sink.write_line("no end");
    sink.write_line("a\nb\tc\0d\n"sv);
    sink.write_line(std::string(70'000, 'x') + '\n');
    CHECK(receiver.receive() == "one\n");
    CHECK(receiver.receive() == "two\n");
    CHECK(receiver.receive() == "no end\n");
    CHECK(receiver.receive() == "a#012b\tc#000d\n");
    CHECK(receiver.receive() == std::string(65'506, 'x') + '\n');
    CHECK(sink.lost() == 0);
}

TEST_CASE("udp line sink: lines are collected up to a size, and sent whole")
{
    udp_receiver const receiver;
    auto options = udp_options(receiver);
    options.datagram_size = 10;
    {
        udp_line_sink sink{options};
        sink.write_line("one\n");
        sink.write_line("two\n");
        CHECK_FALSE(receiver.socket().is_readable(0ms));
        sink.write_line("three\n");
        CHECK(receiver.receive() == "one\ntwo\n");
        sink.write_line("longer than that\n");
        CHECK(receiver.receive() == "three\n");
        CHECK(receiver.receive() == "longer than that\n");
        sink.write_line("four\n");
        sink.flush();
        CHECK(receiver.receive() == "four\n");
        sink.write_line("five\n");
    }
    CHECK(receiver.receive() == "five\n");
}

TEST_CASE("udp line sink: no datagram with several lines is so large that it would be fragmented")
{
    udp_receiver const receiver;
    auto options = udp_options(receiver);
    options.datagram_size = 64 * 1024;
    udp_line_sink sink{options};
    std::string all;
    for (int i = 0; i < 40; ++i) {
        all += numbered(i);
        sink.write_line(numbered(i));
    }
    sink.flush();
    std::string received;
    while (received.size() < all.size()) {
        auto const datagram = receiver.receive();
        CHECK(datagram.size() <= 1400);
        received += datagram;
    }
    CHECK(received == all);
}

TEST_CASE(
    "udp line sink: lines that are refused are lost; it is told of once, until a while without a refusal")
{
    udp_receiver const receiver;
    notices heard;
    auto options = udp_options(receiver);
    options.retry_pause = 20ms;
    options.failure = heard.options();
    udp_line_sink sink{options};
    receiver.go_away();
    for (int i = 0; i < 5; ++i)
        sink.write_line("refused\n");
    CHECK(sink.lost() >= 4); // of the last one it has not heard yet
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].error.value() == ECONNREFUSED);
    CHECK(heard.all[0].where == "udp://127.0.0.1:" + std::to_string(options.port));
    receiver.come_back();
    repeat_until([&] { sink.write_line("back\n"); }, [&] { return heard.all.size() == 2; });
    CHECK_FALSE(heard.all[1].error);
    CHECK(heard.all[1].lost == 5);
    CHECK(receiver.receive() == "back\n");
}

TEST_CASE("udp line sink: a name that nobody knows loses lines, and is not asked for with each of them")
{
    notices heard;
    udp_line_options options;
    options.host = "no such host";
    options.port = 9;
    options.failure = heard.options(viaduct::on_log_error::die);
    udp_line_sink sink{options};
    auto const begin = clock::now();
    for (int i = 0; i < 1000; ++i)
        sink.write_line("lost\n");
    CHECK(clock::now() - begin < 1s);
    CHECK(sink.lost() == 1000);
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].fatal);
    CHECK(heard.all[0].text().find("udp://no such host:9") != std::string::npos);
}

// ---- TCP

TEST_CASE("tcp line sink: lines arrive as they are, and nothing in one can pass for another")
{
    auto const receiver = listener_at_loopback();
    {
        tcp_line_sink sink{tcp_options(receiver)};
        auto const connection = receiver.accept();
        sink.write_line("one\n");
        CHECK(connection.receive(4) == "one\n");
        sink.write_lines("two\nthree\n");
        CHECK(connection.receive(10) == "two\nthree\n");
        sink.write_line("a\nb\tc\0\r\n"sv);
        CHECK(connection.receive(17) == "a#012b\tc#000#015\n");
        CHECK(sink.lost() == 0);
    }
}

TEST_CASE("tcp line sink: lines are collected when that is wanted; a flush sends them, and the end does")
{
    auto const receiver = listener_at_loopback();
    auto options = tcp_options(receiver);
    options.send_at = 10;
    {
        tcp_line_sink sink{options};
        auto const connection = receiver.accept();
        sink.write_line("one\n");
        sink.write_line("two\n");
        CHECK_FALSE(connection.is_readable(0ms));
        sink.write_line("three\n");
        CHECK(connection.receive(14) == "one\ntwo\nthree\n");
        sink.write_line("four\n");
        sink.flush();
        CHECK(connection.receive(5) == "four\n");
        sink.reopen();
        sink.write_line("five\n");
        CHECK(connection.receive().empty()); // its end
    }
    CHECK(receiver.accept().receive_to_end() == "five\n");
}

TEST_CASE("tcp line sink: while there is no receiver, lines wait up to the bound, and are lost above it")
{
    auto const receiver = silent_at_loopback();
    notices heard;
    auto options = tcp_options(receiver);
    options.buffer_size = 8;
    options.failure = heard.options();
    tcp_line_sink sink{options};
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].error.value() == ECONNREFUSED);
    CHECK_FALSE(heard.all[0].fatal);
    for (auto const* const line : {"one\n", "two\n", "three\n", "four\n"})
        sink.write_line(line);
    CHECK(sink.lost() == 2);
    CHECK(heard.all.size() == 1);
    REQUIRE(::listen(receiver.get(), 5) == 0);
    repeat_until([&] { sink.flush(); }, [&] { return heard.all.size() == 2; });
    CHECK(heard.all[1].lost == 2);
    auto const connection = receiver.accept();
    CHECK(connection.receive(8) == "one\ntwo\n");
    sink.write_line("five\n");
    CHECK(connection.receive(5) == "five\n");
}

TEST_CASE("tcp line sink: who wants to die dies of the first lost line, not of a missing connection")
{
    auto const receiver = silent_at_loopback();
    notices heard;
    auto options = tcp_options(receiver);
    options.buffer_size = 8;
    options.failure = heard.options(viaduct::on_log_error::die);
    tcp_line_sink sink{options};
    sink.write_line("one\n");
    sink.write_line("two\n");
    CHECK(heard.all.empty());
    sink.write_line("three\n");
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].fatal);
    CHECK(heard.all[0].error.value() == ECONNREFUSED);
}

TEST_CASE("tcp line sink: a receiver that goes away is found again; lines of after that are not lost")
{
    auto const receiver = listener_at_loopback();
    notices heard;
    auto options = tcp_options(receiver);
    options.failure = heard.options();
    tcp_line_sink sink{options};
    {
        auto const connection = receiver.accept();
        sink.write_line("one\n");
        CHECK(connection.receive(4) == "one\n");
    }
    sink.write_line("two\n");
    repeat_until([&] { sink.flush(); }, [&] { return receiver.is_readable(1ms); });
    CHECK(receiver.accept().receive(4) == "two\n");
    CHECK(sink.lost() == 0);
}

TEST_CASE("tcp line sink: it does not connect anew before a pause is over")
{
    auto const receiver = listener_at_loopback();
    auto options = tcp_options(receiver);
    options.reconnect_pause = 1h;
    {
        tcp_line_sink sink{options};
        (void)receiver.accept(); // and closed
        for (int i = 0; i < 3; ++i)
            sink.write_line("waits\n");
        CHECK_FALSE(receiver.is_readable(20ms));
        CHECK(sink.lost() == 0);
    }
    auto const rest = receiver.accept().receive_to_end(); // at its end it tries once more
    CHECK((rest == "waits\nwaits\nwaits\n" || rest == "waits\nwaits\n"));
}

TEST_CASE("tcp line sink: a receiver that does not read holds up one call, and gets whole lines later")
{
    auto const receiver = silent_at_loopback();
    int const fixed = 64 * 1024; // or the system would find ever more room for what nobody reads
    REQUIRE(::setsockopt(receiver.get(), SOL_SOCKET, SO_RCVBUF, &fixed, sizeof fixed) == 0);
    REQUIRE(::listen(receiver.get(), 5) == 0);
    notices heard;
    auto options = tcp_options(receiver);
    options.timeout = 100ms;
    options.buffer_size = 1'000'000;
    options.failure = heard.options();
    tcp_line_sink sink{options};
    auto const connection = receiver.accept();
    std::string expected;
    auto const begin = clock::now();
    for (int i = 0; sink.lost() < 100; ++i) {
        auto const lost = sink.lost();
        sink.write_line(padded(i));
        if (sink.lost() == lost) expected += padded(i);
    }
    CHECK(clock::now() - begin < 5s); // each of a hundred would wait 100 ms
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].error.value() == ETIMEDOUT);

    std::string received;
    repeat_until(
        [&] {
            sink.flush();
            if (connection.is_readable(1ms)) received += connection.receive();
        },
        [&] { return heard.all.size() == 2; });
    CHECK(heard.all[1].lost == 100);
    received += connection.receive(expected.size() - received.size());
    CHECK(received == expected);
}

TEST_CASE("tcp line sink: a line that was cut by the end of a connection comes whole in the next one")
{
    auto const receiver = listener_at_loopback();
    auto options = tcp_options(receiver);
    options.timeout = 50ms;
    options.buffer_size = 20'000'000;
    std::string const large = std::string(10'000'000, 'x') + '\n';
    tcp_line_sink sink{options};
    {
        auto const connection = receiver.accept();
        sink.write_line("first\n");
        sink.write_line(large); // more than the system takes
    }
    repeat_until([&] { sink.flush(); }, [&] { return receiver.is_readable(1ms); });
    auto const connection = receiver.accept();
    std::string received;
    repeat_until(
        [&] {
            sink.flush();
            if (connection.is_readable(1ms)) received += connection.receive();
        },
        [&] { return received.size() >= large.size(); });
    CHECK(received == large);
    CHECK(sink.lost() == 0);
}

TEST_CASE("tcp line sink: the end takes a bounded time, and what is left then is told as lost")
{
    auto const receiver = listener_at_loopback();
    notices heard;
    auto options = tcp_options(receiver);
    options.timeout = 50ms;
    options.buffer_size = 20'000'000;
    options.failure = heard.options(viaduct::on_log_error::die);
    clock::time_point begin;
    {
        tcp_line_sink sink{options};
        sink.write_line(std::string(10'000'000, 'x') + '\n');
        CHECK(heard.all.empty());
        begin = clock::now();
    }
    CHECK(clock::now() - begin < 1s);
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].lost == 1);
}

// ---- the journal

TEST_CASE("journald line sink: one datagram an entry, values of several lines with their size")
{
    temporary_directory const directory;
    auto const path = directory.file("socket");
    auto const journal = at_path(path);
    journald_options options;
    options.path = path;
    options.priority = {viaduct::syslog_facility::local4, viaduct::syslog_severity::notice};
    options.identifier = "proxy";
    options.fields = {{"VIADUCT_PORT", "3128"}, {"NOTE", "a\nb"}};
    journald_line_sink sink{options};
    auto const constant = "PRIORITY=5\nSYSLOG_FACILITY=20\nSYSLOG_IDENTIFIER=proxy\nVIADUCT_PORT=3128\n"
                          "NOTE\n\3\0\0\0\0\0\0\0a\nb\n"s;
    sink.write_lines("one\ntwo\n");
    CHECK(journal.receive() == "MESSAGE=one\n" + constant);
    CHECK(journal.receive() == "MESSAGE=two\n" + constant);
    sink.write_line("x\nPRIORITY=0\n");
    CHECK(journal.receive() == "MESSAGE\n\14\0\0\0\0\0\0\0x\nPRIORITY=0\n"s + constant);
    sink.write_line(std::string(64 * 1024 - 1, 'x') + "\xc3\xa4\n");
    CHECK(journal.receive() == "MESSAGE=" + std::string(64 * 1024 - 1, 'x') + '\n' + constant);
    CHECK(sink.lost() == 0);
}

TEST_CASE("journald line sink: a journal that is started again is found with the next line")
{
    temporary_directory const directory;
    notices heard;
    journald_options options;
    options.path = directory.file("socket");
    options.failure = heard.options();
    journald_line_sink sink{options};
    sink.write_line("lost\n");
    for (auto const* const line : {"one", "two"}) {
        auto const journal = at_path(options.path);
        sink.write_line(line);
        CHECK(journal.receive().rfind("MESSAGE="s + line + '\n', 0) == 0);
        std::filesystem::remove(options.path);
    }
    CHECK(sink.lost() == 1);
    CHECK(heard.all.size() == 2);
}

TEST_CASE("journald line sink: only what the journal takes is a field's name")
{
    for (auto const* const name : {"", "_PID", "1A", "lower", "A=B", "A\n"}) {
        CAPTURE(name);
        journald_options options;
        options.path = "/nonexistent";
        options.fields = {{name, "x"}};
        CHECK_THROWS_AS(journald_line_sink{options}, viaduct::format_problem);
    }
}

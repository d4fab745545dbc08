#include "log_receivers.hpp"
#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/syslog_line_sink.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace log_receivers;
using namespace std::literals;
using viaduct::parse_syslog_priority;
using viaduct::syslog_facility;
using viaduct::syslog_framing;
using viaduct::syslog_line_sink;
using viaduct::syslog_options;
using viaduct::syslog_severity;
using viaduct::syslog_transport;

namespace {

syslog_options local_options(std::string path)
{
    syslog_options options;
    options.path = std::move(path);
    options.priority = {syslog_facility::local4, syslog_severity::info};
    options.procid = "77";
    return options;
}

syslog_options remote_options(syslog_transport transport, descriptor const& receiver)
{
    syslog_options options;
    options.transport = transport;
    options.host = "127.0.0.1";
    options.port = port_of(receiver);
    options.priority = {syslog_facility::local4, syslog_severity::info};
    options.hostname = "proxy.example";
    options.app_name = "squid-like";
    options.procid = "77";
    options.reconnect_pause = 1ms;
    return options;
}

/// The message with a word in the place of its time, which must have the right form.
std::string timeless(std::string message, std::size_t begin, std::string const& form)
{
    for (std::size_t i = 0; i < form.size(); ++i) {
        CAPTURE(message);
        REQUIRE(begin + i < message.size());
        char const c = message[begin + i];
        bool const digit = c >= '0' && c <= '9';
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool const right = form[i] == '9'   ? digit
                           : form[i] == '_' ? digit || c == ' '
                           : form[i] == 'a' ? letter
                                            : c == form[i];
        REQUIRE(right);
    }
    return message.replace(begin, form.size(), "TIME");
}

std::string timeless_3164(std::string message)
{
    return timeless(std::move(message), 5, "aaa _9 99:99:99");
}

std::string timeless_5424(std::string message)
{
    return timeless(std::move(message), 7, "9999-99-99T99:99:99.999999Z");
}

constexpr auto before_5424 = "<166>1 TIME proxy.example squid-like 77 - - ";

} // namespace

TEST_CASE("syslog priority: facility and severity, as Squid and syslog.conf write them")
{
    struct
    {
        char const* text;
        syslog_facility facility;
        syslog_severity severity;
        int value;
    } const cases[] = {
        {"local4.info", syslog_facility::local4, syslog_severity::info, 166},
        {"LOG_LOCAL4|LOG_INFO", syslog_facility::local4, syslog_severity::info, 166},
        {"authpriv.Warning", syslog_facility::authpriv, syslog_severity::warning, 84},
        {"daemon.error", syslog_facility::daemon, syslog_severity::err, 27},
        {"info.local7", syslog_facility::local7, syslog_severity::info, 190},
        {"kern.panic", syslog_facility::kern, syslog_severity::emerg, 0},
        {"daemon", syslog_facility::daemon, syslog_severity::info, 30},
        {"debug", syslog_facility::user, syslog_severity::debug, 15},
        {"", syslog_facility::user, syslog_severity::info, 14},
    };
    for (auto const& each : cases) {
        CAPTURE(each.text);
        auto const priority = parse_syslog_priority(each.text);
        CHECK(priority.facility == each.facility);
        CHECK(priority.severity == each.severity);
        CHECK(priority.value() == each.value);
    }
}

TEST_CASE("syslog priority: what is wrong is named, with its place")
{
    struct
    {
        char const* text;
        std::size_t column;
        char const* what;
    } const cases[] = {
        {"lokal4.info", 1, "unknown facility or priority 'lokal4'"},
        {"local4.infos", 8, "unknown facility or priority 'infos'"},
        {"local4.local5", 8, "a second facility 'local5'"},
        {"info.info", 6, "a second priority 'info'"},
        {"local4..info", 8, "unknown facility or priority ''"},
    };
    for (auto const& each : cases) {
        CAPTURE(each.text);
        try {
            (void)parse_syslog_priority(each.text);
            FAIL("it was taken");
        } catch (viaduct::format_problem const& problem) {
            CHECK(problem.column() == each.column);
            CHECK(std::string{problem.what()}.rfind(each.what, 0) == 0);
        }
    }
}

TEST_CASE("syslog header: local time as libc writes it, UTC with microseconds in RFC 5424")
{
    ::setenv("TZ", "EAST-2", 1);
    ::tzset();
    std::chrono::system_clock::time_point const time{std::chrono::microseconds{1'700'000'000'000'042}};
    std::string old;
    viaduct::detail::syslog_header::rfc3164(30, "viaduct", "1").append(old, time);
    CHECK(old == "<30>Nov 15 00:13:20 viaduct[1]: ");
    std::string single_digit;
    viaduct::detail::syslog_header::rfc3164(30, "viaduct", "1").append(single_digit, time - 24h * 10);
    CHECK(single_digit == "<30>Nov  5 00:13:20 viaduct[1]: ");
    std::string fresh;
    viaduct::detail::syslog_header::rfc5424(30, "host", "viaduct", "1").append(fresh, time);
    CHECK(fresh == "<30>1 2023-11-14T22:13:20.000042Z host viaduct 1 - - ");
}

TEST_CASE("syslog header: what an operator chose cannot break the grammar")
{
    std::string old;
    viaduct::detail::syslog_header::rfc3164(30, "my tag[1]: x", "").append(old, {});
    CHECK(timeless(old, 4, "aaa _9 99:99:99") == "<30>TIME my_tag_1___x[-]: ");
    std::string fresh;
    viaduct::detail::syslog_header::rfc5424(30, "", "a b\n\xc3\xa4" + std::string(60, 'x'), "-")
        .append(fresh, {});
    CHECK(fresh == "<30>1 1970-01-01T00:00:00.000000Z - a_b___" + std::string(42, 'x') + " - - - ");
}

TEST_CASE("message text: controls are shown, and a cut is never within a character")
{
    struct
    {
        std::string text;
        std::size_t room;
        std::string shown;
    } const cases[] = {
        {"plain", 100, "plain"},
        {"a\nb\r\tc\x7f"s, 100, "a#012b#015#011c#177"},
        {"nul\0!"s, 100, "nul#000!"},
        {"abc", 2, "ab"},
        {"ab\n", 5, "ab"},
        {"ab\n", 6, "ab#012"},
        {"\xc3\xa4\xc3\xa4", 3, "\xc3\xa4"},
        {"\xf0\x9f\x98\x80x", 3, ""},
        {"\xe2\x82\n", 100, "\xe2\x82#012"},
        {"\xff\xff", 100, "\xff\xff"},
        {"x", 0, ""},
    };
    for (auto const& each : cases) {
        CAPTURE(each.text);
        std::string out;
        viaduct::detail::append_message_text(out, each.text, each.room, false);
        CHECK(out == each.shown);
    }
}

TEST_CASE("syslog line sink: a local daemon gets what libc would send, one datagram a line")
{
    temporary_directory const directory;
    auto const path = directory.file("log");
    auto const daemon = at_path(path);
    syslog_line_sink sink{local_options(path)};
    sink.write_line("one\n");
    sink.write_lines("two\nthree\n");
    sink.write_line("<13>forged\nsecond\n");
    CHECK(timeless_3164(daemon.receive()) == "<166>TIME viaduct[77]: one");
    CHECK(timeless_3164(daemon.receive()) == "<166>TIME viaduct[77]: two");
    CHECK(timeless_3164(daemon.receive()) == "<166>TIME viaduct[77]: three");
    CHECK(timeless_3164(daemon.receive()) == "<166>TIME viaduct[77]: <13>forged#012second");
    CHECK_FALSE(daemon.is_readable(0ms));
    CHECK(sink.lost() == 0);
}

TEST_CASE("syslog line sink: a local daemon with a stream gets a NUL behind each message")
{
    temporary_directory const directory;
    auto const path = directory.file("log");
    auto const daemon = at_path(path, SOCK_STREAM);
    syslog_line_sink sink{local_options(path)};
    sink.write_line("one\n");
    sink.write_line("nul\0l\n"sv);
    auto const connection = daemon.accept();
    auto const octets = connection.receive(38 + 43);
    CHECK(timeless_3164(octets.substr(0, 38)) == "<166>TIME viaduct[77]: one\0"s);
    CHECK(timeless_3164(octets.substr(38)) == "<166>TIME viaduct[77]: nul#000l\0"s);
}

TEST_CASE("syslog line sink: a local daemon that goes away loses lines, is told of once, and is found again")
{
    temporary_directory const directory;
    auto const path = directory.file("log");
    notices heard;
    auto options = local_options(path);
    options.failure = heard.options();
    syslog_line_sink sink{options};
    CHECK(heard.all.size() == 1); // nobody listens
    sink.write_line("lost\n");
    sink.write_line("lost too\n");
    CHECK(sink.lost() == 2);
    {
        auto const daemon = at_path(path);
        sink.write_line("one\n");
        CHECK(timeless_3164(daemon.receive()) == "<166>TIME viaduct[77]: one");
    }
    std::filesystem::remove(path);
    auto const another = at_path(path);
    sink.write_line("two\n"); // without a loss
    CHECK(timeless_3164(another.receive()) == "<166>TIME viaduct[77]: two");
    CHECK(sink.lost() == 2);
    REQUIRE(heard.all.size() == 2);
    CHECK(heard.all[0].where == "syslog " + path);
    CHECK(heard.all[0].error.value() == ENOENT);
    CHECK_FALSE(heard.all[1].error);
    CHECK(heard.all[1].lost == 2);
}

TEST_CASE("syslog line sink: a local daemon that does not read holds up one line, and no other")
{
    temporary_directory const directory;
    auto const path = directory.file("log");
    auto const daemon = at_path(path);
    notices heard;
    auto options = local_options(path);
    options.timeout = 100ms;
    options.failure = heard.options(viaduct::on_log_error::die);
    syslog_line_sink sink{options};
    auto const begin = clock::now();
    repeat_until([&] { sink.write_line("fills the queue\n"); }, [&] { return sink.lost() == 100; });
    CHECK(clock::now() - begin < 5s); // each of a hundred would wait 100 ms
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].fatal);
    CHECK(heard.all[0].error.value() == ETIMEDOUT);
}

TEST_CASE("syslog line sink: over UDP each line is a datagram of at most 2048 octets")
{
    udp_receiver const receiver;
    syslog_line_sink sink{remote_options(syslog_transport::udp, receiver.socket())};
    sink.write_line("one\n");
    CHECK(timeless_5424(receiver.receive()) == before_5424 + "one"s);
    sink.write_line("\n");
    CHECK(timeless_5424(receiver.receive()) == before_5424);
    sink.write_line("a\nb\n");
    CHECK(timeless_5424(receiver.receive()) == before_5424 + "a#012b"s);
    std::string umlauts;
    while (umlauts.size() < 3000)
        umlauts += "\xc3\xa4";
    for (auto const* const shift : {"", "x"}) {
        sink.write_line(shift + umlauts);
        auto const message = receiver.receive();
        CHECK(message.size() <= 2048);
        CHECK(message.size() >= 2047);
        CHECK(message.substr(message.size() - 2) == "\xc3\xa4");
    }
}

TEST_CASE("syslog line sink: over TCP the length stands before each message, or a line feed behind it")
{
    for (auto const framing : {syslog_framing::octet_counting, syslog_framing::line_feed}) {
        CAPTURE(static_cast<int>(framing));
        auto const receiver = listener_at_loopback();
        auto options = remote_options(syslog_transport::tcp, receiver);
        options.framing = framing;
        {
            syslog_line_sink sink{options};
            sink.write_lines("one\ntwo\n");
            sink.write_line("9 x\ny\n");
        }
        auto octets = receiver.accept().receive_to_end();
        std::string const texts[] = {"one", "two", "9 x#012y"};
        for (auto const& text : texts) {
            auto const size = std::string{before_5424}.size() - 4 + 27 + text.size();
            if (framing == syslog_framing::octet_counting) {
                auto const count = std::to_string(size) + ' ';
                REQUIRE(octets.rfind(count, 0) == 0);
                octets.erase(0, count.size());
            }
            CHECK(timeless_5424(octets.substr(0, size)) == before_5424 + text);
            octets.erase(0, size);
            if (framing == syslog_framing::line_feed) {
                REQUIRE(octets.rfind('\n', 0) == 0);
                octets.erase(0, 1);
            }
        }
        CHECK(octets.empty());
    }
}

TEST_CASE("syslog line sink: over TCP what is written before there is a receiver waits for it")
{
    auto const receiver = silent_at_loopback();
    auto options = remote_options(syslog_transport::tcp, receiver);
    notices heard;
    options.failure = heard.options();
    syslog_line_sink sink{options};
    sink.write_line("early\n");
    CHECK(heard.all.size() == 1);
    REQUIRE(::listen(receiver.get(), 5) == 0);
    repeat_until([&] { sink.flush(); }, [&] { return heard.all.size() == 2; });
    auto const message = receiver.accept().receive();
    CHECK(message.substr(message.size() - 5) == "early");
    CHECK(sink.lost() == 0);
}

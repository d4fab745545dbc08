#include <viaduct/helpers/helper_protocol.hpp> // the header is self-contained
#include <viaduct/helpers/helper_schedule.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::helper_command;
using viaduct::helper_limits;
using viaduct::helper_lines;
using viaduct::helper_reply;
using viaduct::helper_result;
using viaduct::helper_schedule;
using viaduct::max_helper_line;

namespace {

helper_reply read(std::string_view line)
{
    error_code ec = errc::shutdown_timeout; // to be overwritten
    auto reply = viaduct::parse_helper_reply(line, ec);
    INFO(line);
    CHECK_FALSE(ec);
    return reply;
}

bool is_malformed(std::string_view line)
{
    error_code ec;
    auto const reply = viaduct::parse_helper_reply(line, ec);
    CHECK(reply.annotations.empty());
    CHECK(reply.text.empty());
    return ec == errc::helper_reply_malformed;
}

using pairs = std::vector<std::pair<std::string, std::string>>;

std::string told(helper_command const& c)
{
    auto const child = std::to_string(c.child);
    auto const request = std::to_string(c.request);
    switch (c.what) {
    case helper_command::kind::start: return "start " + child;
    case helper_command::kind::send: return request + "->" + child + "#" + std::to_string(c.channel);
    case helper_command::kind::kill: return "kill " + child;
    case helper_command::kind::give_up: return "give up " + child;
    case helper_command::kind::answer: break;
    }
    if (c.error == errc::helper_timeout) return request + " timeout";
    if (c.error == errc::helper_overloaded) return request + " overloaded";
    if (c.error == errc::helper_reply_malformed) return request + " malformed";
    return request + (c.error == errc::helper_unavailable ? " unavailable" : " ?");
}

/// A schedule with a clock of its own; `todo` is all that it wants done, in order.
struct play
{
    explicit play(helper_limits const& limits) : schedule{limits} {}

    std::string todo()
    {
        std::string all;
        while (auto const c = schedule.next(now)) {
            all += (all.empty() ? "" : ", ") + told(*c);
            if (fail_starts && c->what == helper_command::kind::start) schedule.ended(c->child, now);
        }
        return all;
    }

    std::string submit(std::uint64_t id, std::uint64_t reservation = 0, bool continues = false)
    {
        schedule.submit(id, reservation, continues, now);
        return todo();
    }

    std::string reply(std::uint64_t child, std::uint32_t channel = 0)
    {
        auto const id = schedule.reply(child, channel, now);
        auto const then = todo();
        return (id ? std::to_string(*id) : "nobody") + (then.empty() ? "" : ": " + then);
    }

    std::string end(std::uint64_t child)
    {
        schedule.ended(child, now);
        return todo();
    }

    std::string after(std::chrono::milliseconds time)
    {
        now += time;
        schedule.tick(now);
        return todo();
    }

    helper_schedule schedule;
    helper_schedule::time_point now{1h};
    bool fail_starts = false;
};

constexpr helper_limits lean{.max_children = 2, .idle_children = 0, .timeout = 30s};

} // namespace

TEST_CASE("helper protocol: nothing that a client sends can end a line or begin another word")
{
    for (int c = 0; c < 256; ++c) {
        std::string const octet(1, static_cast<char>(c));
        auto const word = viaduct::escape_helper_word(octet);
        INFO(c);
        CHECK(word.find_first_of(" \t\r\n\"'\\") == std::string::npos);
        CHECK(viaduct::is_helper_request(word));
        if (c != 0) CHECK(viaduct::unescape_helper_word(word) == octet);
    }
    CHECK(viaduct::escape_helper_word("al ice@x.example:8-._+\r\nOK") == "al%20ice@x.example:8-._+%0d%0aOK");
    CHECK(viaduct::unescape_helper_word("100%, %4, %zz, %00, %41%4a") == "100%, %4, %zz, %00, AJ");
    CHECK(viaduct::quote_helper_word(R"(a "b" \c)") == R"("a \"b\" \\c")");
    CHECK_FALSE(viaduct::quote_helper_word("a\nb"));
    CHECK(viaduct::is_helper_request("a\tb \xc3\xa9"));
    for (auto const& bad : {"a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s, std::string(max_helper_line + 1, 'a')})
        CHECK_FALSE(viaduct::is_helper_request(bad));
}

TEST_CASE("helper protocol: replies as helpers of all ages write them")
{
    struct
    {
        std::string_view line;
        helper_result result;
        pairs annotations;
        std::string_view text;
    } const cases[] = {
        {"OK", helper_result::ok, {}, ""},
        {"OK ", helper_result::ok, {}, ""}, // basic_ncsa_auth
        {"ERR", helper_result::error, {}, ""},
        {"ERR No such user", helper_result::error, {}, "No such user"},
        {R"(ERR message="No such user")", helper_result::error, {{"message", "No such user"}}, ""},
        {R"(OK ha1="908f")", helper_result::ok, {{"ha1", "908f"}}, ""}, // digest_file_auth
        {"BH message=x\ttag=", helper_result::broken, {{"message", "x"}, {"tag", ""}}, ""},
        {"BH gss_acquire_cred() failed: a=b", helper_result::broken, {}, "gss_acquire_cred() failed: a=b"},
        {R"(OK user=J%20Doe group=a group="b \"c\" \\ d\r\n" ttl=60 x)",
         helper_result::ok,
         {{"user", "J Doe"}, {"group", "a"}, {"group", "b \"c\" \\ d\r\n"}, {"ttl", "60"}},
         "x"},
        {R"(OK token="a==" user="x%41")", helper_result::ok, {{"token", "a=="}, {"user", "x%41"}}, ""},
        {"OK clt_conn_tag=1 log= tag=x",
         helper_result::ok,
         {{"clt_conn_tag", "1"}, {"log", ""}, {"tag", "x"}},
         ""},
        {"TT TlRM==", helper_result::challenge, {{"token", "TlRM=="}}, ""},
        {"TT token=TlRM==", helper_result::challenge, {{"token", "TlRM=="}}, ""},
        {"TT TlR=", helper_result::challenge, {{"token", "TlR="}}, ""},
        {"AF user=joe token=*", helper_result::ok, {{"user", "joe"}, {"token", "*"}}, ""},
        {"AF oR== joe@EXAMPLE", helper_result::ok, {{"token", "oR=="}, {"user", "joe@EXAMPLE"}}, ""},
        {"AF * DOM\\joe doe", helper_result::ok, {{"token", "*"}, {"user", "DOM\\joe doe"}}, ""},
        {"AF DOM\\joe", helper_result::ok, {{"user", "DOM\\joe"}}, ""},
        {"NA wrong password", helper_result::error, {}, "wrong password"},
        {"0123456789abcdef", helper_result::other, {}, "0123456789abcdef"},
        {"OKAY x=y", helper_result::other, {}, "OKAY x=y"},
        {"ok", helper_result::other, {}, "ok"},
        {"", helper_result::other, {}, ""},
    };
    for (auto const& c : cases) {
        auto const reply = read(c.line);
        INFO(c.line);
        CHECK(reply.result == c.result);
        CHECK(reply.annotations == c.annotations);
        CHECK(reply.text == c.text);
    }
    CHECK(read("ERR message=a b").message() == "a");
    CHECK(read("ERR b").message() == "b");
    CHECK(read("OK group=a group=b").find("group") == "a");
    CHECK_FALSE(read("OK group=a").find("user"));
}

TEST_CASE("helper protocol: a reply that is not sound is not understood in part")
{
    std::string many = "OK";
    for (std::size_t i = 0; i < viaduct::max_helper_annotations; ++i)
        many += " a=b";
    CHECK(read(many).annotations.size() == viaduct::max_helper_annotations);
    for (auto const& line :
         {"OK user=\"x"s, "OK user=\"x\\\""s, "OK\0"s, "OK user=a\rb"s, "TT"s, "TT user=x"s, "AF"s, "AF "s,
          many + " a=b", "OK " + std::string(max_helper_line, 'x'), "\x1b[2J"s})
        CHECK(is_malformed(line));
}

TEST_CASE("helper protocol: the channel is the number in front")
{
    auto const take = [](std::string_view line) {
        auto const channel = viaduct::take_helper_channel(line);
        return std::pair{channel ? static_cast<long>(*channel) : -1L, line};
    };
    CHECK(take("0 OK x") == std::pair{0L, "OK x"sv});
    CHECK(take("17\tERR") == std::pair{17L, "ERR"sv});
    CHECK(take("999999999") == std::pair{999999999L, ""sv});
    for (auto const line : {"OK", "", "-1 OK", "1OK", " 1 OK", "4294967296 OK", "9999999999 OK"})
        CHECK(take(line) == std::pair{-1L, std::string_view{line}});
}

TEST_CASE("helper protocol: lines are the same wherever the octets are cut")
{
    auto const octets = "0 OK user=\"a b\"\r\n\n1 ERR\nTT abc"s;
    std::vector<std::string> const expected{"0 OK user=\"a b\"", "", "1 ERR"};
    for (std::size_t size = 1; size <= octets.size(); ++size) {
        helper_lines lines;
        std::vector<std::string> read;
        for (std::size_t at = 0; at < octets.size(); at += size) {
            CHECK_FALSE(lines.feed(std::string_view{octets}.substr(at, size)));
            while (auto const line = lines.next())
                read.emplace_back(*line);
        }
        INFO(size);
        CHECK(read == expected);
    }
}

TEST_CASE("helper protocol: a line without an end is an error as soon as it is too long")
{
    helper_lines lines;
    CHECK_FALSE(lines.feed(std::string(max_helper_line, 'x')));
    CHECK_FALSE(lines.next());
    CHECK_FALSE(lines.feed("\r\n"));
    CHECK(lines.next()->size() == max_helper_line);
    CHECK_FALSE(lines.feed(std::string(max_helper_line, 'x')));
    CHECK(lines.feed("yy") == errc::helper_reply_malformed);
}

TEST_CASE("helper schedule: processes are started as they are needed, and some to spare")
{
    play p{{.max_children = 5, .startup_children = 2, .idle_children = 1}};
    p.schedule.start(p.now);
    CHECK(p.todo() == "start 1, start 2");
    CHECK(p.submit(1) == "1->1#0"); // the second one is the spare one
    CHECK(p.submit(2) == "2->2#0, start 3");
    CHECK(p.reply(1) == "1");
    CHECK(p.submit(3) == "3->1#0");
    CHECK(p.schedule.children() == 3);

    play lazy{{.max_children = 1, .startup_children = 9, .idle_children = 9}};
    lazy.schedule.start(lazy.now);
    CHECK(lazy.todo() == "start 1");
    CHECK_FALSE(lazy.schedule.next_event(lazy.now));
}

TEST_CASE("helper schedule: beyond its processes requests wait in turn, beyond its queue they fail at once")
{
    auto limits = lean;
    limits.queue_size = 1;
    play p{limits};
    CHECK(p.submit(1) == "start 1, 1->1#0");
    CHECK(p.submit(2) == "start 2, 2->2#0");
    CHECK(p.submit(3).empty());
    CHECK(p.submit(4) == "4 overloaded");
    CHECK(p.reply(2) == "2: 3->2#0");
    CHECK(p.submit(5).empty());
    CHECK(p.schedule.waiting() == 1);

    play by_default{lean};
    for (std::uint64_t id = 1; id <= 2 + 4; ++id)
        CHECK(by_default.submit(id).find("over") == std::string::npos);
    CHECK(by_default.submit(7) == "7 overloaded");
}

TEST_CASE("helper schedule: with concurrency the process with the least to do gets the next one")
{
    play p{{.max_children = 2, .startup_children = 2, .idle_children = 0, .concurrency = 2}};
    p.schedule.start(p.now);
    CHECK(p.todo() == "start 1, start 2");
    CHECK(p.submit(1) == "1->1#0");
    CHECK(p.submit(2) == "2->2#0");
    CHECK(p.submit(3) == "3->1#1");
    CHECK(p.submit(4) == "4->2#1");
    CHECK(p.submit(5).empty());
    CHECK(p.reply(1, 1) == "3: 5->1#1"); // out of order, and its channel is free again
    CHECK(p.reply(1, 0) == "1");
}

TEST_CASE(
    "helper schedule: a process that says what nobody has asked for is ended, for the next answer may be "
    "another's")
{
    play p{lean};
    CHECK(p.submit(1) == "start 1, 1->1#0");
    CHECK(p.reply(1) == "1");
    CHECK(p.reply(1) == "nobody: kill 1");
    CHECK(p.reply(1) == "nobody"); // what it had written before

    play two{{.max_children = 1, .idle_children = 0, .concurrency = 2}};
    CHECK(two.submit(1) == "start 1, 1->1#0");
    CHECK(two.reply(1, 1) == "nobody: kill 1, 1 malformed");
    CHECK(two.submit(2) == "start 2, 2->2#0");
    CHECK(two.reply(2, 99) == "nobody: kill 2, 2 malformed");
    CHECK(two.submit(3) == "start 3, 3->3#0");
    two.schedule.misbehaved(3);
    CHECK(two.todo() == "kill 3, 3 malformed");
}

TEST_CASE(
    "helper schedule: a request that is not answered in time takes its process with it, and nobody else")
{
    play p{{.max_children = 1, .idle_children = 0, .concurrency = 2, .timeout = 30s}};
    CHECK(p.submit(1) == "start 1, 1->1#0");
    CHECK(p.after(10s).empty());
    CHECK(p.submit(2) == "2->1#1");
    CHECK(p.submit(3).empty());
    CHECK(p.schedule.next_event(p.now) == p.now + 20s);
    CHECK(p.after(19999ms).empty());
    CHECK(p.after(1ms) == "1 timeout, kill 1, start 2, 2->2#0, 3->2#1");
    CHECK(p.after(29999ms).empty());
    CHECK(p.after(1ms) == "2 timeout, 3 timeout, kill 2");
}

TEST_CASE("helper schedule: time in the queue counts by itself")
{
    play p{{.max_children = 1, .idle_children = 0, .timeout = 30s}};
    CHECK(p.submit(1) == "start 1, 1->1#0");
    CHECK(p.after(1s).empty());
    CHECK(p.submit(2).empty());
    CHECK(p.after(28s).empty());
    CHECK(p.reply(1) == "1: 2->1#0");
    CHECK(p.after(29s).empty()); // 57 s after it came, 29 s after it was sent
    CHECK(p.after(1s) == "2 timeout, kill 1");

    play full{{.max_children = 1, .idle_children = 0, .timeout = 30s, .reservation_time = 60s}};
    CHECK(full.submit(1, 7) == "start 1, 1->1#0");
    CHECK(full.reply(1) == "1");
    CHECK(full.submit(2).empty());
    CHECK(full.after(30s) == "2 timeout"); // no process had it
}

TEST_CASE("helper schedule: what a process had when it ended goes to another one, once")
{
    play p{lean};
    CHECK(p.submit(1) == "start 1, 1->1#0");
    CHECK(p.submit(2) == "start 2, 2->2#0");
    CHECK(p.reply(2) == "2");
    CHECK(p.end(1) == "1->2#0");
    CHECK(p.end(1).empty());
    CHECK(p.end(2) == "1 unavailable");
}

TEST_CASE("helper schedule: who ends at once is started ever more slowly, and then not for a while")
{
    play p{lean};
    p.fail_starts = true;
    CHECK(p.submit(1) == "start 1");
    CHECK(p.schedule.next_event(p.now) == p.now + 100ms);
    CHECK(p.after(99ms).empty());
    CHECK(p.after(1ms) == "start 2");
    CHECK(p.after(199ms).empty());
    CHECK(p.after(1ms) == "start 3");
    CHECK(p.after(400ms) == "start 4");
    CHECK(p.after(799ms).empty());
    CHECK(p.submit(2).empty());
    CHECK(p.after(1ms) == "start 5, give up 5, 1 unavailable, 2 unavailable");
    CHECK(p.submit(3) == "3 unavailable");
    CHECK_FALSE(p.schedule.next_event(p.now));
    CHECK(p.after(29999ms).empty());
    CHECK(p.submit(4) == "4 unavailable");
    CHECK(p.after(1ms).empty()); // nobody asks
    CHECK(p.submit(5) == "start 6, give up 6, 5 unavailable");
    p.fail_starts = false;
    CHECK(p.after(30s).empty());
    CHECK(p.submit(6) == "start 7, 6->7#0");
    CHECK(p.reply(7) == "6");
    CHECK(p.submit(7) == "7->7#0");
    CHECK(p.end(7) == "start 8, 7->8#0"); // it has answered before: no pause
    CHECK(p.after(11s).empty());
    CHECK(p.end(8) == "7 unavailable"); // nor has one that lived for a while
    CHECK(p.submit(8) == "start 9, 8->9#0");
}

TEST_CASE("helper schedule: an answer shows that the program works after all")
{
    play p{{.max_children = 6, .startup_children = 6, .idle_children = 0}};
    p.schedule.start(p.now);
    CHECK(p.submit(1).ends_with("start 6, 1->1#0"));
    for (std::uint64_t child = 2; child <= 5; ++child)
        CHECK(p.end(child).empty());
    CHECK(p.end(6) == "give up 6");
    CHECK(p.submit(2).empty()); // the one that lives may do it
    CHECK(p.submit(3).empty());
    CHECK(p.reply(1) == "1: 2->1#0, start 7, 3->7#0");
}

TEST_CASE("helper schedule: early ends far apart are not counted together")
{
    play apart{lean};
    for (std::uint64_t n = 1; n <= 12; ++n) {
        auto const child = std::to_string(2 * n - 1);
        auto const next = std::to_string(2 * n);
        CHECK(apart.submit(n) == "start " + child + ", " + std::to_string(n) + "->" + child + "#0");
        CHECK(apart.end(2 * n - 1).empty());
        CHECK(apart.after(100ms) == "start " + next + ", " + std::to_string(n) + "->" + next + "#0");
        CHECK(apart.end(2 * n) == std::to_string(n) + " unavailable");
        CHECK(apart.after(61s).empty());
    }
}

TEST_CASE("helper schedule: a conversation has a process to itself until it is over")
{
    play p{lean};
    CHECK(p.submit(1, 7) == "start 1, 1->1#0");
    CHECK(p.reply(1) == "1");
    CHECK(p.submit(2, 8) == "start 2, 2->2#0");
    CHECK(p.reply(2) == "2");
    CHECK(p.submit(3, 9).empty());
    CHECK(p.submit(4, 7, true) == "4->1#0"); // past the one that waits
    CHECK(p.reply(1) == "4");
    p.schedule.release(8);
    CHECK(p.todo() == "3->2#0");
    CHECK(p.submit(5, 8, true) == "5 unavailable"); // that conversation was over
    p.schedule.release(8);
    CHECK(p.reply(2) == "3");

    CHECK(p.end(1).empty());
    CHECK(p.submit(6, 7, true) == "6 unavailable"); // it has lost its process
    CHECK(p.submit(7, 9, true) == "7->2#0");
    CHECK(p.end(2) == "7 unavailable"); // no other process could go on
}

TEST_CASE("helper schedule: a conversation that does not go on does not keep its process")
{
    play p{{.max_children = 1, .idle_children = 0, .timeout = 100s, .reservation_time = 30s}};
    CHECK(p.submit(1, 7) == "start 1, 1->1#0");
    CHECK(p.after(50s).empty()); // while the helper thinks there is no hurry
    CHECK(p.reply(1) == "1");
    CHECK(p.submit(2, 8).empty());
    CHECK(p.schedule.next_event(p.now) == p.now + 30s);
    CHECK(p.after(30s) == "2->1#0");
    CHECK(p.submit(3, 7, true) == "3 unavailable");
}

TEST_CASE("helper schedule: at the end every request is answered")
{
    play p{{.max_children = 1, .idle_children = 0}};
    CHECK(p.submit(1, 5) == "start 1, 1->1#0");
    CHECK(p.submit(2).empty());
    p.schedule.close();
    CHECK(p.todo() == "1 unavailable, 2 unavailable");
    CHECK(p.submit(3) == "3 unavailable");
    CHECK(p.reply(1) == "nobody");
    CHECK_FALSE(p.schedule.next_event(p.now));
}

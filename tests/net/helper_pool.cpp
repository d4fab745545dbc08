#include "event_loop.hpp"
#include <viaduct/detail/system_code.hpp>
#include <viaduct/helpers/helper_pool.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::helper_options;
using viaduct::helper_pool;
using viaduct::helper_reply;
using viaduct::helper_result;

namespace {

namespace net = viaduct::net;

helper_options shell(std::string const& script, viaduct::helper_limits limits = {.idle_children = 0})
{
    helper_options options;
    options.command = {"/bin/sh", "-c", script};
    options.limits = limits;
    options.shutdown_grace = 100ms;
    return options;
}

/// The answers to requests, in their order; only the reply's first annotation or text.
struct conversation
{
    explicit conversation(helper_options options) : pool{loop.executor(), std::move(options)} {}

    viaduct::helper_completion taker()
    {
        return [this](error_code ec, helper_reply reply) {
            errors.push_back(ec);
            replies.push_back(std::move(reply));
        };
    }

    void ask(std::string line) { pool.submit(std::move(line), taker()); }

    /// Waits for one answer more, and returns what it says.
    std::string answer()
    {
        auto const before = taken++;
        REQUIRE(loop.run_until([&] { return errors.size() > before; }));
        if (errors[before]) return "";
        auto const& reply = replies[before];
        return reply.annotations.empty() ? reply.text : reply.annotations[0].second;
    }

    error_code error()
    {
        CHECK(answer().empty());
        return errors[taken - 1];
    }

    std::string ask_and_wait(std::string line)
    {
        ask(std::move(line));
        return answer();
    }

    /// Stops, and runs until nothing is left to do: every process has been waited for then.
    void stop()
    {
        pool.stop();
        loop.context.restart();
        loop.context.run();
    }

    fixture::event_loop loop;
    helper_pool pool;
    std::vector<error_code> errors;
    std::vector<helper_reply> replies;
    std::size_t taken = 0;
};

/// Whether a process is there, be it only as a zombie.
bool exists(std::string const& pid)
{
    return !pid.empty() && ::access(("/proc/" + pid).c_str(), F_OK) == 0;
}

auto const echo = "while read -r line; do echo \"OK message=\\\"$line\\\" pid=$$\"; done";
auto const tell_pid = "while read -r line; do echo \"OK pid=$$\"; done";

} // namespace

TEST_CASE("helper pool: a line is asked, a line answers")
{
    conversation c{shell(echo)};
    CHECK(c.ask_and_wait("alice s%20ecret") == "alice s%20ecret");
    CHECK(c.ask_and_wait("") == "");
    CHECK(c.ask_and_wait(std::string(60000, 'x')) == std::string(60000, 'x'));
    c.ask("two\nlines");
    CHECK(c.error() == net::error::invalid_argument);
    auto const pid = std::string{*c.replies[0].find("pid")};
    CHECK(exists(pid));
    c.stop();
    CHECK_FALSE(exists(pid));
    c.ask("late");
    CHECK(c.error() == errc::helper_unavailable);
}

TEST_CASE("helper pool: several processes work at once, and the rest waits in turn")
{
    conversation c{shell(tell_pid, {.max_children = 3, .startup_children = 1, .idle_children = 0})};
    c.pool.start();
    for (int i = 0; i < 9; ++i)
        c.ask("x");
    std::set<std::string> pids;
    for (int i = 0; i < 9; ++i)
        pids.insert(c.answer());
    CHECK(pids.size() == 3);
    CHECK(pids.count("") == 0);
    c.ask("x");
    CHECK(pids.count(c.answer()) == 1);
}

TEST_CASE("helper pool: with concurrency answers come in any order")
{
    // Answers two requests at a time, the later one first.
    conversation c{shell("while read -r a; do read -r b; echo \"${b%% *} OK message=${b#* }\"; echo "
                         "\"${a%% *} OK message=${a#* }\"; done",
                         {.max_children = 1, .idle_children = 0, .concurrency = 8})};
    for (auto const word : {"a", "b", "c", "d"})
        c.ask(word);
    std::string order;
    for (int i = 0; i < 4; ++i)
        order += c.answer();
    CHECK(order == "badc");
}

TEST_CASE("helper pool: a helper that hangs is killed, and another one takes its place")
{
    auto options = shell("read -r line; echo OK pid=$$; sleep 1000; echo OK",
                         {.max_children = 1, .idle_children = 0, .timeout = 1500ms});
    conversation c{std::move(options)};
    auto const first = c.ask_and_wait("a");
    CHECK(exists(first));
    c.ask("b");
    CHECK(c.error() == errc::helper_timeout);
    auto const second = c.ask_and_wait("c");
    CHECK(second != first);
    CHECK(c.loop.run_until([&] { return !exists(first); }));
    c.stop();
    CHECK_FALSE(exists(second)); // although it does not end by itself
}

TEST_CASE("helper pool: a helper that ends loses nobody's request but one that ends it again")
{
    conversation c{shell("read -r a; echo OK pid=$$; read -r b; [ \"$b\" = bad ] && exit 1; echo OK pid=$$",
                         {.max_children = 1, .idle_children = 0})};
    auto const first = c.ask_and_wait("a");
    CHECK(c.ask_and_wait("b") == first); // and then it ends
    auto const second = c.ask_and_wait("c");
    CHECK(second != first);
    CHECK_FALSE(c.ask_and_wait("bad") ==
                second); // the second has died of it, the third takes it for its first
    CHECK(c.errors.back() == error_code{});
}

TEST_CASE("helper pool: a program that ends again and again is reported, once, with its exit status")
{
    std::vector<std::string> told;
    auto const failing = [&](std::vector<std::string> command) {
        helper_options options;
        options.command = std::move(command);
        options.limits = {.max_children = 5, .startup_children = 5, .idle_children = 0};
        options.on_notice = [&](viaduct::helper_notice const& n) {
            told.push_back(n.program + " " + n.text);
        };
        conversation c{std::move(options)};
        c.pool.start();
        CHECK(c.loop.run_until([&] { return !told.empty(); }));
        c.ask("x");
        CHECK(c.error() == errc::helper_unavailable);
        c.stop();
    };
    failing({"/bin/sh", "-c", "exit 7"});
    REQUIRE(told.size() == 1);
    CHECK(told[0].starts_with("/bin/sh ends as soon as it is started, at last with exit status 7; "));
    told.clear();
    failing({"/bin/sh", "-c", "kill -9 $$"});
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("with signal 9") != std::string::npos);
    told.clear();
    failing({"/nonexistent/helper"});
    REQUIRE(told.size() == 1);
    CHECK(told[0].starts_with("/nonexistent/helper cannot be started: No such file"));
    told.clear();
    failing({});
    CHECK(told.size() == 1);
}

TEST_CASE("helper pool: what is no answer is an error, and its helper is not believed again")
{
    struct
    {
        char const* script;
        std::size_t concurrency;
    } const cases[] = {
        {"yes x | tr -d '\\n'", 0},                    // a line without an end
        {"read -r a; echo OK; exec cat /dev/zero", 1}, // no channel
        {"read -r a; echo 5 OK; sleep 1000", 2},       // a channel that nobody asked on
        {"read -r a; printf 'OK user=\"x\\n'; sleep 1000", 0},
        {"read -r a; printf 'OK \\033[2J\\n'; sleep 1000", 0},
    };
    for (auto const& each : cases) {
        INFO(each.script);
        conversation c{
            shell(each.script, {.max_children = 1, .idle_children = 0, .concurrency = each.concurrency})};
        c.ask("x");
        CHECK(c.error() == errc::helper_reply_malformed);
        c.stop();
    }

    conversation twice{
        shell("read -r a; echo \"OK pid=$$\"; echo OK pid=1; while read -r a; do echo OK pid=1; done",
              {.max_children = 1, .idle_children = 0})};
    auto const first = twice.ask_and_wait("a");
    CHECK(twice.loop.run_until([&] { return !exists(first); }));
    CHECK(twice.ask_and_wait("b") != "1");
}

TEST_CASE("helper pool: a conversation stays with its process until it is let go")
{
    conversation c{shell(tell_pid, {.max_children = 2, .idle_children = 0})};
    auto held = c.pool.reserve();
    c.pool.submit(*held, "YR a", c.taker());
    auto const own = c.answer();
    for (int i = 0; i < 3; ++i)
        CHECK(c.ask_and_wait("x") != own);
    c.pool.submit(*held, "KK b", c.taker());
    CHECK(c.answer() == own);

    auto other = c.pool.reserve();
    c.pool.submit(*other, "YR c", c.taker());
    CHECK(c.answer() != own);
    c.ask("waits");
    held.reset();
    CHECK(c.answer() == own);
    c.stop();
    other.reset();
}

TEST_CASE("helper pool: nothing that this process has open gets into a helper")
{
    int const low = ::open("/dev/null", O_RDONLY); // on purpose without O_CLOEXEC, like a socket of Asio's
    int const leaky = ::fcntl(low, F_DUPFD, 30);
    REQUIRE(leaky >= 30);
    conversation c{shell("read -r line; n=0; found=; while [ $n -lt 100 ]; do "
                         "[ -e /proc/$$/fd/$n ] && found=$found$n,; n=$((n+1)); done; echo OK fds=$found")};
    CHECK(c.ask_and_wait("x") == "0,1,2,");
    ::close(low);
    ::close(leaky);
}

TEST_CASE("helper pool: who does not end by itself is made to, and none is left as a zombie")
{
    std::string pid;
    {
        auto options = shell("trap '' TERM; read -r line; echo OK pid=$$; while :; do sleep 1000; done");
        options.shutdown_grace = 50ms;
        conversation c{std::move(options)};
        pid = c.ask_and_wait("x");
        CHECK(exists(pid));
        c.stop();
        CHECK_FALSE(exists(pid));
    }
    auto const descriptors = fixture::open_descriptors();
    {
        conversation c{shell(tell_pid)};
        pid = c.ask_and_wait("x");
    } // nobody waits for it here
    CHECK_FALSE(exists(pid));
    CHECK(fixture::open_descriptors() == descriptors);
}

TEST_CASE("helper pool: requests come from any thread")
{
    conversation c{shell(echo, {.max_children = 2, .idle_children = 0, .queue_size = 1000})};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i)
                c.ask("x");
        });
    for (auto& each : threads)
        each.join();
    for (int i = 0; i < 100; ++i)
        CHECK(c.answer() == "x");
    c.stop();
}

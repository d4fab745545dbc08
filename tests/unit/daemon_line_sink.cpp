#include "log_receivers.hpp"
#include <viaduct/log/daemon_line_sink.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

using namespace log_receivers;
using namespace std::literals;
using viaduct::daemon_line_options;
using viaduct::daemon_line_sink;

namespace {

constexpr auto squids_daemon = "/usr/lib/squid/log_file_daemon"; // package squid

std::string content_of(std::string const& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

daemon_line_options squid_options(std::string const& path)
{
    REQUIRE(std::filesystem::exists(squids_daemon));
    daemon_line_options options;
    options.command = {squids_daemon, path};
    return options;
}

/// The arguments are `$1` and so on.
daemon_line_options shell_options(std::string const& script, std::string const& argument)
{
    daemon_line_options options;
    options.command = {"/bin/sh", "-c", script, "sh", argument};
    options.restart_pause = 1ms;
    options.timeout = 100ms;
    return options;
}

} // namespace

TEST_CASE("daemon line sink: a program gets Squid's commands, and nothing in a line can pass for one")
{
    temporary_directory const directory;
    auto const path = directory.file("commands");
    auto options = shell_options("exec cat > \"$1\"", path);
    options.keep = 3;
    {
        daemon_line_sink sink{options};
        sink.write_line("one\n");
        sink.write_lines("two\nthree\n");
        sink.flush();
        sink.rotate();
        sink.reopen();
        sink.write_line("forged\nR\0\n"sv);
        sink.write_line(std::string(70'000, 'x') + '\n');
        CHECK(sink.lost() == 0);
    }
    CHECK(content_of(path) == "r3\nb0\nLone\nLtwo\nLthree\nF\nR\nr0\nR\nr3\nLforged#012R#000\nL" +
                                  std::string(65'533, 'x') + '\n');
}

TEST_CASE("daemon line sink: Squid's own program writes, rotates and opens anew")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    auto options = squid_options(path);
    options.keep = 2;
    auto const holds = [](std::string const& file, std::string const& text) {
        repeat_until([] { ::usleep(1000); }, [&] { return content_of(file) == text; });
    };
    {
        daemon_line_sink sink{options};
        sink.write_line("one\n");
        holds(path, "one\n"); // it is told not to buffer
        sink.rotate();
        sink.write_line("two\n");
        holds(path, "two\n");
        CHECK(content_of(path + ".0") == "one\n");
        std::filesystem::rename(path, path + ".moved");
        sink.reopen();
        sink.write_line("three\n");
        holds(path, "three\n");
        CHECK(content_of(path + ".moved") == "two\n");
        sink.write_line("hostile\nR\n");
        sink.write_line(std::string(70'000, 'x') + '\n');
        sink.write_line("four\n");
    }
    CHECK(content_of(path) == "three\nhostile#012R\n" + std::string(65'533, 'x') + "\nfour\n");
    CHECK(content_of(path + ".0") == "one\n");
    CHECK_FALSE(std::filesystem::exists(path + ".1"));
}

TEST_CASE("daemon line sink: a program that buffers writes when it is told to flush, and at its end")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    auto options = squid_options(path);
    options.buffered = true;
    {
        daemon_line_sink sink{options};
        sink.write_line("one\n");
        sink.flush();
        repeat_until([] { ::usleep(1000); }, [&] { return content_of(path) == "one\n"; });
        sink.write_line("two\n");
    }
    CHECK(content_of(path) == "one\ntwo\n");
}

TEST_CASE("daemon line sink: a program that ends is started again, and gets what it was not given yet")
{
    temporary_directory const directory;
    auto const path = directory.file("lines");
    notices heard;
    // It takes one line each time, and says so before it ends.
    auto options =
        shell_options("while read -r l; do case $l in L*) echo \"$l\" >> \"$1\"; exit 1;; esac; done", path);
    options.failure = heard.options();
    daemon_line_sink sink{options};
    std::string all;
    for (auto const* const line : {"one\n", "two\n", "three\n"}) {
        repeat_until([&] { sink.write_line(line); },
                     [&] { return content_of(path).find(line, all.size()) != std::string::npos; });
        all = content_of(path);
    }
    CHECK(all.rfind("Lone\n", 0) == 0);
    CHECK(all.find("Ltwo\n") < all.find("Lthree\n"));
    CHECK(sink.lost() == 0);
}

TEST_CASE(
    "daemon line sink: a program that ends again and again is not started more often than once in a pause")
{
    temporary_directory const directory;
    auto const path = directory.file("starts");
    notices heard;
    auto options = shell_options("echo start >> \"$1\"", path);
    options.restart_pause = 1h;
    options.buffer_size = 20;
    options.failure = heard.options();
    daemon_line_sink sink{options};
    repeat_until([&] { sink.write_line("a line\n"); }, [&] { return sink.lost() == 5; });
    CHECK(content_of(path) == "start\n");
    REQUIRE(heard.all.size() == 1);
    CHECK(heard.all[0].where == "daemon /bin/sh"); // arguments may hold a password
    CHECK(heard.all[0].error);
}

TEST_CASE("daemon line sink: a program that does not read holds up one call; at the end it is killed")
{
    temporary_directory const directory;
    notices heard;
    auto options = shell_options("trap '' TERM; echo $$ > \"$1\"; kill -STOP $$", directory.file("pid"));
    options.buffer_size = 1000;
    options.shutdown_grace = 20ms;
    options.failure = heard.options(viaduct::on_log_error::die);
    clock::time_point begin;
    {
        daemon_line_sink sink{options};
        repeat_until([] { ::usleep(1000); },
                     [&] { return content_of(directory.file("pid")).find('\n') != std::string::npos; });
        begin = clock::now();
        std::string const line(900, 'x');
        repeat_until([&] { sink.write_line(line); }, [&] { return sink.lost() == 100; });
        CHECK(clock::now() - begin < 5s); // each of a hundred would wait 100 ms
        REQUIRE(heard.all.size() == 1);
        CHECK(heard.all[0].fatal);
        CHECK(heard.all[0].error.value() == ETIMEDOUT);
        begin = clock::now();
    }
    CHECK(clock::now() - begin < 1s);
    auto const pid = std::stoi(content_of(directory.file("pid")));
    CHECK(::kill(pid, 0) == -1); // and waited for
    CHECK(errno == ESRCH);
}

TEST_CASE("daemon line sink: a program that talks does not hold itself up")
{
    temporary_directory const directory;
    auto const path = directory.file("lines");
    // More than a socket holds, with each line.
    auto const options =
        shell_options("while read -r l; do head -c 300000 /dev/zero; echo \"$l\" >> \"$1\"; done", path);
    {
        auto patient = options;
        patient.shutdown_grace = patience;
        daemon_line_sink sink{patient};
        sink.write_line("one\n");
        sink.write_line("two\n");
    }
    CHECK(content_of(path) == "r10\nb0\nLone\nLtwo\n");
}

TEST_CASE(
    "daemon line sink: a program that cannot be started is an error with its name, without its arguments")
{
    daemon_line_options options;
    options.command = {"/nonexistent/program", "secret"};
    try {
        daemon_line_sink const sink{options};
        FAIL("it started");
    } catch (viaduct::system_error const& e) {
        CHECK(e.code().value() == ENOENT);
        CHECK(std::string{e.what()}.find("/nonexistent/program") != std::string::npos);
        CHECK(std::string{e.what()}.find("secret") == std::string::npos);
    }
}

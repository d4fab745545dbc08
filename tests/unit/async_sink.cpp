#include "count_allocations.hpp"
#include "temporary_directory.hpp"
#include <viaduct/log/async_sink.hpp> // the header is self-contained
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/null_line_sink.hpp>

#include <doctest/doctest.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <pthread.h>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using viaduct::async_sink;
using viaduct::async_sink_options;
using viaduct::full_queue;
using namespace std::chrono_literals;

namespace {

/// What became of a place behind a queue, which may outlive it.
struct place_account
{
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> events; // what it was told, lines without their line feed
    bool is_open = true;             // closed: whoever brings lines waits
    bool has_visitor = false;
    bool is_gone = false;
    int flushes = 0;

    template <class Condition>
    bool wait_for(Condition condition)
    {
        std::unique_lock lock{mutex};
        return changed.wait_for(lock, 20s, condition);
    }
    /// Until the thread is in there, so that nothing of what follows is taken out of the queue.
    bool wait_for_visitor()
    {
        return wait_for([this] { return has_visitor; });
    }
    void open(bool is_open_now = true)
    {
        std::lock_guard const lock{mutex};
        is_open = is_open_now;
        changed.notify_all();
    }
    std::vector<std::string> all()
    {
        std::lock_guard const lock{mutex};
        return events;
    }
};

using account_ptr = std::shared_ptr<place_account>;

class gated_place final : public viaduct::line_sink
{
public:
    explicit gated_place(account_ptr account) : account_{std::move(account)} {}
    ~gated_place() override
    {
        std::lock_guard const lock{account_->mutex};
        account_->is_gone = true;
        account_->changed.notify_all();
    }

    void write_line(std::string_view line) noexcept override
    {
        std::unique_lock lock{account_->mutex};
        account_->has_visitor = true;
        account_->changed.notify_all();
        account_->changed.wait(lock, [this] { return account_->is_open; });
        account_->events.emplace_back(line.substr(0, line.find('\n')));
    }
    void flush() noexcept override
    {
        std::lock_guard const lock{account_->mutex};
        ++account_->flushes;
        account_->changed.notify_all();
    }
    void reopen() noexcept override { note("[reopen]"); }
    void rotate() noexcept override { note("[rotate]"); }
    [[nodiscard]] std::uint64_t lost() const noexcept override { return 7; }

private:
    void note(char const* event)
    {
        std::lock_guard const lock{account_->mutex};
        account_->events.emplace_back(event);
    }

    account_ptr account_;
};

class any_format final : public viaduct::record_format
{
public:
    void append(viaduct::tunnel_record const&, std::string&) const override {}
};

/// A queue whose thread is held up with one line, so that what follows stays in the queue.
struct held_up
{
    explicit held_up(async_sink_options options)
    {
        options.format = std::make_shared<any_format>();
        account->open(false);
        sink.emplace(std::make_shared<gated_place>(account), options);
        sink->write_line("1st\n");
        REQUIRE(account->wait_for_visitor());
    }
    ~held_up() { account->open(); }

    account_ptr account = std::make_shared<place_account>();
    std::optional<async_sink> sink;
};

using events = std::vector<std::string>;

std::string joined(events const& all)
{
    std::string text;
    for (auto const& event : all)
        text += event + ' ';
    return text;
}

} // namespace

TEST_CASE("async sink: what a full queue loses is told in the log, at the place where it is missing")
{
    struct
    {
        full_queue when_full;
        char const* expected;
        std::uint64_t lost;
    } const rows[]{
        {full_queue::drop_new, "1st a1 a2 a3 # 2 records were lost here b1 ", 2},
        {full_queue::drop_oldest, "1st # 2 records were lost here a3 a4 a5 b1 ", 2},
    };
    for (auto const& row : rows) {
        held_up queue{{.capacity = 9, .when_full = row.when_full}};
        for (auto const* line : {"a1\n", "a2\n", "a3\n", "a4\n", "a5\n"})
            queue.sink->write_line(line);
        CHECK(queue.sink->lost() == row.lost + 7); // those of the place behind count, too
        queue.account->open();
        queue.sink->flush();
        queue.sink->write_line("b1\n");
        queue.sink->flush();
        CHECK(joined(queue.account->all()) == row.expected);
        CHECK(queue.sink->lost() == row.lost + 7);
    }
}

TEST_CASE("async sink: every gap is told of by itself")
{
    held_up queue{{.capacity = 6, .when_full = full_queue::drop_new}};
    queue.sink->write_line("a1\n");
    queue.sink->write_line("too large for it\n");
    queue.sink->write_line("a2\n");
    queue.sink->write_line("a3\n");
    queue.account->open();
    queue.sink->flush();
    CHECK(joined(queue.account->all()) == "1st a1 # 1 record was lost here a2 # 1 record was lost here ");
}

TEST_CASE("async sink: many gaps are told of as one, and none of their lines is forgotten")
{
    held_up queue{{.capacity = 300, .when_full = full_queue::drop_new}};
    std::string const large(301, 'x');
    for (int i = 0; i < 50; ++i) {
        queue.sink->write_line("a\n");
        queue.sink->write_line(large);
    }
    queue.account->open();
    queue.sink->flush();
    std::uint64_t told = 0;
    unsigned long n = 0;
    for (auto const& event : queue.account->all())
        if (std::sscanf(event.c_str(), "# %lu", &n) == 1) told += n;
    CHECK(told == 50);
    CHECK(queue.sink->lost() == 50 + 7);
}

TEST_CASE("async sink: with block everybody waits for room, and nothing is lost")
{
    held_up queue{{.capacity = 6, .when_full = full_queue::block}};
    std::thread writer{[&queue] {
        for (auto const* line : {"a1\n", "a2\n", "a3\n", "a4\n", "a5\n"})
            queue.sink->write_line(line);
    }};
    queue.account->open();
    writer.join();
    queue.sink->write_line("too large to wait for\n");
    queue.sink->flush();
    CHECK(joined(queue.account->all()) == "1st a1 a2 a3 a4 a5 # 1 record was lost here ");
}

TEST_CASE("async sink: reopening and rotating stay between the lines, and wait for nothing")
{
    held_up queue{{}};
    queue.sink->reopen();
    queue.sink->write_line("a1\n");
    queue.sink->rotate();
    queue.sink->rotate();
    queue.sink->write_line("a2"); // the line feed is added
    queue.sink->reopen();
    queue.account->open();
    queue.sink->flush();
    CHECK(joined(queue.account->all()) == "1st [reopen] a1 [rotate] a2 [reopen] ");
}

TEST_CASE("async sink: lines that wrap around the ring are whole, and long ones come in one piece")
{
    auto const account = std::make_shared<place_account>();
    events expected;
    {
        async_sink sink{std::make_shared<gated_place>(account),
                        {.capacity = 200'000, .when_full = full_queue::block}};
        for (std::size_t i = 0; i < 2000; ++i) {
            expected.emplace_back(i % 100 == 0 ? 190'000 + i : i % 97, static_cast<char>('a' + i % 26));
            sink.write_line(expected.back() + '\n');
        }
    }
    CHECK((account->all() == expected)); // in parentheses: doctest need not print them
}

TEST_CASE(
    "async sink: lines that come soon after others are written together, unless there are enough of them")
{
    class counting_place final : public viaduct::line_sink
    {
    public:
        void write_line(std::string_view line) noexcept override { write_lines(line); }
        void write_lines(std::string_view lines) noexcept override
        {
            std::lock_guard const lock{account.mutex};
            account.events.push_back(std::to_string(lines.size()));
            account.changed.notify_all();
        }
        void flush() noexcept override {}
        place_account account;
    };
    auto const place = std::make_shared<counting_place>();
    auto& account = place->account;
    async_sink sink{place, {.capacity = 100, .gather_for = 1h}};
    sink.write_line("1\n");
    CHECK(account.wait_for([&account] { return account.events.size() == 1; })); // nothing to wait for yet
    for (int i = 0; i < 24; ++i)
        sink.write_line("1\n");
    sink.flush(); // would wait for ever, if that were not urgent
    for (int i = 0; i < 25; ++i)
        sink.write_line("1\n");
    CHECK(account.wait_for([&account] { return account.events.size() == 3; }));
    CHECK(joined(account.all()) == "2 48 50 ");
}

TEST_CASE("async sink: neither who waits for room nor a flush that is due waits while lines are gathered")
{
    auto const account = std::make_shared<place_account>();
    auto const has_written = [&account](std::size_t lines) {
        return account->wait_for([&account, lines] { return account->events.size() >= lines; });
    };
    {
        async_sink sink{
            std::make_shared<gated_place>(account),
            {.capacity = 10, .when_full = full_queue::block, .gather_for = 1h, .flush_interval = 1h}};
        sink.write_line("1st\n");
        REQUIRE(has_written(1));
        sink.write_line("a1\n"); // less than half of the capacity
        std::jthread const writer{[&sink] { sink.write_line("too long\n"); }};
        CHECK(has_written(2));
        sink.flush();
    }
    async_sink sink{std::make_shared<gated_place>(account), {.gather_for = 1h, .flush_interval = 50ms}};
    sink.write_line("b1\n");
    REQUIRE(has_written(4));
    sink.write_line("b2\n");
    CHECK(has_written(5));
}

TEST_CASE("async sink: who flushes knows that all lines are there, and flushed")
{
    auto const account = std::make_shared<place_account>();
    async_sink sink{std::make_shared<gated_place>(account), {.flush_interval = 1h}};
    sink.write_line("one\n");
    sink.flush();
    CHECK(joined(account->all()) == "one ");
    CHECK(account->flushes == 1);
    sink.flush();
    CHECK(account->flushes == 2);
}

TEST_CASE("async sink: lines that lie in the place behind are flushed when no more come")
{
    for (auto const interval : {0ms, 1ms}) {
        auto const account = std::make_shared<place_account>();
        async_sink sink{std::make_shared<gated_place>(account), {.flush_interval = interval}};
        sink.write_line("one\n");
        CHECK(account->wait_for([&account] { return account->flushes > 0; }));
        CHECK(joined(account->all()) == "one ");
    }
}

TEST_CASE("async sink: its end writes everything that was accepted, and flushes")
{
    auto const account = std::make_shared<place_account>();
    account->open(false);
    std::thread opener;
    {
        async_sink sink{std::make_shared<gated_place>(account), {.flush_interval = 1h, .stop_timeout = 1h}};
        for (int i = 0; i < 1000; ++i)
            sink.write_line("line\n");
        opener = std::thread{[&account] {
            account->wait_for_visitor();
            account->open();
        }};
    }
    opener.join();
    CHECK(account->events.size() == 1000);
    CHECK(account->flushes == 1);
    CHECK(account->is_gone);
}

TEST_CASE("async sink: a place that hangs for ever holds up neither a flush nor the end")
{
    auto const account = std::make_shared<place_account>();
    account->open(false);
    {
        async_sink sink{std::make_shared<gated_place>(account), {.stop_timeout = 1ms}};
        sink.write_line("one\n");
        REQUIRE(account->wait_for_visitor());
        sink.write_line("two\n");
        sink.flush();
    }
    CHECK_FALSE(account->is_gone);
    account->open(); // it comes to itself: the thread ends and lets it go
    CHECK(account->wait_for([&account] { return account->is_gone; }));
    CHECK(joined(account->all()) == "one ");
}

TEST_CASE("async sink: no signal of the program's comes to its thread")
{
    class looking_place final : public viaduct::line_sink
    {
    public:
        void write_line(std::string_view) noexcept override
        {
            ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        }
        sigset_t mask{};
    };
    auto const place = std::make_shared<looking_place>();
    async_sink sink{place};
    sink.write_line("one\n");
    sink.flush();
    for (int const signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGXFSZ, SIGALRM})
        CHECK(::sigismember(&place->mask, signal) == 1);
    CHECK(::sigismember(&place->mask, SIGSEGV) == 0); // of its own faults the program hears
    sigset_t mine;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
    CHECK(::sigismember(&mine, SIGTERM) == 0);
}

TEST_CASE("async sink: a line costs no allocation")
{
    for (auto const policy : {full_queue::block, full_queue::drop_new, full_queue::drop_oldest}) {
        async_sink sink{std::make_shared<viaduct::null_line_sink>(),
                        {.capacity = 1000, .when_full = policy, .format = std::make_shared<any_format>()}};
        std::string const line(90, 'x');
        std::string const large(1001, 'x');
        sink.write_line(large); // the notice has its memory then
        sink.flush();
        auto const before = allocations;
        for (int i = 0; i < 5000; ++i) {
            sink.write_line(line);
            if (i % 100 == 0) sink.write_line(large);
        }
        sink.reopen();
        sink.flush();
        CHECK(allocations == before);
    }
}

TEST_CASE("async sink: lines of many threads are whole in the file, none is lost, each thread's in order")
{
    constexpr unsigned threads = 8;
    constexpr unsigned lines = 10'000;
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    {
        auto const file = std::make_shared<viaduct::file_line_sink>(
            path, viaduct::file_sink_options{.buffer_size = 1000, .keep = 100, .rotate_above = 500'000});
        async_sink sink{file, {.capacity = 10'000, .when_full = full_queue::block}};
        std::vector<std::jthread> writers;
        for (unsigned t = 0; t < threads; ++t)
            writers.emplace_back([&sink, t] {
                std::array<char, 80> line{};
                for (unsigned i = 0; i < lines; ++i) {
                    auto const n =
                        std::snprintf(line.data(), line.size(), "%u %u %.*s.\n", t, i,
                                      static_cast<int>(i % 40), "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop");
                    sink.write_line({line.data(), static_cast<std::size_t>(n)});
                }
            });
        writers.clear();
        CHECK(sink.lost() == 0);
    }
    std::array<unsigned, threads> next{};
    unsigned bad = 0;
    unsigned files = 0;
    while (directory.has(("access.log." + std::to_string(files)).c_str()))
        ++files;
    CHECK(files > 3);
    for (auto i = files + 1; i-- > 0;) {
        auto const content = directory.content(i == 0 ? "access.log" : "access.log." + std::to_string(i - 1));
        CHECK(content.size() <= 500'000);
        std::istringstream in{content};
        for (std::string line; std::getline(in, line);) {
            unsigned t = threads;
            unsigned number = 0;
            std::sscanf(line.c_str(), "%u %u", &t, &number);
            auto const text =
                std::string_view{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"}.substr(0, number % 40);
            auto const whole =
                std::to_string(t) + ' ' + std::to_string(number) + ' ' + std::string{text} + '.';
            if (t >= threads || line != whole || next[t]++ != number) ++bad;
        }
    }
    CHECK(bad == 0);
    for (auto const count : next)
        CHECK(count == lines);
}

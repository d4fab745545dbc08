#include <viaduct/log/formatted_log.hpp> // the header is self-contained
#include <viaduct/log/stream_line_sink.hpp>
#include <viaduct/testing/recording_sink.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <new>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using viaduct::formatted_log;
using viaduct::tunnel_record;
using viaduct::testing::recording_lines;

namespace {

class target_alone final : public viaduct::record_format
{
public:
    void append(tunnel_record const& record, std::string& line) const override
    {
        if (record.target == "too large") throw std::bad_alloc{};
        line += record.target + '\n';
    }
};

viaduct::record_format_ptr const format = std::make_shared<target_alone>();

tunnel_record record_of(std::string target)
{
    tunnel_record record;
    record.target = std::move(target);
    return record;
}

class counting_sink final : public viaduct::line_sink
{
public:
    void write_line(std::string_view) noexcept override {}
    void flush() noexcept override { ++flushes; }
    void reopen() noexcept override { ++reopenings; }

    int flushes = 0;
    int reopenings = 0;
};

} // namespace

TEST_CASE("formatted log: every record becomes one line of its own")
{
    auto const lines = std::make_shared<recording_lines>();
    formatted_log log{format, lines};
    log.write(record_of("a.example:443"));
    log.write(record_of("b:1"));
    CHECK(lines->lines() == std::vector<std::string>{"a.example:443\n", "b:1\n"});
}

TEST_CASE("formatted log: a record for which there is no memory is counted, and the log goes on")
{
    auto const lines = std::make_shared<recording_lines>();
    formatted_log log{format, lines};
    log.write(record_of("too large"));
    log.write(record_of("small"));
    CHECK(log.lost() == 1);
    CHECK(lines->lines() == std::vector<std::string>{"small\n"});
}

TEST_CASE("formatted log: passes flushing and reopening on")
{
    auto const lines = std::make_shared<counting_sink>();
    formatted_log log{format, lines};
    log.flush();
    log.reopen();
    log.reopen();
    CHECK(lines->flushes == 1);
    CHECK(lines->reopenings == 2);
}

TEST_CASE("formatted log: lines of several threads do not mix")
{
    auto const lines = std::make_shared<recording_lines>();
    formatted_log log{format, lines};
    {
        std::vector<std::jthread> threads;
        for (char const c : {'a', 'b', 'c', 'd'})
            threads.emplace_back([&log, c] {
                for (int i = 0; i < 200; ++i)
                    log.write(record_of(std::string(50, c)));
            });
    }
    auto const all = lines->lines();
    CHECK(all.size() == 800);
    for (auto const& line : all)
        CHECK(line == std::string(50, line[0]) + '\n');
}

TEST_CASE("formatted log: a stream takes lines too; those that it does not take are counted, and told of")
{
    struct : std::streambuf
    {
    } full;
    std::ostringstream out;
    std::vector<std::string> told;
    auto const tell = [&told](auto const& trouble) { told.push_back(trouble.text()); };
    formatted_log log{format, std::make_shared<viaduct::stream_line_sink>(
                                  out, "out", viaduct::log_failure_options{.on_trouble = tell})};
    for (bool const throws : {false, true}) {
        told.clear();
        out.exceptions(throws ? std::ios::badbit : std::ios::goodbit);
        log.write(record_of("one"));
        auto* const buffer = out.std::ios::rdbuf(&full);
        log.write(record_of("lost"));
        log.write(record_of("lost"));
        out.std::ios::rdbuf(buffer);
        log.write(record_of("two"));
        CHECK(log.lost() == (throws ? 4 : 2));
        REQUIRE(told.size() == 2);
        CHECK(told[0].starts_with("log out: "));
        CHECK(told[1] == "log out: written again, 2 lines lost");
    }
    CHECK(out.str() == "one\ntwo\none\ntwo\n");
}

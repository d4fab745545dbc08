#include <viaduct/log/callback_line_sink.hpp>
#include <viaduct/log/log_filter.hpp>
#include <viaduct/log/log_tee.hpp> // the header is self-contained
#include <viaduct/log/null_line_sink.hpp>
#include <viaduct/log/ring_line_sink.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using viaduct::record_wishes;
using viaduct::tunnel_record;

namespace {

using strings = std::vector<std::string>;

/// Notes what it is told.
class noting_log final : public viaduct::log_sink
{
public:
    explicit noting_log(std::string name, strings& events, record_wishes wishes = {})
        : name_{std::move(name)},
          events_{events},
          wishes_{wishes}
    {}
    void write(tunnel_record const& record) noexcept override { note(record.target); }
    void flush() noexcept override { note("flush"); }
    void reopen() noexcept override { note("reopen"); }
    void rotate() noexcept override { note("rotate"); }
    [[nodiscard]] record_wishes wishes() const noexcept override { return wishes_; }

private:
    void note(std::string const& what) { events_.push_back(name_ + ' ' + what); }

    std::string name_;
    strings& events_;
    record_wishes wishes_;
};

tunnel_record record_of(std::string target)
{
    tunnel_record record;
    record.target = std::move(target);
    return record;
}

} // namespace

TEST_CASE("log tee: every log gets everything, in order, and what any of them wishes for is in the records")
{
    strings events;
    viaduct::log_tee tee{{std::make_shared<noting_log>("a", events, record_wishes{.fields = true}),
                          std::make_shared<noting_log>("b", events, record_wishes{.early = true})}};
    tee.write(record_of("x:1"));
    tee.flush();
    tee.reopen();
    tee.rotate();
    CHECK(events ==
          strings{"a x:1", "b x:1", "a flush", "b flush", "a reopen", "b reopen", "a rotate", "b rotate"});
    CHECK(tee.wishes() == record_wishes{.fields = true, .addresses = false, .early = true});
    CHECK(viaduct::log_tee{{}}.wishes() == record_wishes{});
}

TEST_CASE("log filter: only what the predicate wants goes through, and everything where it cannot tell")
{
    strings events;
    auto const log = std::make_shared<noting_log>("a", events, record_wishes{.early = true});
    viaduct::log_filter filter{log,
                               [](tunnel_record const& record) {
                                   if (record.target.empty()) throw std::runtime_error{"no target"};
                                   return record.target != "health:1";
                               },
                               record_wishes{.fields = true}};
    filter.write(record_of("x:1"));
    filter.write(record_of("health:1"));
    filter.write(record_of(""));
    filter.flush();
    filter.reopen();
    filter.rotate();
    CHECK(events == strings{"a x:1", "a ", "a flush", "a reopen", "a rotate"});
    CHECK(filter.wishes() == record_wishes{.fields = true, .addresses = false, .early = true});
}

TEST_CASE("ring line sink: keeps the last lines, whoever writes them")
{
    viaduct::ring_line_sink ring{3};
    CHECK(ring.lines().empty());
    ring.write_lines("1\n2\n");
    CHECK(ring.lines() == strings{"1\n", "2\n"});
    ring.write_lines("3\n4\n5\n6\n7\n");
    CHECK(ring.lines() == strings{"5\n", "6\n", "7\n"});
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&ring] {
                for (int i = 0; i < 500; ++i)
                    ring.write_line("same\n");
            });
    }
    CHECK(ring.lines() == strings{"same\n", "same\n", "same\n"});
    CHECK(ring.lost() == 0);

    viaduct::ring_line_sink none{0};
    none.write_line("1\n");
    CHECK(none.lines().empty());
}

TEST_CASE("callback line sink: hands each line to a function, and counts those at which it throws")
{
    strings lines;
    viaduct::callback_line_sink sink{[&lines](std::string_view line) {
        if (line == "bad\n") throw std::runtime_error{"bad"};
        lines.emplace_back(line);
    }};
    sink.write_lines("1\n2\nbad\n");
    sink.write_line("3\n");
    CHECK(lines == strings{"1\n", "2\n", "3\n"});
    CHECK(sink.lost() == 1);
}

TEST_CASE("null line sink: nothing comes of anything")
{
    viaduct::null_line_sink sink;
    sink.write_line("1\n");
    sink.write_lines("2\n3\n");
    CHECK(sink.lost() == 0);
}

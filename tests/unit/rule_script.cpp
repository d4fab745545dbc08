#include <viaduct/testing/rule_script.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>

using viaduct::action;
using viaduct::errc;
using viaduct::error_code;
using viaduct::testing::rule_script;

namespace {

/// Asks "name?", reads a line, answers "hello LINE": as small as a rule with both sides and a surplus can be.
class greeting
{
public:
    action resume(error_code ec, std::size_t n)
    {
        if (ec) return action::done(ec);
        switch (step_++) {
        case 0: return action::write("name?\n");
        case 1: return action::read(input_);
        case 2: return on_octets({input_.data(), n});
        default: return action::done();
        }
    }

    [[nodiscard]] std::size_t surplus() const { return surplus_; }

private:
    action on_octets(std::string_view octets)
    {
        if (octets.empty()) return action::done(errc::proxy_closed);
        auto const lf = octets.find('\n');
        auto const taken = lf == std::string_view::npos ? octets.size() : lf + 1;
        surplus_ = octets.size() - taken;
        line_ += octets.substr(0, taken);
        if (lf != std::string_view::npos) return action::write(line_);
        step_ = 2;
        return action::read(input_);
    }

    int step_ = 0;
    std::size_t surplus_ = 0;
    std::string line_ = "hello ";
    std::array<char, 4> input_{};
};

rule_script const script =
    rule_script{}.expect_write("name?\n").feed("world\nmore").expect_write("hello world\n");

} // namespace

TEST_CASE("rule script: it tells what was written, what is left, and how many steps it took")
{
    auto const result = script.run(greeting{});
    CHECK(result.problem == "");
    CHECK_FALSE(result.error);
    CHECK(result.written == "name?\nhello world\n");
    CHECK(result.surplus == "more");
    CHECK(result.steps == 4); // two writes, and two reads of four octets
}

TEST_CASE("rule script: cuts change the number of reads and nothing else")
{
    for (std::size_t at = 1; at < script.size(); ++at) {
        auto const result = script.run(greeting{}, {.cut_at = at});
        CHECK(result.problem == "");
        CHECK(result.surplus == "more");
    }
    CHECK(script.run(greeting{}, {.cut_at = 5}).steps == 5);
    CHECK(script.run(greeting{}, {.pieces_of = 1}).steps == 8);
}

TEST_CASE("rule script: what a rule leaves is offered again on its next read")
{
    auto const two_lines = rule_script{}.expect_write("name?\n").feed("a\nb\n").expect_write("hello a\n");
    CHECK(two_lines.run(greeting{}).surplus == "b\n");
    struct by_octet
    {
        char input[8];
        std::string read{};
        std::size_t left = 0;
        action resume(error_code, std::size_t n)
        {
            if (n != 0) read += input[0];
            left = n == 0 ? 0 : n - 1;
            return read == "abc" ? action::done() : action::read(input);
        }
        std::size_t surplus() const { return left; }
    } rule{};
    auto const result = rule_script{}.feed("ab").feed("cd").run(rule);
    CHECK(rule.read == "abc");
    CHECK(result.steps == 3);
    CHECK(result.surplus == "d");
}

TEST_CASE("rule script: the step that is to fail fails, and nothing behind it is asked for")
{
    for (std::size_t n = 1; n <= 4; ++n) {
        auto const result = script.run(greeting{}, {.failing_step = n, .failure = errc::idle_timeout});
        CHECK(result.problem == "");
        CHECK(result.error == errc::idle_timeout);
        CHECK(result.steps == n);
    }
}

TEST_CASE("rule script: where rule and script part is told with the step")
{
    auto const problem = [](rule_script const& s) { return s.run(greeting{}).problem; };
    auto const asked = rule_script{}.expect_write("name?\n");
    CHECK(problem({}) == "step 1: a write that is not expected");
    CHECK(problem(rule_script{}.expect_write("name!\n")) == "step 1: a write of other octets");
    CHECK(problem(rule_script{}.feed("a\n").expect_write("name?\n")) ==
          "step 1: a write where a read is expected");
    CHECK(problem(asked) == "step 2: a read behind the end");
    CHECK(problem(rule_script{asked}.expect_write("x")) == "step 2: a read where a write is expected");
    CHECK(problem(rule_script{asked}.end_of_stream()) == "");
    CHECK(problem(rule_script{asked}.end_of_stream().expect_write("x")) ==
          "step 2: a read where a write is expected");
    CHECK(problem(rule_script{script}.expect_write("x")) == "step 4: done too early");
}

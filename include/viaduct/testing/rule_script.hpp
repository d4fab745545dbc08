#ifndef VIADUCT_TESTING_RULE_SCRIPT_HPP
#define VIADUCT_TESTING_RULE_SCRIPT_HPP

#include <viaduct/action.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::testing {

/// What the stream does to a script; by default nothing.
struct script_conditions
{
    std::size_t cut_at = 0; ///< No read crosses this position, counted over all fed octets.
    std::size_t pieces_of = std::string::npos; ///< No read gets more octets than this; above zero.
    std::size_t failing_step = 0;              ///< Which read or write fails: 1 is the first one, 0 none.
    error_code failure{};                      ///< What it fails with.
};

/// What came of a rule that played a script.
struct script_result
{
    error_code error{};    ///< What the rule ended with.
    std::string written{}; ///< All octets that it wrote.
    std::string
        surplus{}; ///< The fed octets that it did not take: they belong to the next reader of the stream.
    std::size_t steps = 0; ///< How many reads and writes it asked for.
    std::string problem{}; ///< Where rule and script parted, for people to read; empty if they never did.
};

/// A conversation that a protocol rule is put through, without a stream, a clock or an event loop.
/**
 * It says what the rule must write and what it gets to read, in their order. Each `feed` is a segment: a read
 * gets octets of one segment, as many as fit, and what the rule does not take is offered again on its next
 * read. Neither the place of a cut nor the step that fails may lead a rule astray, so one script serves for
 * many runs, each with a fresh rule:
 *
 * @code
 * auto const script = rule_script{}.expect_write(request).feed("HTTP/1.1 200 OK\r\n\r\nSSH-2.0");
 * auto const whole = script.run(make_rule()); // no problem, no error, a surplus of "SSH-2.0"
 * for (std::size_t at = 1; at < script.size(); ++at) check(script.run(make_rule(), {.cut_at = at}));
 * for (std::size_t n = 1; n <= whole.steps; ++n) check(script.run(make_rule(), {.failing_step = n, .failure =
 * e}));
 * @endcode
 *
 * A rule is any class with `action resume(error_code, std::size_t)` and `std::size_t surplus() const`; see
 * `action`.
 *
 * Distinct objects: safe. Shared objects: safe for `run`.
 */
class rule_script
{
public:
    /// The rule must write exactly these octets in one step, after it has read of what was fed before.
    /** Not all of it, for the rest may be meant for the next reader. What is fed later comes only behind this
     * write. */
    rule_script& expect_write(std::string_view octets)
    {
        writes_.push_back({std::string{octets}, fed_.size()});
        return *this;
    }

    /// The rule gets these octets to read.
    rule_script& feed(std::string_view octets)
    {
        ends_.insert((fed_ += octets).size());
        return *this;
    }

    /// Behind the last octet the rule is told, once, that the stream has ended. Without this a read there is
    /// a problem.
    rule_script& end_of_stream() noexcept { return closes_ = true, *this; }

    /// How many octets are fed in all.
    [[nodiscard]] std::size_t size() const noexcept { return fed_.size(); }

    /// Plays the script until the rule is done or does what the script does not provide for.
    template <class Rule>
    [[nodiscard]] script_result run(Rule&& rule, script_conditions const& conditions = {}) const
    {
        player now{*this, conditions};
        auto next = rule.resume({}, 0);
        for (std::size_t n = 0; !next.is_done(); n = 0) {
            bool const fails = ++now.result.steps == conditions.failing_step;
            bool const reads = next.what == action::kind::read;
            if (!fails && !(reads ? now.read(next.input, n) : now.write(next.output, n))) break;
            next = rule.resume(fails ? conditions.failure : error_code{}, n);
            if (reads && n != 0 && !now.take(n, rule.surplus(), next.is_done())) break;
        }
        bool const failed = conditions.failing_step != 0 && now.result.steps >= conditions.failing_step;
        if (next.is_done() && !failed && now.writes < writes_.size()) now.part("done too early");
        now.result.error = next.error;
        now.result.surplus = fed_.substr(now.taken);
        return std::move(now.result);
    }

private:
    struct player // one run; the members return whether it can go on
    {
        bool write(std::string_view octets, std::size_t& n)
        {
            result.written += octets;
            n = octets.size();
            if (writes == script.writes_.size()) return part("a write that is not expected");
            auto const& [expected, fed] = script.writes_[writes];
            auto const fed_before = writes == 0 ? 0 : script.writes_[writes - 1].second;
            if (fed_before < fed && arrived <= fed_before) return part("a write where a read is expected");
            ++writes;
            return octets == expected || part("a write of other octets");
        }

        bool read(std::span<char> into, std::size_t& n)
        {
            bool const more_writes = writes < script.writes_.size();
            auto const until = more_writes ? script.writes_[writes].second : script.fed_.size();
            if (arrived == taken && taken < until) {
                arrived += std::min(conditions.pieces_of, *script.ends_.upper_bound(taken) - taken);
                if (taken < conditions.cut_at) arrived = std::min(arrived, conditions.cut_at);
            }
            n = script.fed_.copy(into.data(), std::min(into.size(), arrived - taken), taken);
            if (into.empty()) return part("a read into no memory");
            if (n != 0) return true;
            if (more_writes) return part("a read where a write is expected");
            return (script.closes_ && !std::exchange(end_told, true)) || part("a read behind the end");
        }

        bool take(std::size_t n, std::size_t surplus, bool done)
        {
            if (surplus > n) return part("more surplus than was offered");
            if (surplus == n && !done)
                return part("nothing was taken"); // the same read would come back for ever
            taken += n - surplus;
            return true;
        }

        bool part(std::string_view why)
        {
            result.problem.append("step ").append(std::to_string(result.steps)).append(": ").append(why);
            return false;
        }

        rule_script const& script;
        script_conditions const& conditions;
        script_result result{};
        std::size_t arrived = 0; // octets that can be read
        std::size_t taken = 0;   // those that the rule has taken
        std::size_t writes = 0;  // that have taken place
        bool end_told = false;
    };

    std::vector<std::pair<std::string, std::size_t>> writes_{}; // what, and behind how many fed octets
    std::string fed_{};
    std::set<std::size_t> ends_{}; // of the segments
    bool closes_ = false;
};

} // namespace viaduct::testing

#endif

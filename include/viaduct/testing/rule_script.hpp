#ifndef VIADUCT_TESTING_RULE_SCRIPT_HPP
#define VIADUCT_TESTING_RULE_SCRIPT_HPP

#include <viaduct/action.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::testing {

/// What came of a rule that played a script.
struct script_result
{
    error_code error{};    ///< What the rule ended with.
    std::string written{}; ///< All octets that it wrote.
    std::string
        surplus{}; ///< The fed octets that it has not taken: they belong to the next reader of the stream.
    std::size_t steps = 0; ///< How many reads and writes it asked for.
    std::string problem{}; ///< Where rule and script parted, for people to read; empty if they never did.
};

/// A conversation that a protocol rule is put through, without a stream, a clock or an event loop.
/**
 * The script says what the rule must write and what it gets to read, in their order:
 *
 * @code
 * client_handshake rule{{"broker.example", 8883}, {}};
 * auto const result = rule_script{}.expect_write(rule.request()).feed("HTTP/1.1 200
 * OK\r\n\r\nSSH-2.0").run(rule);
 * // result.problem is empty, result.error is success, result.surplus is "SSH-2.0"
 * @endcode
 *
 * A `feed` is a segment: a read gets octets of one segment, as many as fit. What the rule does not take is
 * offered again on its next read. Where a stream is cut must not change what a rule does, and it must end
 * when a step fails, so one script serves for many runs, each with a fresh rule:
 *
 * @code
 * for (std::size_t at = 1; at < script.size(); ++at) check(script.cut_at(at).run(make_rule()));
 * for (std::size_t nth = 1; nth <= result.steps; ++nth) check(script.fail_at(nth, broken).run(make_rule()));
 * @endcode
 *
 * A rule is any class with `action resume(error_code, std::size_t)` and `std::size_t surplus() const`; see
 * `action`.
 *
 * Distinct objects: safe. Shared objects: safe for the const members.
 */
class rule_script
{
public:
    /// The rule must write exactly these octets in one step, once it has been offered all that was fed
    /// before.
    rule_script& expect_write(std::string_view octets)
    {
        writes_.push_back({std::string{octets}, fed_.size()});
        return *this;
    }

    /// The rule gets these octets to read.
    rule_script& feed(std::string_view octets)
    {
        fed_ += octets;
        return cut(fed_.size());
    }

    /// The rule is told once, behind the last octet, that the stream has ended. Otherwise a read there is a
    /// problem.
    rule_script& end_of_stream()
    {
        ends_ = true;
        return *this;
    }

    /// How many octets are fed in all.
    [[nodiscard]] std::size_t size() const noexcept { return fed_.size(); }

    /// The same script with one more cut: no read crosses `position`, counted over all fed octets.
    [[nodiscard]] rule_script cut_at(std::size_t position) const { return rule_script{*this}.cut(position); }

    /// The same script with at most `n` octets a read; `n` is above zero.
    [[nodiscard]] rule_script in_pieces_of(std::size_t n) const
    {
        auto copy = *this;
        copy.piece_ = n;
        return copy;
    }

    /// The same script with step `nth` failing; the first read or write is step 1.
    /** What the script expects behind that step is then no longer asked for. */
    [[nodiscard]] rule_script fail_at(std::size_t nth, error_code ec) const
    {
        auto copy = *this;
        copy.failing_step_ = nth;
        copy.failure_ = ec;
        return copy;
    }

    /// Plays the script until the rule is done or does what the script does not provide for.
    template <class Rule>
    [[nodiscard]] script_result run(Rule&& rule) const
    {
        player now{*this};
        auto next = rule.resume({}, 0);
        while (!next.is_done() && now.result.problem.empty()) {
            std::size_t n = 0;
            bool const fails = ++now.result.steps == failing_step_;
            bool const reads = next.what == action::kind::read;
            if (!fails && !(reads ? now.read(next.input, n) : now.write(next.output, n))) break;
            next = rule.resume(fails ? failure_ : error_code{}, n);
            if (reads && n != 0) now.take(n, rule.surplus(), next.is_done());
        }
        return now.finish(next);
    }

private:
    struct expected_write
    {
        std::string octets;
        std::size_t after; // that many octets have been fed
    };

    /// One run: how far it has come.
    struct player
    {
        rule_script const& script;
        script_result result{};
        std::size_t arrived = 0; // octets that the rule has been offered
        std::size_t taken = 0;   // those that it has taken
        std::size_t writes = 0;  // that have taken place
        bool end_told = false;

        bool write(std::string_view octets, std::size_t& n)
        {
            result.written += octets;
            if (writes == script.writes_.size()) return parted("a write that is not expected");
            auto const& expected = script.writes_[writes++];
            if (arrived < expected.after) return parted("a write before all was read");
            if (octets != expected.octets) return parted("a write of other octets");
            n = octets.size();
            return true;
        }

        bool read(std::span<char> into, std::size_t& n)
        {
            bool const more = writes < script.writes_.size();
            auto const until = more ? script.writes_[writes].after : script.fed_.size();
            if (arrived == taken) arrived = std::min(until, script.next_cut(arrived));
            n = script.fed_.copy(into.data(), std::min(into.size(), arrived - taken), taken);
            if (into.empty()) return parted("a read into no memory");
            if (n != 0) return true;
            if (more) return parted("a read where a write is expected");
            if (!script.ends_ || end_told) return parted("a read behind the end");
            return end_told = true;
        }

        void take(std::size_t n, std::size_t surplus, bool done)
        {
            if (surplus > n)
                parted("more surplus than was offered");
            else if (surplus == n && !done)
                parted("nothing was taken"); // the same read would come back for ever
            else
                taken += n - surplus;
        }

        bool parted(std::string_view why)
        {
            result.problem = "step " + std::to_string(result.steps) + ": " + std::string{why};
            return false;
        }

        script_result finish(action const& last)
        {
            bool const failed = script.failing_step_ != 0 && result.steps >= script.failing_step_;
            bool const missing = writes < script.writes_.size() && !failed;
            if (result.problem.empty() && missing) parted("done, and not all was written");
            result.error = last.error;
            result.surplus = script.fed_.substr(taken);
            return std::move(result);
        }
    };

    rule_script& cut(std::size_t position)
    {
        cuts_.insert(std::upper_bound(cuts_.begin(), cuts_.end(), position), position);
        return *this;
    }

    /// How far a segment reaches that begins at `from`.
    [[nodiscard]] std::size_t next_cut(std::size_t from) const
    {
        auto const cut = std::upper_bound(cuts_.begin(), cuts_.end(), from);
        auto const end = cut == cuts_.end() ? fed_.size() : *cut;
        return from + std::min(piece_, end - from);
    }

    std::vector<expected_write> writes_{};
    std::string fed_{};
    std::vector<std::size_t> cuts_{}; // in their order
    std::size_t piece_ = std::string::npos;
    bool ends_ = false;
    std::size_t failing_step_ = 0;
    error_code failure_{};
};

} // namespace viaduct::testing

#endif

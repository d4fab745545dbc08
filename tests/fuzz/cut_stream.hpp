#ifndef VIADUCT_TESTS_FUZZ_CUT_STREAM_HPP
#define VIADUCT_TESTS_FUZZ_CUT_STREAM_HPP

#include "octets.hpp"
#include "target.hpp"
#include <viaduct/action.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace fuzz {

/// How a stream hands out what arrives, and which read or write of it fails. By default all at once, and
/// none.
/**
 * The first octets of an input choose: eight for the sizes of reads, which come again and again, and one for
 * the step that fails. Of each only five bits count, so that a corpus can be written by hand: `@` means no
 * limit and no failure, `A` one octet or the first step, `B` two, and so on up to `_`.
 */
class stream_habits
{
public:
    stream_habits() = default;

    /// Takes them off the input.
    explicit stream_habits(std::string_view& input) noexcept
    {
        for (auto& size : sizes_)
            size = take_octet(input) % 32;
        fails_at = take_octet(input) % 32;
    }

    [[nodiscard]] std::size_t next_size() noexcept
    {
        auto const size = sizes_[next_++ % sizes_.size()];
        return size == 0 ? std::string::npos : size;
    }

    std::size_t fails_at = 0; ///< 1 is the first read or write; 0 none.

private:
    std::array<std::size_t, 8> sizes_{};
    std::size_t next_ = 0;
};

/// What a read or write fails with.
[[nodiscard]] inline viaduct::error_code failure() noexcept
{
    return make_error_code(viaduct::error_types::errc::connection_reset);
}

/// What came of a rule.
struct played
{
    viaduct::error_code error{};
    std::string written{};
    std::size_t taken = 0; ///< Of the octets that arrived.
    std::size_t steps = 0;
    bool failed = false; ///< Whether a read or write failed.
};

/// A stream that brings an input's octets to one rule after another, and its end behind them.
class cut_stream
{
public:
    explicit cut_stream(std::string_view arriving, stream_habits habits = {})
        : rest_{arriving},
          habits_{habits}
    {}

    /// What no rule has taken.
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    /// Drives a rule to its end, and checks that it keeps to what `action` says.
    template <class Rule>
    [[nodiscard]] played run(Rule& rule)
    {
        played result;
        for (auto next = rule.resume({}, 0);;) {
            result.error = next.error;
            if (next.is_done()) return result;
            must(!ended_, "nothing is asked for behind the end of the stream");
            result.failed = result.failed || ++steps_ == habits_.fails_at;
            ++result.steps;
            if (steps_ == habits_.fails_at)
                next = rule.resume(failure(), 0);
            else if (next.what == viaduct::action::kind::write)
                next = write(rule, next.output, result);
            else
                next = read(rule, next.input, result);
        }
    }

private:
    template <class Rule>
    [[nodiscard]] static viaduct::action write(Rule& rule, std::string_view octets, played& into)
    {
        into.written += octets;
        return rule.resume({}, octets.size());
    }

    template <class Rule>
    [[nodiscard]] viaduct::action read(Rule& rule, std::span<char> memory, played& into)
    {
        must(!memory.empty(), "a read has room");
        auto const n = rest_.copy(memory.data(), std::min(memory.size(), habits_.next_size()));
        auto const next = rule.resume({}, n);
        ended_ = n == 0;
        if (ended_) return next;
        must(rule.surplus() <= n, "no more is left than was brought");
        must(rule.surplus() < n || next.is_done(), "the same octets do not come back for ever");
        into.taken += n - rule.surplus();
        rest_.remove_prefix(n - rule.surplus());
        return next;
    }

    std::string_view rest_;
    stream_habits habits_;
    std::size_t steps_ = 0; // of all rules
    bool ended_ = false;
};

} // namespace fuzz

#endif

#ifndef VIADUCT_DETAIL_RUN_RULE_HPP
#define VIADUCT_DETAIL_RUN_RULE_HPP

#include <viaduct/action.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/detail/tls_error.hpp>
#include <viaduct/net/exact_read.hpp>

#include <cstddef>
#include <utility>

namespace viaduct::detail {

/// Turns the outcome of a wait into what a rule is resumed with; true if the rule can go on.
template <class Stream>
[[nodiscard]] bool look(Stream& stream, action const& wanted, error_code& ec, std::size_t& n)
{
    if (!ec) n = exact_read<Stream>::look(stream, wanted.input, n, ec);
    if (ec == net::error::would_block || ec == net::error::try_again) return false;
    // What is cut off in the middle is of no use to any rule, with or without TLS's alert; many never send
    // it.
    if (ec == net::error::eof || is_tls_truncation(ec)) {
        ec = {};
        n = 0;
    }
    return true;
}

/// Resumes a rule and lets the stream go on where the rule stopped taking octets.
template <class Stream, class Rule>
[[nodiscard]] action resume(Stream& stream, Rule& rule, action const& last, error_code ec, std::size_t n)
{
    bool const was_read = last.what == action::kind::read && n != 0;
    auto const next = rule.resume(ec, n);
    if (was_read) exact_read<Stream>::take(stream, n - rule.surplus());
    return next;
}

/// Starts a rule, and lets it take what is there already: who speaks first has often spoken by now, and a
/// look is cheaper than a wait.
template <class Stream, class Rule>
[[nodiscard]] action start_rule(Stream& stream, Rule& rule)
{
    auto const first = rule.resume({}, 0);
    if constexpr (exact_read<Stream>::looks_without_waiting) {
        error_code ec;
        std::size_t n = 0;
        if (first.what == action::kind::read && look(stream, first, ec, n))
            return resume(stream, rule, first, ec, n);
    }
    return first;
}

/// A stream that can tell by itself.
template <class Stream>
concept knows_whether_idle = requires(Stream& stream)
{
    stream.is_idle();
};

/// Whether a stream is still connected and has nothing to read, as far as that can be told without waiting.
template <class Stream>
[[nodiscard]] bool is_idle(Stream& stream)
{
    if constexpr (knows_whether_idle<Stream>) {
        return stream.is_idle();
    } else if constexpr (exact_read<Stream>::looks_without_waiting) {
        error_code ec;
        char octet = 0;
        static_cast<void>(exact_read<Stream>::look(stream, {&octet, 1}, 0, ec));
        return ec == net::error::would_block || ec == net::error::try_again;
    } else {
        return true;
    }
}

/// The one asynchronous operation that drives every protocol rule.
template <class Stream, class Rule>
class run_rule_op : public one_step_at_a_time
{
public:
    struct on_ready
    {};
    struct on_done
    {};

    run_rule_op(Stream* stream, Rule* rule, action next) noexcept : stream_{stream}, rule_{rule}, next_{next}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (next_.is_done())
            net::post(stream_->get_executor(), self.then(on_done{})); // never at once
        else
            perform(self);
    }

    /// After a wait for readability.
    template <class Self>
    void operator()(Self& self, on_ready tag, error_code ec)
    {
        (*this)(self, tag, ec, 0);
    }

    /// After a read or a write.
    template <class Self>
    void operator()(Self& self, on_ready, error_code ec, std::size_t n)
    {
        if (self.cancelled()) return self.complete(error_code{net::error::operation_aborted});
        if (next_.what == action::kind::read && !look(*stream_, next_, ec, n)) return perform(self);
        next_ = resume(*stream_, *rule_, next_, ec, n);
        if (next_.is_done()) return self.complete(next_.error);
        perform(self);
    }

    template <class Self>
    void operator()(Self& self, on_done)
    {
        self.complete(next_.error);
    }

private:
    template <class Self>
    void perform(Self& self)
    {
        if (next_.what == action::kind::read)
            exact_read<Stream>::async_await(*stream_, next_.input, self.then(on_ready{}));
        else
            net::async_write(*stream_, net::buffer(next_.output.data(), next_.output.size()),
                             self.then(on_ready{}));
    }

    Stream* stream_;
    Rule* rule_;
    action next_;
};

/// Drives `rule` over `stream` until it is done; both must stay where they are until then.
/**
 * @param next What the rule wants now: what its start, or `start_rule`, has returned.
 *
 * Completion signature `void(error_code)`: the rule's own outcome, or `operation_aborted` after a
 * cancellation of any type.
 */
template <class Stream, class Rule, class CompletionToken>
auto async_run_rule(Stream& stream, Rule& rule, action next, CompletionToken&& token)
{
    return async_stable<run_rule_op<Stream, Rule>, void(error_code)>(std::forward<CompletionToken>(token),
                                                                     &stream, &rule, next);
}

/// The same with blocking calls.
template <class Stream, class Rule>
error_code run_rule(Stream& stream, Rule& rule)
{
    auto next = rule.resume({}, 0);
    while (!next.is_done()) {
        error_code ec;
        std::size_t n = 0;
        if (next.what == action::kind::write) {
            n = net::write(stream, net::buffer(next.output.data(), next.output.size()), ec);
        } else {
            n = exact_read<Stream>::await(stream, next.input, ec);
            bool const cannot_wait = ec == net::error::would_block; // its owner has made it non-blocking
            if (!cannot_wait && !look(stream, next, ec, n)) continue;
        }
        next = resume(stream, rule, next, ec, n);
    }
    return next.error;
}

} // namespace viaduct::detail

#endif

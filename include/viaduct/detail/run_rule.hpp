#ifndef VIADUCT_DETAIL_RUN_RULE_HPP
#define VIADUCT_DETAIL_RUN_RULE_HPP

#include <viaduct/action.hpp>
#include <viaduct/detail/asio.hpp>
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
    if (ec == net::error::eof) {
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

/// The one asynchronous operation that drives every protocol rule.
template <class Stream, class Rule>
class run_rule_op
{
public:
    run_rule_op(Stream& stream, Rule& rule) noexcept : stream_{&stream}, rule_{&rule} {}

    /// The start.
    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        next_ = rule_->resume({}, 0);
        if (!next_.is_done()) return perform(self);
        auto const executor = stream_->get_executor();
        net::post(executor, prepend(std::move(self), next_.error)); // never inside the initiating function
    }

    /// After a wait for readability.
    template <class Self>
    void operator()(Self& self, error_code ec)
    {
        if (next_.is_done()) return self.complete(ec);
        (*this)(self, ec, 0);
    }

    /// After a read or a write.
    template <class Self>
    void operator()(Self& self, error_code ec, std::size_t n)
    {
        if (cancelled(self)) return self.complete(net::error::operation_aborted);
        if (next_.what == action::kind::read && !look(*stream_, next_, ec, n)) return perform(self);
        next_ = resume(*stream_, *rule_, next_, ec, n);
        perform(self);
    }

private:
    template <class Self>
    void perform(Self& self)
    {
        auto& stream = *stream_;
        auto const next = next_;
        switch (next.what) {
        case action::kind::read: exact_read<Stream>::async_await(stream, next.input, std::move(self)); break;
        case action::kind::write:
            net::async_write(stream, net::buffer(next.output.data(), next.output.size()), std::move(self));
            break;
        case action::kind::done: self.complete(next.error); break;
        }
    }

    Stream* stream_;
    Rule* rule_;
    action next_;
};

/// Drives `rule` over `stream` until it is done; both must stay where they are until then.
/**
 * Completion signature `void(error_code)`: the rule's own outcome, or `operation_aborted` after a
 * cancellation of any type.
 */
template <class Stream, class Rule, class CompletionToken>
auto async_run_rule(Stream& stream, Rule& rule, CompletionToken&& token)
{
    return net::async_compose<CompletionToken, void(error_code)>(run_rule_op<Stream, Rule>{stream, rule},
                                                                 token, stream);
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

#ifndef VIADUCT_IMPL_CLIENT_DIAL_SPANS_IPP
#define VIADUCT_IMPL_CLIENT_DIAL_SPANS_IPP

#include <viaduct/client/dial_spans.hpp>
#include <viaduct/detail/dial_account.hpp>

#include <exception>
#include <stdexcept>

namespace viaduct {

VIADUCT_DECL dial_spans::dial_spans(line_sink_ptr lines, dial_span_options options)
    : lines_{std::move(lines)},
      options_{std::move(options)}
{
    auto const& parent = options_.parent;
    if (parent && !parse_traceparent("00-" + parent->trace_id + '-' + parent->parent_id + "-01"))
        throw std::invalid_argument{"no trace context"};
}

VIADUCT_DECL dial_spans::~dial_spans() = default;

template <class Write>
void dial_spans::with(dial_moment const& now, Write write) noexcept
{
    try {
        std::lock_guard const lock{mutex_};
        auto const at = dials_.find(now.dial);
        if (at != dials_.end()) write(*at->second);
    } catch (std::exception const&) { // no memory for a span: the dial goes on
    }
}

/// Under the lock.
VIADUCT_DECL void dial_spans::begin(dial_moment const& now, authority const* target)
{
    if (options_.parent && !options_.parent->sampled) return;
    if (dials_.size() >= max_dials) dials_.erase(dials_.begin());
    dials_.insert_or_assign(now.dial,
                            std::make_unique<detail::dial_account>(now, target, random_, max_spans - 1));
}

VIADUCT_DECL void dial_spans::end(dial_moment const& now, dial_report const& report, error_code ec) noexcept
{
    try {
        std::lock_guard const lock{mutex_};
        if (dials_.count(now.dial) == 0) begin(now, nullptr); // it was cancelled before it could begin
        auto const ended = dials_.extract(now.dial);
        if (ended.empty()) return;
        auto& account = *ended.mapped();
        account.end(now, report, ec);
        auto const& parent = options_.parent;
        auto const trace = parent ? parent->trace_id : detail::random_id(random_, 32);
        lines_->write_line(account.json(trace, parent ? parent->parent_id : "", options_.service_name));
    } catch (std::exception const&) { // no memory for the line
    }
}

VIADUCT_DECL void dial_spans::on_dialling(dial_moment const& now, authority const& target)
{
    try {
        std::lock_guard const lock{mutex_};
        begin(now, &target);
    } catch (std::exception const&) { // no memory: this dial is not told
    }
}

VIADUCT_DECL void dial_spans::on_resolving(dial_moment const& now, authority const& whom)
{
    with(now, [&](auto& dial) { dial.resolving(now, whom); });
}

VIADUCT_DECL void dial_spans::on_resolved(dial_moment const& now, std::vector<endpoint> const& found,
                                          error_code ec)
{
    with(now, [&](auto& dial) { dial.resolved(now, found, ec); });
}

VIADUCT_DECL void dial_spans::on_connecting(dial_moment const& now, endpoint const& to)
{
    with(now, [&](auto& dial) { dial.connecting(now, to); });
}

VIADUCT_DECL void dial_spans::on_connect_failed(dial_moment const& now, endpoint const& to, error_code ec)
{
    with(now, [&](auto& dial) { dial.connect_failed(now, to, ec); });
}

VIADUCT_DECL void dial_spans::on_connected(dial_moment const& now, endpoint const& remote, endpoint const&)
{
    with(now, [&](auto& dial) { dial.connected(now, remote); });
}

VIADUCT_DECL void dial_spans::on_securing(dial_moment const& now)
{
    with(now, [&](auto& dial) { dial.securing(now); });
}

VIADUCT_DECL void dial_spans::on_secured(dial_moment const& now, tls_facts const& facts, error_code ec)
{
    with(now, [&](auto& dial) { dial.secured(now, facts, ec); });
}

VIADUCT_DECL void dial_spans::on_asking(dial_moment const& now, authority const& for_target)
{
    with(now, [&](auto& dial) { dial.asking(now, for_target); });
}

VIADUCT_DECL void dial_spans::on_authorizing(dial_moment const& now, std::string_view scheme)
{
    with(now, [&](auto& dial) { dial.authorizing(scheme); });
}

VIADUCT_DECL void dial_spans::on_request(dial_moment const& now, redacted_request const&)
{
    with(now, [&](auto& dial) { dial.request(now); });
}

VIADUCT_DECL void dial_spans::on_answer(dial_moment const& now, std::string_view, connect_reply const& reply,
                                        error_code ec)
{
    with(now, [&](auto& dial) { dial.answer(now, reply.status, ec); });
}

VIADUCT_DECL void dial_spans::on_established(dial_moment const& now, dial_report const& report)
{
    end(now, report, {});
}

VIADUCT_DECL void dial_spans::on_failed(dial_moment const& now, connect_failure const& what)
{
    end(now, what.report, what.error);
}

} // namespace viaduct

#endif

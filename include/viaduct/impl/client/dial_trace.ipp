#ifndef VIADUCT_IMPL_CLIENT_DIAL_TRACE_IPP
#define VIADUCT_IMPL_CLIENT_DIAL_TRACE_IPP

#include <viaduct/client/dial_trace.hpp>
#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/socks_name.hpp>
#include <viaduct/detail/without_secrets.hpp>
#include <viaduct/log/escape.hpp>

#include <exception>

namespace viaduct {
namespace detail {

inline constexpr std::size_t max_traced_addresses = 16; // of one look-up; a name may have hundreds

/// Makes the lines of one event.
class trace_writer
{
public:
    /// @param begin What each line begins with.
    explicit trace_writer(std::string begin) : begin_{std::move(begin)} {}

    void note(std::string_view text) { add("* ", text); }
    void sent(std::string_view redacted) { add_head("> ", redacted, without_secrets_of_caller); }
    void received(std::string_view head) { add_head("< ", head, without_secrets_of_proxy); }

    [[nodiscard]] std::string const& lines() const noexcept { return lines_; }

private:
    /// Quotes stay as they are, for none is around the text.
    void add(std::string_view arrow, std::string_view text)
    {
        bool const is_cut = text.size() > escape::max_text;
        text = text.substr(0, escape::max_text);
        lines_.append(begin_).append(text.empty() ? arrow.substr(0, 1) : arrow);
        for (auto quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
            escape::quoted(lines_, text.substr(0, quote));
            lines_ += '"';
            text.remove_prefix(quote + 1);
        }
        escape::quoted(lines_, text);
        lines_.append(is_cut ? "...\n" : "\n");
    }

    /// A field that is folded becomes one line, so that all of it is seen when secrets are looked for.
    template <class Show>
    void add_head(std::string_view arrow, std::string_view head, Show show)
    {
        std::string field;
        auto const end_field = [&] { add(arrow, show(std::string_view{field})); };
        bool is_first = true;
        while (!head.empty()) {
            auto const end = std::min(head.find('\n'), head.size() - 1) + 1;
            auto line = head.substr(0, end);
            head.remove_prefix(end);
            while (line.ends_with('\n') || line.ends_with('\r'))
                line.remove_suffix(1);
            bool const goes_on = line.starts_with(' ') || line.starts_with('\t');
            if (!is_first && !goes_on) end_field();
            if (!goes_on) field.clear();
            field += line;
            is_first = false;
        }
        if (!is_first) end_field();
    }

    std::string begin_;
    std::string lines_;
};

} // namespace detail

template <class Write>
void dial_trace::tell(dial_moment const& now, Write write) noexcept
{
    try {
        detail::trace_writer out{numbered_ ? '[' + std::to_string(now.dial) + "] " : ""};
        write(out);
        std::lock_guard const lock{mutex_};
        if (!out.lines().empty()) lines_->write_lines(out.lines());
    } catch (std::exception const&) { // no memory for a few lines: the dial goes on
    }
}

VIADUCT_DECL void dial_trace::on_dialling(dial_moment const& now, authority const& target)
{
    tell(now, [&](auto& out) { out.note("Dialling " + target.text()); });
}

VIADUCT_DECL void dial_trace::on_resolving(dial_moment const& now, authority const& whom)
{
    if (whom.is_address()) return;
    tell(now, [&](auto& out) { out.note("Looking up " + whom.host()); });
}

VIADUCT_DECL void dial_trace::on_resolved(dial_moment const& now, std::vector<endpoint> const& found,
                                          error_code ec)
{
    tell(now, [&](auto& out) {
        if (ec) return out.note("No address: " + ec.message());
        std::string text;
        for (auto const& each : found) {
            if (&each - found.data() == detail::max_traced_addresses) {
                text += ", and more";
                break;
            }
            text.append(text.empty() ? "Addresses: " : ", ").append(detail::to_text(each.address()));
        }
        out.note(text);
    });
}

VIADUCT_DECL void dial_trace::on_connecting(dial_moment const& now, endpoint const& to)
{
    tell(now, [&](auto& out) { out.note("  Trying " + detail::to_text(to) + "..."); });
}

VIADUCT_DECL void dial_trace::on_connect_failed(dial_moment const& now, endpoint const& to, error_code ec)
{
    tell(now, [&](auto& out) { out.note("connect to " + detail::to_text(to) + " failed: " + ec.message()); });
}

VIADUCT_DECL void dial_trace::on_connected(dial_moment const& now, endpoint const& remote,
                                           endpoint const& local)
{
    tell(now, [&](auto& out) {
        out.note("Connected to " + detail::to_text(remote) + " from " + detail::to_text(local) + " (" +
                 std::string{now.proxy} + ')');
    });
}

VIADUCT_DECL void dial_trace::on_securing(dial_moment const& now)
{
    tell(now, [&](auto& out) { out.note("TLS handshake with " + std::string{now.proxy}); });
}

VIADUCT_DECL void dial_trace::on_secured(dial_moment const& now, tls_facts const& facts, error_code ec)
{
    tell(now, [&](auto& out) {
        if (ec)
            return out.note("TLS failed: " + ec.message() +
                            (facts.detail.empty() ? "" : ": " + facts.detail));
        out.note("SSL connection using " + facts.protocol + " / " + facts.cipher);
        if (!facts.alpn.empty()) out.note("ALPN: proxy accepted " + facts.alpn);
        out.note("Proxy certificate: " + facts.subject +
                 (facts.verify_result == 0 ? ", verified" : ", not to be trusted"));
    });
}

VIADUCT_DECL void dial_trace::on_asking(dial_moment const& now, authority const& for_target)
{
    tell(now, [&](auto& out) {
        std::string what{detail::socks_name(now.proxy)};
        what += what.empty() ? "Establishing HTTP proxy tunnel to " : " connect to ";
        out.note(what + for_target.text());
    });
}

VIADUCT_DECL void dial_trace::on_authorizing(dial_moment const& now, std::string_view scheme)
{
    tell(now, [&](auto& out) { out.note("Proxy auth using " + std::string{scheme}); });
}

VIADUCT_DECL void dial_trace::on_request(dial_moment const& now, redacted_request const& request)
{
    tell(now, [&](auto& out) { out.sent(request.text()); });
}

VIADUCT_DECL void dial_trace::on_answer(dial_moment const& now, std::string_view head, connect_reply const&,
                                        error_code ec)
{
    tell(now, [&](auto& out) {
        out.received(head);
        if (head.empty() && ec) out.note("No answer: " + ec.message());
    });
}

VIADUCT_DECL void dial_trace::on_reconnecting(dial_moment const& now)
{
    tell(now, [&](auto& out) { out.note("The conversation goes on with a new connection"); });
}

VIADUCT_DECL void dial_trace::on_established(dial_moment const& now, dial_report const& report)
{
    tell(now, [&](auto& out) {
        if (report.reply.status == 0) return out.note("Tunnel established");
        out.note("CONNECT tunnel established, response " + std::to_string(report.reply.status));
    });
}

VIADUCT_DECL void dial_trace::on_failed(dial_moment const& now, connect_failure const& what)
{
    tell(now, [&](auto& out) { out.note("No tunnel: " + detail::without_tickets(what.message())); });
}

} // namespace viaduct

#endif

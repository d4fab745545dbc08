#ifndef VIADUCT_IMPL_DETAIL_SHORTAGE_IPP
#define VIADUCT_IMPL_DETAIL_SHORTAGE_IPP

// What an acceptor does when the system has no descriptor left.

#include <viaduct/detail/acceptor_state.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <array>
#include <chrono>
#include <utility>

namespace viaduct::detail {

/// How long a shortage lasts before it is worth more than a pause, and a calm before it is one.
[[nodiscard]] inline std::chrono::milliseconds patience(accept_options const& options)
{
    return 10 * options.pause_when_exhausted;
}

/// The system has run out of something: accepting at once would only spin.
VIADUCT_DECL void acceptor_state::on_exhausted(error_code ec)
{
    auto const now = std::chrono::steady_clock::now();
    bool const is_news = !std::exchange(short_, true);
    recovered_ = false;
    if (is_news) short_since_ = now;
#if !defined(_WIN32)
    if (now - short_since_ >= patience(options_) && reserve_descriptor::helps(ec))
        reserve_.lend([this] { turn_away(); });
#endif
    pause_.expires_after(options_.pause_when_exhausted);
    pause_.async_wait([self = shared_from_this()](error_code stopped) {
        if (self->retired_) return self->end_shortage();
        if (!stopped) self->accept_again(); // a pause that another one has replaced is over when that one is
    });
    if (is_news) notify(ec);
}

/// Empties the system's queue: with one descriptor, its clients can be told at least.
VIADUCT_DECL void acceptor_state::turn_away()
{
    error_code ec;
    listener_.non_blocking(true, ec);
    for (int most = 256; most != 0 && !ec; --most) {
        net::ip::tcp::endpoint client;
        net::ip::tcp::socket socket{executor()};
        listener_.accept(socket, client, ec);
        if (!ec) turn_away(socket, client);
    }
}

VIADUCT_DECL void acceptor_state::turn_away(net::ip::tcp::socket& socket,
                                            net::ip::tcp::endpoint const& client)
{
    auto const why = make_error_code(errc::too_many_tunnels);
    auto const answer = refusal_for(why, options_.request.statuses);
    connect_request unread;
    error_code ec;
    socket.non_blocking(true, ec);
    if (!options_.tls) {
        std::array<char, 4096> head; // left unread it would make the close a reset
        socket.read_some(net::buffer(head), ec);
        unread.answer_size = socket.write_some(net::buffer(answer.text(options_.request.name)), ec);
    }
    if (unread.answer_size != 0) unread.answered_status = answer.status;
    if (!options_.log) return;
    connection_facts from;
    from.client = from.peer = without_mapping(client);
    from.local = local_;
    from.listener = name_;
    options_.log->write(unread_record(from, unread, why));
}

/// One connection proves little: the shortage is over when there has been none for a while.
VIADUCT_DECL void acceptor_state::on_accepted_again()
{
    if (std::exchange(recovered_, true)) return;
    pause_.expires_after(patience(options_));
    pause_.async_wait([self = shared_from_this()](error_code stopped) {
        if (self->retired_) return self->end_shortage();
        if (stopped || self->closed_) return;
        self->short_ = self->recovered_ = false;
        self->notify({});
    });
}

/// One that does not listen any more lacks nothing.
VIADUCT_DECL void acceptor_state::end_shortage()
{
    if (!closed_ && std::exchange(short_, false)) notify({});
}

VIADUCT_DECL void acceptor_state::notify(error_code ec)
{
    auto const self = shared_from_this(); // who is told may destroy the acceptor
    if (options_.on_exhausted) options_.on_exhausted(ec);
}

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_IMPL_SERVER_ACCEPTOR_IPP
#define VIADUCT_IMPL_SERVER_ACCEPTOR_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/impl/server/listen_on.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace viaduct {
namespace detail {

/// What requests share, as far as it outlives the acceptor.
[[nodiscard]] inline std::shared_ptr<request_reading const> reading_of(accept_options const& options)
{
    auto reading = std::make_shared<request_reading>();
    reading->options = options.request;
    if (options.log)
        reading->on_invalid = [log = options.log](connection_facts const& facts, connect_request const& head,
                                                  error_code ec) {
            log->write(unread_record(facts, head, ec));
        };
    return reading;
}

VIADUCT_DECL acceptor_state::acceptor_state(net::ip::tcp::acceptor listener, accept_options options)
    : listener_{std::move(listener)},
      pause_{listener_.get_executor()},
      ready_{listener_.get_executor()}, // it holds nothing, so that whoever waits is known
      options_{std::move(options)},
      reading_{reading_of(options_)}
{
    error_code ignored; // a listener of somebody else's may be closed
    local_ = listener_.local_endpoint(ignored);
    tell_listener();
    if (!options_.name.empty()) name_ = std::make_shared<std::string const>(options_.name);
}

/// What each connection inherits.
VIADUCT_DECL void acceptor_state::tell_listener()
{
    error_code ignored; // the options are wishes
    if (!listener_.is_open()) return;
    listener_.set_option(net::ip::tcp::no_delay{true}, ignored);
    ignored = set_tcp_liveness(listener_, options_.liveness);
}

VIADUCT_DECL void acceptor_state::start(std::function<void(request)> on_request)
{
    if (std::exchange(started_, true)) return;
    on_request_ = std::move(on_request);
    accept();
}

VIADUCT_DECL void acceptor_state::close()
{
    error_code ignored;
    closed_ = true;
    close_listener();
    reading_->challenged->close();
    pause_.cancel();
    ready_.cancel(); // requests that wait: closing alone would leave them there, and their connections open
    ready_.close();
    for (auto& who : arrivals_) {
        record(who, net::error::operation_aborted, {});
        who.socket.close(ignored);
        if (!who.before) continue;
        who.before->stream.close(ignored);
        who.before->end.emit(net::cancellation_type::terminal);
    }
}

/// What has been accepted, and is on its way to `on_accept`, still is the other one's.
VIADUCT_DECL void acceptor_state::take_over(acceptor_state& other)
{
    other.listen_no_more();
    local_ = other.local_;
    listener_ = std::move(other.listener_);
    tell_listener();
}

VIADUCT_DECL void acceptor_state::retire()
{
    if (closed_ || retired_) return;
    listen_no_more();
    if (started_) accept_the_rest();
    close_listener();
}

VIADUCT_DECL void acceptor_state::listen_no_more()
{
    error_code ignored;
    retired_ = true;
    listener_.cancel(ignored);
    pause_.cancel();
#if !defined(_WIN32)
    reserve_.release();
#endif
}

/// Those that the system has accepted would be reset with the listener.
VIADUCT_DECL void acceptor_state::accept_the_rest()
{
    error_code ec;
    listener_.non_blocking(true, ec);
    for (int most = 4096; most != 0 && !ec; --most) { // as many as a queue holds
        net::ip::tcp::endpoint client;
        net::ip::tcp::socket socket{executor()};
        listener_.accept(socket, client, ec);
        if (!ec) on_connection(std::move(socket), client);
        if (ec == net::error::connection_aborted) ec = {};
    }
}

/// What others have a descriptor of, too, is not closed by the system: it must be taken out of the reactor.
VIADUCT_DECL void acceptor_state::close_listener()
{
    error_code ec;
    auto const socket = listener_.release(ec);
    if (!ec) ::close(socket);
}

VIADUCT_DECL void acceptor_state::accept()
{
    accepting_ = true;
    listener_.async_accept(client_, [self = shared_from_this()](error_code ec, net::ip::tcp::socket socket) {
        self->on_accept(ec, std::move(socket));
    });
}

VIADUCT_DECL void acceptor_state::on_accept(error_code ec, net::ip::tcp::socket socket)
{
    accepting_ = false;
    if (closed_) return;
    if (ec && retired_) return end_shortage();
    bool const passing = ec == net::error::connection_aborted || ec == net::error::interrupted;
    if (ec && !passing) return on_exhausted(ec);
    if (!ec) {
        on_connection(std::move(socket), client_);
        if (short_) on_accepted_again();
    }
    accept_again();
}

VIADUCT_DECL void acceptor_state::on_connection(net::ip::tcp::socket socket,
                                                net::ip::tcp::endpoint const& from)
{
    auto const client = without_mapping(from);
    connection_facts facts{.client = client, .local = local_, .peer = client};
    error_code ignored;
    if (local_.address().is_unspecified()) facts.local = without_mapping(socket.local_endpoint(ignored));
    receive(std::move(socket), std::move(facts));
}

VIADUCT_DECL void acceptor_state::accept_again()
{
    bool const full = arrivals_.size() >= options_.max_heads || waiting_ >= options_.max_waiting;
    if (!closed_ && !retired_ && !accepting_ && !full) accept();
}

/// A connection that was accepted elsewhere.
VIADUCT_DECL void acceptor_state::adopt(net::ip::tcp::socket socket)
{
    if (closed_) return;
    error_code ignored;
    socket.set_option(net::ip::tcp::no_delay{true}, ignored);
    ignored = set_tcp_liveness(socket, options_.liveness);
    auto facts = facts_of(socket);
    receive(std::move(socket), std::move(facts));
}

} // namespace detail

VIADUCT_DECL acceptor::acceptor(net::any_io_executor executor, net::ip::tcp::endpoint const& where,
                                accept_options options)
    : acceptor{detail::listen_on(executor, where, options.reuse_port), std::move(options)}
{}

VIADUCT_DECL acceptor::acceptor(net::ip::tcp::acceptor listening, accept_options options)
    : state_{std::make_shared<detail::acceptor_state>(std::move(listening), std::move(options))}
{}

VIADUCT_DECL acceptor::~acceptor()
{
    if (state_) state_->close();
}

VIADUCT_DECL void acceptor::retire()
{
    state_->retire();
}

VIADUCT_DECL void acceptor::close()
{
    state_->close();
}

} // namespace viaduct

#endif

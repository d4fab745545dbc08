#ifndef VIADUCT_IMPL_SERVER_ACCEPTOR_IPP
#define VIADUCT_IMPL_SERVER_ACCEPTOR_IPP

#include <viaduct/net/linger_close.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/tunnel_records.hpp>

namespace viaduct {
namespace detail {

#if defined(SO_REUSEPORT)
/// SO_REUSEPORT, as Asio wants an option to be.
class reuse_port
{
public:
    template <class Protocol>
    [[nodiscard]] int level(Protocol const&) const noexcept
    {
        return SOL_SOCKET;
    }
    template <class Protocol>
    [[nodiscard]] int name(Protocol const&) const noexcept
    {
        return SO_REUSEPORT;
    }
    template <class Protocol>
    [[nodiscard]] int const* data(Protocol const&) const noexcept
    {
        return &on_;
    }
    template <class Protocol>
    [[nodiscard]] std::size_t size(Protocol const&) const noexcept
    {
        return sizeof on_;
    }

private:
    int on_ = 1;
};
#endif

/// An open port.
[[nodiscard]] inline net::ip::tcp::acceptor listen_on(net::any_io_executor const& executor,
                                                      net::ip::tcp::endpoint const& where, bool shared)
{
    net::ip::tcp::acceptor listener{executor, where.protocol()};
    listener.set_option(net::ip::tcp::acceptor::reuse_address{true});
#if defined(SO_REUSEPORT)
    if (shared) listener.set_option(reuse_port{});
#else
    if (shared) throw system_error(net::error::operation_not_supported);
#endif
    error_code ignored;
    listener.set_option(net::ip::tcp::no_delay{true}, ignored); // which each connection inherits
    listener.bind(where);
    listener.listen();
    return listener;
}

VIADUCT_DECL acceptor_state::acceptor_state(net::any_io_executor executor,
                                            net::ip::tcp::endpoint const& where, accept_options options)
    : listener_{listen_on(executor, where, options.reuse_port)},
      pause_{executor},
      ready_{executor}, // it holds nothing, so that whoever waits is known
      options_{std::move(options)}
{}

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
    listener_.close(ignored);
    pause_.cancel();
    ready_.cancel(); // requests that wait: closing alone would leave them there, and their connections open
    ready_.close();
    for (auto& who : arrivals_)
        who.socket.close(ignored);
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
    if (!ec) read_head(std::move(socket));
    bool const exhausted = ec && ec != net::error::connection_aborted && ec != net::error::interrupted;
    if (exhausted)
        pause();
    else
        accept_again();
}

/// The system has run out of something: accepting at once would only spin.
VIADUCT_DECL void acceptor_state::pause()
{
    pause_.expires_after(options_.pause_when_exhausted);
    pause_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->accept_again(); // a pause that another one has replaced is over when that one is
    });
}

VIADUCT_DECL void acceptor_state::accept_again()
{
    bool const full = arrivals_.size() >= options_.max_heads || waiting_ >= options_.max_waiting;
    if (!closed_ && !accepting_ && !full) accept();
}

VIADUCT_DECL void acceptor_state::read_head(net::ip::tcp::socket socket)
{
    auto const who =
        arrivals_.insert(arrivals_.end(), {std::move(socket), client_, std::chrono::steady_clock::now()});
    async_read_request(who->socket, options_.request,
                       [self = shared_from_this(), who](error_code ec, connect_request head) {
                           self->on_head(who, ec, std::move(head));
                       });
}

VIADUCT_DECL void acceptor_state::on_head(arrivals::iterator who, error_code ec, connect_request head)
{
    if (closed_) return forget(who);
    if (ec) return drop(who, ec, head);
    hand_out({std::move(who->socket), std::move(head), who->accepted, who->client});
    forget(who);
}

VIADUCT_DECL void acceptor_state::hand_out(request next)
{
    if (on_request_) return on_request_(std::move(next));
    ++waiting_;
    ready_.async_send({}, std::move(next), [self = shared_from_this()](error_code) {
        --self->waiting_;
        self->accept_again();
    });
}

/// A connection without a valid request: its answer, if it got one, must arrive before it is closed.
VIADUCT_DECL void acceptor_state::drop(arrivals::iterator who, error_code ec, connect_request const& head)
{
    if (options_.log) options_.log->write(unread_record(who->client, who->accepted, head, ec));
    if (head.answered_status == 0) return forget(who);
    async_linger_close(who->socket, std::chrono::seconds{2},
                       [self = shared_from_this(), who](error_code) { self->forget(who); });
}

VIADUCT_DECL void acceptor_state::forget(arrivals::iterator who)
{
    arrivals_.erase(who);
    accept_again();
}

} // namespace detail

VIADUCT_DECL acceptor::acceptor(net::any_io_executor executor, net::ip::tcp::endpoint const& where,
                                accept_options options)
    : state_{std::make_shared<detail::acceptor_state>(std::move(executor), where, std::move(options))}
{}

VIADUCT_DECL acceptor::~acceptor()
{
    if (state_) state_->close();
}

VIADUCT_DECL void acceptor::close()
{
    state_->close();
}

} // namespace viaduct

#endif

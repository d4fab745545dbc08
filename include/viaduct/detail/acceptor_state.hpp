#ifndef VIADUCT_DETAIL_ACCEPTOR_STATE_HPP
#define VIADUCT_DETAIL_ACCEPTOR_STATE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/request_ops.hpp>
#include <viaduct/detail/reserve_descriptor.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/proxy_header.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/server/accept_options.hpp>
#include <viaduct/server/connection_facts.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace viaduct::detail {

/// A connection whose request is being read.
struct arrival
{
    /// What some begin with: a PROXY protocol header, TLS.
    struct prologue
    {
        explicit prologue(net::any_io_executor const& executor) : timer{executor} {}

        net::steady_timer timer;
        net::cancellation_signal end;
        proxy_header_reader header;
        any_stream stream; // with TLS on it
        tls_client_facts tls;
    };

    net::ip::tcp::socket socket; // unless it is below TLS
    connection_facts facts;
    std::unique_ptr<prologue> before{}; // null for most
    bool recorded = false;
};

/// What an acceptor's loops share; lives until the last of them has ended.
class acceptor_state : public std::enable_shared_from_this<acceptor_state>
{
public:
    using channel = net::experimental::channel<void(error_code, request)>;

    VIADUCT_DECL acceptor_state(net::ip::tcp::acceptor listener, accept_options options);

    VIADUCT_DECL void start(std::function<void(request)> on_request = {});
    VIADUCT_DECL void adopt(net::ip::tcp::socket socket);
    VIADUCT_DECL void take_over(acceptor_state& other);
    VIADUCT_DECL void retire();
    VIADUCT_DECL void close();

    /// Requests keep what they are read with for as long as they may come back.
    [[nodiscard]] bool has_ended() const noexcept
    {
        return retired_ && !accepting_ && arrivals_.empty() && waiting_ == 0 && reading_.use_count() == 1;
    }

    [[nodiscard]] net::any_io_executor executor() { return listener_.get_executor(); }
    [[nodiscard]] net::ip::tcp::endpoint local_endpoint() const { return local_; }
    [[nodiscard]] channel& ready() noexcept { return ready_; }

private:
    using arrivals = std::list<arrival>;

    void close_listener();
    void accept();
    void on_accept(error_code ec, net::ip::tcp::socket socket);
    void on_connection(net::ip::tcp::socket socket, net::ip::tcp::endpoint const& client);
    void accept_again();
    void accept_the_rest();
    void on_exhausted(error_code ec);
    void on_accepted_again();
    void tell_listener();
    void listen_no_more();
    void end_shortage();
    void notify(error_code ec);
    void turn_away();
    void turn_away(net::ip::tcp::socket& socket, net::ip::tcp::endpoint const& client);

    void receive(net::ip::tcp::socket socket, connection_facts facts);
    void read_proxy_header(arrivals::iterator who);
    void on_proxy_header(arrivals::iterator who, error_code ec);
    void shake_hands(arrivals::iterator who);
    void on_secure(arrivals::iterator who, error_code ec);
    void read_head(arrivals::iterator who);
    void on_head(arrivals::iterator who, error_code ec, connect_request head);
    void hand_out(request next);
    void record(arrival& who, error_code ec, connect_request const& head);
    void drop(arrivals::iterator who, error_code ec, connect_request const& head);
    void forget(arrivals::iterator who);

    net::ip::tcp::acceptor listener_;
    net::ip::tcp::endpoint local_;  // of the listener
    net::ip::tcp::endpoint client_; // of the connection that is being accepted
    net::steady_timer pause_;
    channel ready_;
    std::function<void(request)> on_request_; // or whoever receives from the channel
    accept_options options_;
    std::shared_ptr<request_reading const> reading_;
    std::shared_ptr<std::string const> name_;
    arrivals arrivals_;
    std::size_t waiting_ = 0; // requests that nobody has taken out of the channel
    bool started_ = false;
    bool accepting_ = false;
    bool retired_ = false; // does not listen any more, and reads on
    bool closed_ = false;
    bool short_ = false; // the system had nothing left, as has been told
    std::chrono::steady_clock::time_point short_since_{};
    bool recovered_ = false; // and has given something since
#if !defined(_WIN32)
    reserve_descriptor reserve_;
#endif
};

/// Takes one request out of the channel, and keeps the state alive meanwhile.
class receive_request_op
{
public:
    explicit receive_request_op(std::shared_ptr<acceptor_state> state) : state_{std::move(state)} {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& ready = state_->ready();
        ready.async_receive(std::move(self));
    }

    template <class Self>
    void operator()(Self& self, error_code ec, request next)
    {
        state_.reset();
        if (ec) ec = net::error::operation_aborted; // the channel has words of its own for being closed
        self.complete(ec, std::move(next));
    }

private:
    std::shared_ptr<acceptor_state> state_;
};

} // namespace viaduct::detail

#endif

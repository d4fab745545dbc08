#ifndef VIADUCT_DETAIL_ACCEPTOR_STATE_HPP
#define VIADUCT_DETAIL_ACCEPTOR_STATE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/server/accept_options.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// What an acceptor's loops share; lives until the last of them has ended.
class acceptor_state : public std::enable_shared_from_this<acceptor_state>
{
public:
    using channel = net::experimental::channel<void(error_code, request)>;

    VIADUCT_DECL acceptor_state(net::any_io_executor executor, net::ip::tcp::endpoint const& where,
                                accept_options options);

    VIADUCT_DECL void start(std::function<void(request)> on_request = {});
    VIADUCT_DECL void close();

    [[nodiscard]] net::any_io_executor executor() { return listener_.get_executor(); }
    [[nodiscard]] net::ip::tcp::endpoint local_endpoint() const { return listener_.local_endpoint(); }
    [[nodiscard]] channel& ready() noexcept { return ready_; }

private:
    /// A connection whose head is being read.
    struct arrival
    {
        net::ip::tcp::socket socket;
        net::ip::tcp::endpoint client;
        std::chrono::steady_clock::time_point accepted;
    };
    using arrivals = std::list<arrival>;

    void accept();
    void on_accept(error_code ec, net::ip::tcp::socket socket);
    void pause();
    void read_head(net::ip::tcp::socket socket);
    void on_head(arrivals::iterator who, error_code ec, connect_request head);
    void hand_out(request next);
    void drop(arrivals::iterator who, error_code ec, connect_request const& head);
    void forget(arrivals::iterator who);
    void accept_again();

    net::ip::tcp::acceptor listener_;
    net::ip::tcp::endpoint client_; // of the connection that is being accepted
    net::steady_timer pause_;
    channel ready_;
    std::function<void(request)> on_request_; // or whoever receives from the channel
    accept_options options_;
    arrivals arrivals_;
    std::size_t waiting_ = 0; // requests that nobody has taken out of the channel
    bool started_ = false;
    bool accepting_ = false;
    bool closed_ = false;
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

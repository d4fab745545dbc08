#ifndef VIADUCT_DETAIL_REQUEST_OPS_HPP
#define VIADUCT_DETAIL_REQUEST_OPS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/net/linger_close.hpp>
#include <viaduct/server/connect_request.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

inline constexpr std::string_view acceptance = "HTTP/1.1 200 Connection established\r\n\r\n";

struct request_state
{
    request_state(net::ip::tcp::socket s, connect_request h, std::chrono::steady_clock::time_point at,
                  net::ip::tcp::endpoint const& from)
        : socket{std::move(s)},
          head{std::move(h)},
          client{from},
          accepted{at}
    {}

    /// Who is at the other end; nobody if the client has gone, which the next read or write tells.
    [[nodiscard]] static net::ip::tcp::endpoint client_of(net::ip::tcp::socket const& socket)
    {
        error_code ignored;
        return socket.remote_endpoint(ignored);
    }

    net::ip::tcp::socket socket;
    connect_request head;
    net::ip::tcp::endpoint client;
    std::chrono::steady_clock::time_point accepted;
};

class accept_tunnel_op : public one_step_at_a_time
{
public:
    struct on_written
    {};

    explicit accept_tunnel_op(std::unique_ptr<request_state> request) : socket_{std::move(request->socket)} {}

    template <class Self>
    void operator()(Self& self)
    {
        net::async_write(socket_, net::buffer(acceptance.data(), acceptance.size()), self.then(on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec, std::size_t)
    {
        self.complete(ec, std::move(socket_));
    }

private:
    net::ip::tcp::socket socket_;
};

/// Writes the whole text, within a time that a client who does not read cannot stretch, then closes.
class reject_op
{
public:
    struct on_written
    {};
    struct on_closed
    {};

    reject_op(std::unique_ptr<request_state> request, std::string text)
        : state_{std::make_unique<state>(std::move(request), std::move(text))}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        auto write = net::async_compose<decltype(deferred) const&, void(error_code)>(write_op{s}, deferred,
                                                                                     s.request->socket);
        async_with_deadline(s.timer, answer_timeout, errc::head_timeout, std::move(write),
                            prepend(std::move(self), on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec)
    {
        auto& s = *state_;
        s.outcome = ec;
        if (ec) return finish(self); // nothing is on its way that a close could take away
        async_linger_close(s.request->socket, answer_timeout, prepend(std::move(self), on_closed{}));
    }

    template <class Self>
    void operator()(Self& self, on_closed, error_code)
    {
        finish(self);
    }

private:
    static constexpr std::chrono::milliseconds answer_timeout = std::chrono::seconds{2};

    struct state
    {
        state(std::unique_ptr<request_state> r, std::string t)
            : request{std::move(r)},
              text{std::move(t)},
              timer{request->socket.get_executor()}
        {}

        std::unique_ptr<request_state> request;
        std::string text;
        net::steady_timer timer;
        std::size_t sent = 0;
        error_code outcome;
    };

    struct write_op
    {
        state& s;

        template <class Self>
        void operator()(Self& self)
        {
            end_on_cancellation(self);
            auto& target = s;
            net::async_write(target.request->socket, net::buffer(target.text), std::move(self));
        }

        template <class Self>
        void operator()(Self& self, error_code ec, std::size_t n)
        {
            s.sent = n;
            self.complete(ec);
        }
    };

    template <class Self>
    void finish(Self& self)
    {
        auto const ec = state_->outcome;
        auto const sent = state_->sent;
        state_.reset(); // closed when the handler hears of it
        self.complete(ec, sent);
    }

    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif

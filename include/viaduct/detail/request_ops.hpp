#ifndef VIADUCT_DETAIL_REQUEST_OPS_HPP
#define VIADUCT_DETAIL_REQUEST_OPS_HPP

#include <viaduct/auth/authentication_session.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/close_stream.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/connection_facts.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#if !defined(_WIN32)
#include <poll.h>
#endif

namespace viaduct::detail {

inline constexpr std::string_view acceptance = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Connections that wait for another request behind a challenge; they end with their listener.
class challenged_connections
{
public:
    using list = std::list<any_stream*>;

    /// A connection's place among them for as long as it waits.
    class place
    {
    public:
        place() = default;
        place(place const&) = delete;
        place& operator=(place const&) = delete;
        ~place() { leave(); }

        /// False if the listener has been closed, and nothing may wait any more.
        [[nodiscard]] bool take(std::shared_ptr<challenged_connections> among, any_stream& stream)
        {
            leave();
            if (among->closed_) return false;
            at_ = among->waiting_.insert(among->waiting_.end(), &stream);
            among_ = std::move(among);
            return true;
        }

        void leave()
        {
            if (among_) among_->waiting_.erase(at_);
            among_.reset();
        }

    private:
        std::shared_ptr<challenged_connections> among_;
        list::iterator at_;
    };

    void close()
    {
        error_code ignored;
        closed_ = true;
        for (auto* const each : waiting_)
            each->close(ignored);
    }

private:
    list waiting_;
    bool closed_ = false;
};

/// How a listener reads requests: shared by all that came through it.
struct request_reading
{
    request_options options{};
    std::shared_ptr<challenged_connections> challenged = std::make_shared<challenged_connections>();
    /// Told of a head that was no valid request, and of what it was answered; may be empty.
    std::function<void(connection_facts const&, connect_request const&, error_code)> on_invalid{};
};

struct request_state
{
    request_state(any_stream s, connect_request h, connection_facts f,
                  std::shared_ptr<request_reading const> r)
        : stream{std::move(s)},
          head{std::move(h)},
          facts{std::move(f)},
          reading{std::move(r)}
    {}

    any_stream stream;
    connect_request head;
    connection_facts facts;
    std::shared_ptr<request_reading const> reading; // null: as the defaults say
    authentication_session session{};
    std::size_t challenges = 0; // that have been sent on this connection
};

/// What a socket itself tells; nobody's address if the client has gone, which the next read or write tells.
[[nodiscard]] inline connection_facts facts_of(net::ip::tcp::socket const& socket)
{
    error_code ignored;
    connection_facts facts;
    facts.client = facts.peer = without_mapping(socket.remote_endpoint(ignored));
    facts.local = without_mapping(socket.local_endpoint(ignored));
    return facts;
}

/// The 200 with more fields than none.
[[nodiscard]] inline std::string acceptance_with(std::string_view field_lines)
{
    auto text = std::string{acceptance.substr(0, acceptance.size() - 2)};
    return text.append(field_lines).append("\r\n");
}

/// @tparam Text What is written, or refers to it.
template <class Text>
class accept_tunnel_op : public one_step_at_a_time
{
public:
    struct on_written
    {};

    accept_tunnel_op(std::unique_ptr<request_state> request, Text text)
        : stream_{std::move(request->stream)},
          text_{std::move(text)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const text = net::buffer(text_.data(), text_.size());
        if (stream_.is_plain())
            net::async_write(stream_.lowest_layer(), text, self.then(on_written{}));
        else
            net::async_write(stream_, text, self.then(on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec, std::size_t)
    {
        self.complete(ec, std::move(stream_));
    }

private:
    any_stream stream_;
    Text text_;
};

/// Writes the whole text, within a time that a client who does not read cannot stretch, then closes.
class reject_op : public one_step_at_a_time
{
public:
    struct on_written
    {};
    struct on_closed
    {};

    reject_op(std::unique_ptr<request_state> request, std::string text,
              std::chrono::milliseconds limit = answer_timeout)
        : request_{std::move(request)},
          text_{std::move(text)},
          limit_{limit},
          timer_{request_->stream.get_executor()}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        async_with_deadline(timer_, limit_, errc::head_timeout,
                            async_send_text(request_->stream, text_, sent_, deferred),
                            self.then(on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec)
    {
        outcome_ = ec;
        if (ec) return finish(self); // nothing is on its way that a close could take away
        async_close_stream(request_->stream, self.then(on_closed{}));
    }

    template <class Self>
    void operator()(Self& self, on_closed)
    {
        finish(self);
    }

private:
    template <class Self>
    void finish(Self& self)
    {
        self.complete(outcome_, sent_); // closed when the handler hears of it
    }

    std::unique_ptr<request_state> request_;
    std::string text_;
    std::chrono::milliseconds limit_;
    net::steady_timer timer_;
    std::size_t sent_ = 0;
    error_code outcome_;
};

/// Waits until the connection is reset.
class client_gone_op : public one_step_at_a_time
{
public:
    struct on_event
    {};

    explicit client_gone_op(net::ip::tcp::socket* socket) noexcept : socket_{socket} {}

    template <class Self>
    void operator()(Self& self)
    {
        socket_->async_wait(net::socket_base::wait_error, self.then(on_event{}));
    }

    template <class Self>
    void operator()(Self& self, on_event, error_code ec)
    {
        if (self.cancelled()) ec = net::error::operation_aborted;
        if (!ec) ec = is_gone() ? net::error::connection_reset : net::error::operation_not_supported;
        self.complete(ec);
    }

private:
    /// Urgent data also ends the wait; another wait would end at once, and so on.
    [[nodiscard]] bool is_gone()
    {
#if defined(_WIN32)
        return true;
#else
        pollfd asked{socket_->native_handle(), 0, 0};
        return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLERR | POLLHUP)) != 0;
#endif
    }

    net::ip::tcp::socket* socket_;
};

} // namespace viaduct::detail

#endif

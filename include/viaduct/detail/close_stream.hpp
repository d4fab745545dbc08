#ifndef VIADUCT_DETAIL_CLOSE_STREAM_HPP
#define VIADUCT_DETAIL_CLOSE_STREAM_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/net/linger_close.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace viaduct::detail {

/// How long an answer may take to be written, and how long a close waits for the peer.
inline constexpr std::chrono::milliseconds answer_timeout = std::chrono::seconds{2};

/// How long a page may take to be made, and to be written.
inline constexpr std::chrono::milliseconds page_timeout = std::chrono::seconds{10};

/// Writes a text, and tells how much of it got through; where there is no TLS, on the socket itself.
class send_text_op : public one_step_at_a_time
{
public:
    struct on_written
    {};

    send_text_op(any_stream* stream, std::string const* text, std::size_t* sent) noexcept
        : stream_{stream},
          text_{text},
          sent_{sent}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (stream_->is_plain())
            net::async_write(stream_->lowest_layer(), net::buffer(*text_), self.then(on_written{}));
        else
            net::async_write(*stream_, net::buffer(*text_), self.then(on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec, std::size_t n)
    {
        *sent_ = n;
        self.complete(ec);
    }

private:
    any_stream* stream_;
    std::string const* text_;
    std::size_t* sent_;
};

/// Completion signature `void(error_code)`; all three must stay where they are until then.
template <class CompletionToken>
auto async_send_text(any_stream& stream, std::string const& text, std::size_t& sent, CompletionToken&& token)
{
    return async_stable<send_text_op, void(error_code)>(std::forward<CompletionToken>(token), &stream, &text,
                                                        &sent);
}

/// TLS says that nothing more comes, then the connection is closed as `async_linger_close` does it.
class close_stream_op : public one_step_at_a_time
{
public:
    struct on_farewell
    {};
    struct on_closed
    {};

    explicit close_stream_op(any_stream* stream) : stream_{stream}, timer_{stream->get_executor()} {}

    template <class Self>
    void operator()(Self& self)
    {
        if (stream_->is_plain()) return linger(self);
        farewell_ = stream_->end_sending();
        async_with_deadline(timer_, answer_timeout, errc::idle_timeout,
                            async_send_text(stream_->next_layer(), farewell_, sent_, deferred),
                            self.then(on_farewell{}));
    }

    template <class Self>
    void operator()(Self& self, on_farewell, error_code ec)
    {
        if (!ec) return linger(self);
        error_code ignored;
        stream_->close(ignored); // who does not take a few octets takes no answer either
        self.complete();
    }

    template <class Self>
    void operator()(Self& self, on_closed, error_code)
    {
        self.complete();
    }

private:
    template <class Self>
    void linger(Self& self)
    {
        async_linger_close(stream_->lowest_layer(), answer_timeout, self.then(on_closed{}));
    }

    any_stream* stream_;
    net::steady_timer timer_;
    std::string farewell_;
    std::size_t sent_ = 0;
};

/// Closes a stream so that what was written last arrives: `async_linger_close`, with TLS's close_notify
/// first.
/** Completion signature `void()`; the stream must stay where it is until then, and is closed. */
template <class CompletionToken>
auto async_close_stream(any_stream& stream, CompletionToken&& token)
{
    return async_stable<close_stream_op, void()>(std::forward<CompletionToken>(token), &stream);
}

} // namespace viaduct::detail

#endif

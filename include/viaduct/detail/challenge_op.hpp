#ifndef VIADUCT_DETAIL_CHALLENGE_OP_HPP
#define VIADUCT_DETAIL_CHALLENGE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/read_request_op.hpp>
#include <viaduct/detail/request_ops.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace viaduct::detail {

/// Whether a client expects its connection to stay open behind the answer (RFC 9112 section 9.3). To a proxy
/// many still say so in Proxy-Connection.
[[nodiscard]] inline bool keeps_connection(connect_request const& head)
{
    auto const says = [fields = head.fields.list()](char const* token) {
        return fields.has_token("Connection", token) || fields.has_token("Proxy-Connection", token);
    };
    return !says("close") && (head.minor_version > 0 || says("keep-alive"));
}

/// Why a connection cannot be kept for another request; none if it can.
[[nodiscard]] inline error_code why_not_again(request_state& request)
{
    auto const most =
        request.reading ? request.reading->options.max_challenges : request_options{}.max_challenges;
    if (request.challenges >= most) return errc::too_many_attempts;
    // What was sent before our answer could be read was not meant as a request (RFC 9931).
    if (!keeps_connection(request.head) || !request.stream.is_idle()) return errc::reconnect_required;
    return {};
}

/// Writes a refusal and reads the next head; where that cannot be, closes.
template <class Request>
class challenge_op : public one_step_at_a_time
{
public:
    struct on_written
    {};
    struct on_head
    {};
    struct on_closed
    {};

    /// @param last Why there will be no other request; none if there may be one.
    challenge_op(std::unique_ptr<request_state> request, std::string text, error_code last)
        : request_{std::move(request)},
          text_{std::move(text)},
          timer_{request_->stream.get_executor()},
          outcome_{last}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        ++request_->challenges;
        async_with_deadline(timer_, answer_timeout, errc::head_timeout,
                            async_send_text(request_->stream, text_, sent_, deferred),
                            self.then(on_written{}));
    }

    template <class Self>
    void operator()(Self& self, on_written, error_code ec)
    {
        if (self.cancelled()) ec = net::error::operation_aborted;
        if (!ec && !outcome_) return read(self);
        if (!ec) return close(self);
        outcome_ = ec;
        finish(self);
    }

    template <class Self>
    void operator()(Self& self, on_head, error_code ec, connect_request head)
    {
        place_.leave();
        if (!ec) {
            request_->head = std::move(head);
            return self.complete(ec, sent_, Request{std::move(request_)});
        }
        outcome_ = ec;
        bool const answered = head.answered_status != 0; // who has heard the challenge may also leave
        if (answered && request_->reading && request_->reading->on_invalid)
            request_->reading->on_invalid(request_->facts, head, ec);
        if (answered && !self.cancelled()) return close(self);
        finish(self);
    }

    template <class Self>
    void operator()(Self& self, on_closed)
    {
        finish(self);
    }

private:
    template <class Self>
    void read(Self& self)
    {
        request_->facts.accepted = std::chrono::steady_clock::now(); // the next request begins here
        auto& stream = request_->stream;
        if (request_->reading && !place_.take(request_->reading->challenged, stream)) {
            outcome_ = net::error::operation_aborted;
            return finish(self);
        }
        auto options = request_->reading ? request_->reading->options : request_options{};
        options.name = request_->head.answered_by;
        if (stream.is_plain())
            read_from(stream.lowest_layer(), options, self.then(on_head{}));
        else
            read_from(stream, options, self.then(on_head{}));
    }

    template <class Stream, class Handler>
    static void read_from(Stream& stream, request_options const& options, Handler handler)
    {
        async_stable<read_request_op<Stream>, void(error_code, connect_request)>(std::move(handler), &stream,
                                                                                 options);
    }

    template <class Self>
    void close(Self& self)
    {
        async_close_stream(request_->stream, self.then(on_closed{}));
    }

    template <class Self>
    void finish(Self& self)
    {
        request_.reset(); // closed when the handler hears of it
        self.complete(outcome_, sent_, Request{});
    }

    std::unique_ptr<request_state> request_;
    std::string text_;
    net::steady_timer timer_;
    std::size_t sent_ = 0;
    error_code outcome_;
    challenged_connections::place place_; // while it waits for the next head
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_CONNECT_TUNNEL_OP_HPP
#define VIADUCT_DETAIL_CONNECT_TUNNEL_OP_HPP

#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/refusal_body.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/net/deadline.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace viaduct::detail {

[[nodiscard]] inline refusal_body body_of(connect_reply const& reply, std::size_t limit)
{
    return {reply.status, reply.fields.list(), limit};
}

/// Handshake, then the content of a refusal, each under its own clock.
template <class Stream>
class connect_tunnel_op
{
public:
    struct on_handshake
    {};
    struct on_body
    {};

    connect_tunnel_op(Stream& stream, authority const& target, connect_options const& options)
        : state_{std::make_unique<state>(stream, target, options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        async_with_deadline(s.timer, s.timeout, errc::handshake_timeout,
                            async_run_rule(s.stream, s.handshake, s.handshake.resume({}, 0), deferred),
                            prepend(std::move(self), on_handshake{}));
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec)
    {
        auto& s = *state_;
        s.outcome = ec;
        bool const refused = ec && s.handshake.reply().status != 0;
        if (!refused || cancelled(self)) return finish(self);
        s.body.emplace(body_of(s.handshake.reply(), s.max_body));
        async_with_deadline(s.timer, s.body_timeout, errc::handshake_timeout,
                            async_run_rule(s.stream, *s.body, start_rule(s.stream, *s.body), deferred),
                            prepend(std::move(self), on_body{}));
    }

    template <class Self>
    void operator()(Self& self, on_body, error_code)
    {
        auto& s = *state_;
        s.handshake.reply().body = std::move(s.body->content()); // all of it or a part: the refusal stands
        finish(self);
    }

private:
    struct state
    {
        state(Stream& st, authority const& target, connect_options const& options)
            : stream{st},
              timer{st.get_executor()},
              handshake{target, options},
              timeout{options.timeout},
              body_timeout{options.body_timeout},
              max_body{options.max_body}
        {}

        Stream& stream;
        net::steady_timer timer;
        client_handshake handshake;
        std::optional<refusal_body> body;
        std::chrono::milliseconds timeout;
        std::chrono::milliseconds body_timeout;
        std::size_t max_body;
        error_code outcome;
    };

    template <class Self>
    void finish(Self& self)
    {
        auto const ec = cancelled(self) ? error_code{net::error::operation_aborted} : state_->outcome;
        auto reply = std::move(state_->handshake.reply());
        state_.reset(); // before the handler is called
        self.complete(ec, std::move(reply));
    }

    std::unique_ptr<state> state_; // what pending operations point to stays in place while the handler moves
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_SECURE_OP_HPP
#define VIADUCT_DETAIL_SECURE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/dial_state.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <utility>

namespace viaduct::detail {

/// A TLS handshake that puts its outcome into a place of its caller's, so that a deadline can be set on it.
class secure_op : public one_step_at_a_time
{
public:
    struct on_handshake
    {};

    secure_op(dial_state* state, any_stream* secured, tls_facts* facts)
        : state_{state},
          secured_{secured},
          facts_{facts}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto& connector = *state_->options().tls;
        auto const executor = state_->stream().get_executor();
        connector.async_handshake(std::move(state_->stream()), state_->plan().proxy()->endpoint.host(),
                                  tls_connector::completion{self.then(on_handshake{}), executor});
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec, any_stream secured, tls_facts facts)
    {
        *secured_ = std::move(secured);
        *facts_ = std::move(facts);
        self.complete(ec);
    }

private:
    dial_state* state_;
    any_stream* secured_;
    tls_facts* facts_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_ACCEPT_TLS_OP_HPP
#define VIADUCT_DETAIL_ACCEPT_TLS_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/tls_acceptor.hpp>

#include <utility>

namespace viaduct::detail {

/// A TLS handshake that puts its outcome where its caller wants it, so that a deadline can be set on it.
class accept_tls_op : public one_step_at_a_time
{
public:
    struct on_handshake
    {};

    accept_tls_op(tls_acceptor* tls, any_stream* stream, tls_client_facts* facts) noexcept
        : tls_{tls},
          stream_{stream},
          facts_{facts}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        auto const executor = stream_->get_executor();
        tls_->async_handshake(std::move(*stream_),
                              tls_acceptor::completion{self.then(on_handshake{}), executor});
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec, any_stream secured, tls_client_facts facts)
    {
        *stream_ = std::move(secured);
        *facts_ = std::move(facts);
        self.complete(ec);
    }

private:
    tls_acceptor* tls_;
    any_stream* stream_;
    tls_client_facts* facts_;
};

} // namespace viaduct::detail

#endif

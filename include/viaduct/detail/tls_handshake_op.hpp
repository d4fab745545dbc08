#ifndef VIADUCT_DETAIL_TLS_HANDSHAKE_OP_HPP
#define VIADUCT_DETAIL_TLS_HANDSHAKE_OP_HPP

#include <viaduct/detail/stable_op.hpp>
#include <viaduct/detail/tls_layer.hpp>
#include <viaduct/net/linger_close.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// Whether OpenSSL has failed, for this reason.
[[nodiscard]] inline bool is_tls_reason(error_code ec, int reason)
{
    auto const packed = static_cast<unsigned>(ec.value());
    return ec.category() == net::error::get_ssl_category() && ERR_GET_LIB(packed) == ERR_LIB_SSL &&
           ERR_GET_REASON(packed) == reason;
}

/// Whether the other side speaks no TLS, or not as is wanted; all else is the fault of the stream below.
[[nodiscard]] inline bool is_of_tls(error_code ec)
{
    return ec.category() == net::error::get_ssl_category() || ec == net::ssl::error::stream_truncated ||
           ec == net::error::eof;
}

/// The handshake of either side.
/**
 * A side has `role`; `lingers`, whether to close so that the alert arrives; `error_code unusable`, why the
 * handshake cannot even start; `facts(SSL*)`; and `cause_of(error_code, facts&)`, which makes one of our
 * errors of OpenSSL's many, and tells the detail.
 */
template <class Side>
class tls_handshake_op : public one_step_at_a_time
{
public:
    struct on_handshake
    {};
    struct on_closed
    {};

    tls_handshake_op(std::unique_ptr<tls_layer> layer, Side side)
        : layer_{std::move(layer)},
          side_{std::move(side)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (side_.unusable)
            return net::post(layer_->socket().get_executor(),
                             prepend(self.then(on_handshake{}), side_.unusable));
        layer_->stream().async_handshake(Side::role, self.then(on_handshake{}));
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec)
    {
        facts_ = side_.facts(layer_->session());
        if (self.cancelled()) ec = net::error::operation_aborted;
        if (!ec) return self.complete(ec, any_stream{std::move(layer_)}, std::move(facts_));
        bool const said_why = ec.category() == net::error::get_ssl_category();
        error_ = side_.cause_of(ec, facts_);
        if constexpr (Side::lingers)
            if (said_why) return async_linger_close(layer_->socket(), time_for_alert, self.then(on_closed{}));
        fail(self);
    }

    template <class Self>
    void operator()(Self& self, on_closed, error_code)
    {
        if (self.cancelled()) error_ = net::error::operation_aborted;
        fail(self);
    }

private:
    static constexpr std::chrono::seconds time_for_alert{2};

    template <class Self>
    void fail(Self& self)
    {
        error_code ignored;
        layer_->socket().close(ignored);
        layer_.reset();
        self.complete(error_, any_stream{}, std::move(facts_));
    }

    std::unique_ptr<tls_layer> layer_;
    Side side_;
    typename Side::facts_type facts_;
    error_code error_;
};

} // namespace viaduct::detail

#endif

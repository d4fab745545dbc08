#ifndef VIADUCT_DETAIL_RESOLVE_OP_HPP
#define VIADUCT_DETAIL_RESOLVE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/pending_query.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/net/resolver.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Waits on a timer that never expires; an answer, or a cancellation, ends the wait.
/** What is found goes to a place of the caller's, so that a deadline can be set on it, or to the handler. */
template <bool in_place>
class resolve_op
{
    using endpoints = std::vector<net::ip::tcp::endpoint>;

public:
    struct on_known
    {};
    struct on_wake
    {};

    resolve_op(resolver* service, net::any_io_executor const& executor, std::string host, std::uint16_t port,
               endpoints* into)
        : service_{service},
          timer_{executor},
          host_{std::move(host)},
          port_{port},
          into_{into}
    {}

    resolve_op(resolve_op const&) = delete;
    resolve_op& operator=(resolve_op const&) = delete;

    /// However it ends: also when its context is destroyed.
    ~resolve_op()
    {
        if (query_) query_->abandon(); // from here on nobody touches the timer
    }

    template <class Tag>
    [[nodiscard]] net::cancellation_slot slot(Tag) const noexcept
    {
        return {}; // the wait is ended through the query, which others wake as well
    }

    void cancel()
    {
        if (query_) query_->cancel();
    }

    template <class Self>
    void operator()(Self& self)
    {
        error_code ec;
        auto const literal = net::ip::make_address(host_, ec);
        if (!ec) known_.push_back(literal);
        if (ec && !host_.empty() && host_.find('\0') == std::string::npos) return ask(self);
        net::post(timer_.get_executor(), self.then(on_known{}));
    }

    template <class Self>
    void operator()(Self& self, on_known)
    {
        finish(self, known_.empty() ? net::error::host_not_found : error_code{}, known_);
    }

    template <class Self>
    void operator()(Self& self, on_wake, error_code)
    {
        error_code ec;
        resolution found;
        if (!self.cancelled() && !query_->collect(ec, found, [&] { wait(self); })) return;
        query_->abandon();
        finish(self, ec, found.addresses);
    }

private:
    template <class Self>
    void ask(Self& self)
    {
        auto const query = query_ = std::make_shared<pending_query>(std::move(host_), timer_);
        auto& service = *service_;
        timer_.expires_at(net::steady_timer::time_point::max());
        wait(self);
        service.ask(query); // after the wait has begun, for the answer ends it
    }

    template <class Self>
    void wait(Self& self)
    {
        timer_.async_wait(self.then(on_wake{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec, std::vector<net::ip::address> const& addresses)
    {
        if (self.cancelled()) ec = net::error::operation_aborted;
        endpoints found;
        if (!ec) {
            found.reserve(addresses.size());
            for (auto const& address : addresses)
                found.emplace_back(address, port_);
        }
        if constexpr (in_place) {
            *into_ = std::move(found);
            self.complete(ec);
        } else {
            self.complete(ec, std::move(found));
        }
    }

    resolver* service_;
    net::steady_timer timer_;
    std::shared_ptr<pending_query> query_{};
    std::string host_;
    std::uint16_t port_;
    endpoints* into_;
    std::vector<net::ip::address> known_{}; // without asking
};

/// Completion signature `void(error_code)`; the resolver must live until the operation begins, the place for
/// what is found until it ends.
template <class CompletionToken>
auto async_resolve_into(std::vector<net::ip::tcp::endpoint>& found, resolver& service,
                        net::any_io_executor executor, authority const& where, CompletionToken&& token)
{
    return async_stable<resolve_op<true>, void(error_code)>(std::forward<CompletionToken>(token), &service,
                                                            std::move(executor), where.host(), where.port(),
                                                            &found);
}

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_FORWARDER_STATE_HPP
#define VIADUCT_DETAIL_FORWARDER_STATE_HPP

#include <viaduct/client/forwarder.hpp>
#include <viaduct/client/tunnel.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/relay/relay.hpp>

#include <list>
#include <memory>
#include <utility>

namespace viaduct::detail {

/// What a forwarder listens with, and its connections.
class forwarder_state : public std::enable_shared_from_this<forwarder_state>
{
public:
    forwarder_state(dialer through, authority target, forwarder_options options)
        : dialer_{std::move(through)},
          target_{std::move(target)},
          options_{std::move(options)},
          acceptor_{dialer_.get_executor(), options_.listen},
          endpoint_{acceptor_.local_endpoint()},
          pause_{dialer_.get_executor()}
    {}

    [[nodiscard]] net::ip::tcp::endpoint const& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }

    VIADUCT_DECL void accept();
    VIADUCT_DECL void close();

private:
    struct connection
    {
        explicit connection(net::ip::tcp::socket s) : client{std::move(s)} {}

        net::ip::tcp::socket client;
        tunnel far{};
        net::cancellation_signal end{};
    };
    using place = std::list<connection>::iterator;

    void on_accept(error_code ec, net::ip::tcp::socket client);
    void accept_later();
    void on_dialled(place at, error_code ec, tunnel far);
    template <class Far>
    void relay(place at, Far& far);
    void break_off(place at);
    void forget(place at);

    dialer dialer_;
    authority target_;
    forwarder_options options_;
    net::ip::tcp::acceptor acceptor_;
    net::ip::tcp::endpoint endpoint_; // known behind its closing, too
    net::steady_timer pause_;
    std::list<connection> connections_;
    bool accepting_ = false;
    bool closed_ = false;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_TESTS_NET_LISTENING_PROXY_HPP
#define VIADUCT_TESTS_NET_LISTENING_PROXY_HPP

#include <viaduct/client/proxy_url.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/testing/scripted_peer.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fixture {

namespace net = viaduct::net;

/// A listener that hands each connection to the next script.
class listening_proxy
{
public:
    using tcp = net::ip::tcp;
    using peer = viaduct::testing::scripted_peer<tcp::socket>;
    using script = std::function<void(peer&)>;

    explicit listening_proxy(net::io_context& context)
        : acceptor_{context, {net::ip::address_v4::loopback(), 0}}
    {}

    void expect(script next)
    {
        scripts_.push_back(std::move(next));
        if (scripts_.size() == 1) accept();
    }

    [[nodiscard]] viaduct::proxy_url url(viaduct::proxy_scheme scheme = viaduct::proxy_scheme::http,
                                         std::string host = "127.0.0.1") const
    {
        return {viaduct::authority{host, acceptor_.local_endpoint().port()}, {}, scheme};
    }

    void close() { acceptor_.close(); }

    /// Closes the connections, too.
    void hang_up()
    {
        acceptor_.close();
        peers_.clear();
    }

    [[nodiscard]] peer& connection(std::size_t n) const { return *peers_.at(n); }
    [[nodiscard]] std::size_t connections() const { return peers_.size(); }
    [[nodiscard]] tcp::acceptor& acceptor() { return acceptor_; }

private:
    void accept()
    {
        acceptor_.async_accept([this](viaduct::error_code ec, tcp::socket accepted) {
            if (ec) return;
            accepted.set_option(tcp::no_delay{true}, ec); // a small reply is to go at once
            peers_.push_back(std::make_unique<peer>(std::move(accepted)));
            scripts_.front()(*peers_.back());
            scripts_.pop_front();
            peers_.back()->start();
            if (!scripts_.empty()) accept();
        });
    }

    tcp::acceptor acceptor_;
    std::deque<script> scripts_;
    std::vector<std::unique_ptr<peer>> peers_;
};

} // namespace fixture

#endif

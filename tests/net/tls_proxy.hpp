#ifndef VIADUCT_TESTS_NET_TLS_PROXY_HPP
#define VIADUCT_TESTS_NET_TLS_PROXY_HPP

#include "certificates.hpp"
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/tls_client_op.hpp>
#include <viaduct/net/any_stream.hpp>
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

/// A server's side of TLS.
[[nodiscard]] inline std::shared_ptr<net::ssl::context> context_of(identity const& who,
                                                                   bool demands_client = false)
{
    auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
    who.use_in(context->native_handle());
    auto const choose = [](SSL*, unsigned char const** chosen, unsigned char* size,
                           unsigned char const* offered, unsigned, void*) {
        *chosen = offered + 1;
        *size = *offered; // the first one
        return SSL_TLSEXT_ERR_OK;
    };
    SSL_CTX_set_alpn_select_cb(context->native_handle(), choose, nullptr);
    if (demands_client) {
        context->load_verify_file(of_this_play().ca_file);
        context->set_verify_mode(net::ssl::verify_peer | net::ssl::verify_fail_if_no_peer_cert);
    }
    return context;
}

/// A listener that is all proxies of a chain, and plays a script behind the last one's TLS.
class tls_proxy
{
public:
    using tcp = net::ip::tcp;
    using peer = viaduct::testing::scripted_peer<viaduct::any_stream>;
    using script = std::function<void(peer&)>;
    using tls_context = std::shared_ptr<net::ssl::context>;

    explicit tls_proxy(net::io_context& context) : acceptor_{context, {net::ip::address_v4::loopback(), 0}} {}

    /// @param layers Of TLS; in between, a CONNECT is answered. None: the script is played on bare TCP.
    void expect(std::vector<tls_context> layers, script next)
    {
        scripts_.push_back({{layers.begin(), layers.end()}, std::move(next)});
        if (scripts_.size() == 1) accept();
    }

    [[nodiscard]] viaduct::proxy_url url(viaduct::proxy_scheme scheme, std::string const& host) const
    {
        return {viaduct::authority{host, acceptor_.local_endpoint().port()}, {}, scheme};
    }

    /// The script's; only once the client has shaken hands with all.
    [[nodiscard]] peer& connection(std::size_t n) const { return *peers_.at(n); }
    [[nodiscard]] std::size_t connections() const { return accepted_; }

    /// What the client called the proxy, in each handshake.
    [[nodiscard]] std::string const& server_name(std::size_t n) const { return names_.at(n); }

private:
    struct play
    {
        std::deque<tls_context> layers;
        script then;
    };

    void accept()
    {
        acceptor_.async_accept([this](viaduct::error_code ec, tcp::socket accepted) {
            if (ec) return;
            accepted.set_option(tcp::no_delay{true}, ec); // a small reply is to go at once
            ++accepted_;
            auto const next = std::make_shared<play>(std::move(scripts_.front()));
            scripts_.pop_front();
            go_on(viaduct::any_stream{std::move(accepted)}, next);
            if (!scripts_.empty()) accept();
        });
    }

    void go_on(viaduct::any_stream stream, std::shared_ptr<play> const& what)
    {
        if (what->layers.empty()) return start(std::move(stream), what->then);
        auto const context = what->layers.front();
        what->layers.pop_front();
        auto const layer = std::make_shared<std::unique_ptr<viaduct::detail::tls_layer>>(
            std::make_unique<viaduct::detail::tls_layer>(std::move(stream), context));
        (*layer)->stream().async_handshake(
            net::ssl::stream_base::server, [this, layer, what](viaduct::error_code ec) {
                if (ec) return failed_.push_back(std::move(*layer)); // its alert has to arrive
                auto const* const name =
                    SSL_get_servername((*layer)->stream().native_handle(), TLSEXT_NAMETYPE_host_name);
                names_.emplace_back(name ? name : "");
                viaduct::any_stream secure{std::move(*layer)};
                if (what->layers.empty()) return start(std::move(secure), what->then);
                answer(std::make_shared<viaduct::any_stream>(std::move(secure)), what);
            });
    }

    void start(viaduct::any_stream stream, script const& then)
    {
        peers_.push_back(std::make_unique<peer>(std::move(stream)));
        then(*peers_.back());
        peers_.back()->start();
    }

    /// Opens a tunnel, to itself.
    void answer(std::shared_ptr<viaduct::any_stream> const& stream, std::shared_ptr<play> const& what)
    {
        auto const request = std::make_shared<std::string>(1000, '\0');
        stream->async_read_some( // it comes in one piece
            net::buffer(*request), [this, stream, what, request](viaduct::error_code ec, std::size_t) {
                if (ec) return;
                *request = "HTTP/1.1 200 OK\r\n\r\n";
                stream->async_write_some(net::buffer(*request),
                                         [this, stream, what, request](viaduct::error_code e, std::size_t) {
                                             if (!e) go_on(std::move(*stream), what);
                                         });
            });
    }

    tcp::acceptor acceptor_;
    std::deque<play> scripts_;
    std::vector<std::unique_ptr<peer>> peers_;
    std::vector<std::unique_ptr<viaduct::detail::tls_layer>> failed_;
    std::vector<std::string> names_;
    std::size_t accepted_ = 0;
};

} // namespace fixture

#endif

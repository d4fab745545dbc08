#ifndef VIADUCT_TESTS_NET_PROXY_FIXTURE_HPP
#define VIADUCT_TESTS_NET_PROXY_FIXTURE_HPP

#include "event_loop.hpp"
#include "streams.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fixture {

using tcp = net::ip::tcp;

inline std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";

[[nodiscard]] inline std::string connect_to(std::string const& target)
{
    return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
}

/// A TCP connection that keeps what it reads, and sends what it is told; closed when it is destroyed.
class client
{
public:
    client(net::any_io_executor executor, tcp::endpoint const& where) : client{connected(executor, where)} {}
    explicit client(tcp::socket socket) : state_{std::make_shared<state>(std::move(socket))}
    {
        state_->read();
    }
    client(client const&) = delete;
    client& operator=(client const&) = delete;
    ~client() { close(); }

    void say(std::string text) { send(state_->socket, std::move(text)); }
    void end()
    {
        viaduct::error_code ignored;
        state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void close()
    {
        viaduct::error_code ignored;
        state_->socket.close(ignored);
    }
    void reset()
    {
        viaduct::error_code ignored;
        state_->socket.set_option(net::socket_base::linger{true, 0}, ignored);
        close();
    }

    [[nodiscard]] std::string const& heard() const { return state_->text; }
    [[nodiscard]] bool ended() const { return state_->end.has_value(); }
    [[nodiscard]] bool ended_well() const { return state_->end == net::error::eof; }
    [[nodiscard]] tcp::endpoint address() const { return state_->socket.local_endpoint(); }
    [[nodiscard]] tcp::endpoint peer() const { return state_->socket.remote_endpoint(); }

private:
    struct state : std::enable_shared_from_this<state> // reads on after its owner has gone
    {
        explicit state(tcp::socket s) : socket{std::move(s)} {}

        void read()
        {
            socket.async_read_some(net::buffer(memory),
                                   [self = this->shared_from_this()](viaduct::error_code ec, std::size_t n) {
                                       self->text.append(self->memory.data(), n);
                                       if (ec)
                                           self->end = ec;
                                       else
                                           self->read();
                                   });
        }

        tcp::socket socket;
        std::string text;
        std::optional<viaduct::error_code> end;
        std::array<char, 4096> memory{};
    };

    [[nodiscard]] static tcp::socket connected(net::any_io_executor const& executor,
                                               tcp::endpoint const& where)
    {
        tcp::socket socket{executor};
        socket.connect(where);
        return socket;
    }

    std::shared_ptr<state> state_;
};

/// A listener on the loopback that keeps the connections which it gets.
class origin
{
public:
    explicit origin(net::any_io_executor executor)
        : listener_{std::move(executor), {net::ip::address_v4::loopback(), 0}}
    {
        accept();
    }

    [[nodiscard]] tcp::endpoint endpoint() const { return listener_.local_endpoint(); }

    [[nodiscard]] std::string target() const
    {
        return "127.0.0.1:" + std::to_string(listener_.local_endpoint().port());
    }
    [[nodiscard]] std::size_t connections() const { return count_; }
    /// The last one.
    [[nodiscard]] client& visitor() { return *visitor_; }
    void stop_listening() { listener_.close(); }

private:
    void accept()
    {
        listener_.async_accept([this](viaduct::error_code ec, tcp::socket socket) {
            if (ec) return;
            ++count_;
            visitor_ = std::make_unique<client>(std::move(socket));
            accept();
        });
    }

    tcp::acceptor listener_;
    std::unique_ptr<client> visitor_;
    std::size_t count_ = 0;
};

} // namespace fixture

#endif

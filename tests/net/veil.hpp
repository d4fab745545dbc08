#ifndef VIADUCT_TESTS_NET_VEIL_HPP
#define VIADUCT_TESTS_NET_VEIL_HPP

#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/net/tls_connector.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace fixture {

namespace net = viaduct::net;

/// What an octet is all it takes to shake hands with, and says `bye` at the end.
class veil : public viaduct::detail::any_stream_layer
{
public:
    explicit veil(viaduct::any_stream below) : below_{std::move(below)} {}

    [[nodiscard]] net::ip::tcp::socket& socket() noexcept override { return below_.lowest_layer(); }
    [[nodiscard]] viaduct::any_stream* below() noexcept override { return &below_; }
    void async_read_some(viaduct::detail::buffer_list<net::mutable_buffer> const& into,
                         viaduct::detail::io_handler handler) override
    {
        below_.async_read_some(into, std::move(handler));
    }
    void async_write_some(viaduct::detail::buffer_list<net::const_buffer> const& from,
                          viaduct::detail::io_handler handler) override
    {
        below_.async_write_some(from, std::move(handler));
    }
    std::size_t read_some(viaduct::detail::buffer_list<net::mutable_buffer> const& into,
                          viaduct::error_code& ec) override
    {
        return below_.read_some(into, ec);
    }
    std::size_t write_some(viaduct::detail::buffer_list<net::const_buffer> const& from,
                           viaduct::error_code& ec) override
    {
        return below_.write_some(from, ec);
    }
    std::string end_sending() override { return "bye"; }
    [[nodiscard]] bool is_idle() override { return below_.is_idle(); }

private:
    viaduct::any_stream below_;
};

class veil_acceptor : public viaduct::tls_acceptor
{
public:
    void async_handshake(viaduct::any_stream below, completion done) override
    {
        struct handshake
        {
            viaduct::any_stream below;
            completion done;
            char hello = 0;
        };
        auto const all = std::make_shared<handshake>(handshake{std::move(below), std::move(done)});
        auto const slot = all->done.get_cancellation_slot();
        all->below.async_read_some(
            net::buffer(&all->hello, 1),
            net::bind_cancellation_slot(slot, [all](viaduct::error_code ec, std::size_t) {
                if (!ec && all->hello != 'T') ec = viaduct::errc::client_tls_failed;
                if (ec) return all->done(ec, viaduct::any_stream{}, {.detail = "no hello"});
                viaduct::any_stream veiled{std::make_unique<veil>(std::move(all->below))};
                all->done({}, std::move(veiled), {.protocol = "TLSv9", .user = "ann"});
            }));
    }
};

/// The other side of such a handshake.
class veil_connector : public viaduct::tls_connector
{
public:
    void async_handshake(viaduct::any_stream below, std::string const&, completion done) override
    {
        struct handshake
        {
            viaduct::any_stream below;
            completion done;
        };
        auto const all = std::make_shared<handshake>(handshake{std::move(below), std::move(done)});
        auto const slot = all->done.get_cancellation_slot();
        all->below.async_write_some(
            net::buffer("T", 1),
            net::bind_cancellation_slot(slot, [all](viaduct::error_code ec, std::size_t) {
                if (ec) return all->done(ec, viaduct::any_stream{}, viaduct::tls_facts{});
                viaduct::any_stream veiled{std::make_unique<veil>(std::move(all->below))};
                all->done({}, std::move(veiled), viaduct::tls_facts{});
            }));
    }
};

} // namespace fixture

#endif

#ifndef VIADUCT_TESTS_NET_TLS_ENCOUNTER_HPP
#define VIADUCT_TESTS_NET_TLS_ENCOUNTER_HPP

#include "certificates.hpp"
#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/client/tls_client.hpp>
#include <viaduct/server/tls_server.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>

namespace fixture {

using tcp = net::ip::tcp;

/// The files of one that the cast has none of.
struct papers
{
    papers(std::string const& name, identity const& who)
        : certificate{of_this_play().files.write_certificate(name + ".pem", who)},
          key{of_this_play().files.write_key(name + ".key", who)}
    {}

    std::string certificate;
    std::string key;
};

[[nodiscard]] inline papers const& server_papers()
{
    static papers const those{"tls-server", of_this_play().server};
    return those;
}

[[nodiscard]] inline viaduct::tls_server_options
serving(viaduct::client_certificate asks = viaduct::client_certificate::none)
{
    bool const none = asks == viaduct::client_certificate::none;
    return {.certificate_file = server_papers().certificate,
            .key_file = server_papers().key,
            .client_certificate = asks,
            .client_ca_file = none ? "" : of_this_play().ca_file};
}

[[nodiscard]] inline viaduct::tls_client_options trusting()
{
    return {.ca_file = of_this_play().ca_file};
}

[[nodiscard]] inline viaduct::tls_client_options showing(std::string const& certificate,
                                                         std::string const& key)
{
    return {.ca_file = of_this_play().ca_file, .certificate_file = certificate, .key_file = key};
}

[[nodiscard]] inline viaduct::tls_client_options showing(papers const& p)
{
    return showing(p.certificate, p.key);
}

/// A server and a client that shake hands, or one of them and somebody else.
struct encounter : event_loop
{
    encounter() : sockets{over_tcp::pair(executor())} {}

    void start_server(viaduct::tls_acceptor& acceptor)
    {
        acceptor.async_handshake(viaduct::any_stream{std::move(sockets.first)},
                                 viaduct::tls_acceptor::completion{server.handler(), executor()});
        CHECK(server.calls == 0);
    }
    void start_client(viaduct::tls_connector& connector)
    {
        connector.async_handshake(viaduct::any_stream{std::move(sockets.second)}, "localhost",
                                  viaduct::tls_connector::completion{client.handler(), executor()});
    }
    viaduct::error_code finish()
    {
        REQUIRE(run_until([&] { return server.done(); }));
        CHECK(server.calls == 1);
        CHECK(server.value().is_open() == !server.error);
        CHECK(facts().detail.empty() == !server.error);
        if (server.error) CHECK(facts().subject + facts().user == "");
        return server.error;
    }
    viaduct::error_code run(viaduct::tls_acceptor& acceptor,
                            viaduct::tls_client_options const& options = trusting())
    {
        start_server(acceptor);
        start_client(*viaduct::make_tls_connector(options));
        auto const ec = finish();
        if (!ec) REQUIRE(run_until([&] { return client.done(); }));
        return ec;
    }
    viaduct::error_code run(viaduct::tls_server_options const& server_options,
                            viaduct::tls_client_options const& options = trusting())
    {
        return run(*viaduct::make_tls_acceptor(server_options), options);
    }
    /// A client that says this and then nothing, or no more at of_this_play().
    viaduct::error_code run_with(std::string const& octets, bool ends = false)
    {
        start_server(*viaduct::make_tls_acceptor(serving()));
        send(sockets.second, octets);
        if (ends) sockets.second.shutdown(tcp::socket::shutdown_send);
        heard = std::make_unique<collector<tcp::socket>>(sockets.second);
        return finish();
    }
    [[nodiscard]] viaduct::tls_client_facts const& facts() const { return std::get<1>(server.values); }
    [[nodiscard]] viaduct::tls_facts const& told() const { return std::get<1>(client.values); }

    std::pair<tcp::socket, tcp::socket> sockets;
    completion<viaduct::any_stream, viaduct::tls_client_facts> server;
    completion<viaduct::any_stream, viaduct::tls_facts> client;
    std::unique_ptr<collector<tcp::socket>> heard;
};

/// Whether octets go through, both ways.
inline void check_open(encounter& e)
{
    collector there{e.server.value()};
    collector here{e.client.value()};
    send(e.client.value(), "ping");
    send(e.server.value(), "pong");
    REQUIRE(e.run_until([&] { return there.text == "ping" && here.text == "pong"; }));
    e.sockets = {tcp::socket{e.executor()}, tcp::socket{e.executor()}};
    viaduct::error_code ignored;
    e.server.value().close(ignored);
    e.client.value().close(ignored);
    REQUIRE(e.run_until([&] { return there.end && here.end; }));
}

} // namespace fixture

#endif

#include "event_loop.hpp"
#include "temporary_directory.hpp"
#include <viaduct/client/dialer.hpp>
#include <viaduct/client/with_openssl.hpp>
#include <viaduct/testing/digest_requirement.hpp>
#include <viaduct/testing/proxy_server.hpp>
#include <viaduct/testing/throw_away_tls.hpp>

#include <doctest/doctest.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <stdexcept>
#include <string>

using viaduct::errc;
using viaduct::testing::digest_requirement;
using viaduct::testing::proxy_behaviour;
using viaduct::testing::proxy_server;
using viaduct::testing::throw_away_ca;
using viaduct::testing::throw_away_certificate;
using viaduct::testing::throw_away_tls;

namespace net = viaduct::net;

namespace {

/// What a strict verifier says of a server's certificate.
int verify(throw_away_ca const& ca, throw_away_certificate const& server, char const* name)
{
    auto* const store = X509_STORE_new();
    X509_STORE_add_cert(store, ca.self().certificate());
    auto* const check = X509_STORE_CTX_new();
    X509_STORE_CTX_init(check, store, server.certificate(), nullptr);
    auto* const rules = X509_STORE_CTX_get0_param(check);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set1_host(rules, name, 0);
    X509_verify_cert(check);
    auto const outcome = X509_STORE_CTX_get_error(check);
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    return outcome;
}

} // namespace

TEST_CASE("throw_away_ca: what it signs is what was wished for, and holds before a strict verifier")
{
    throw_away_ca const ca;
    CHECK(verify(ca, ca.issue(), "localhost") == X509_V_OK);
    CHECK(verify(ca, ca.issue({.names = {"a.example", "*.b.example"}}), "x.b.example") == X509_V_OK);
    CHECK(verify(ca, ca.issue(), "a.example") == X509_V_ERR_HOSTNAME_MISMATCH);
    CHECK(verify(ca, ca.issue({.until = std::chrono::seconds{-1}}), "localhost") ==
          X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK(verify(throw_away_ca{}, ca.issue(), "localhost") != X509_V_OK);
    CHECK_THROWS_AS(static_cast<void>(ca.issue({.addresses = {"nowhere"}})), std::runtime_error);
}

TEST_CASE("proxy_server: with TLS and Digest, it is for those who trust its authority and know the word")
{
    throw_away_ca const ca;
    temporary_directory const directory;
    auto const ca_file = ca.write(directory.file("."));
    fixture::event_loop loop;
    net::ip::tcp::acceptor origin{loop.context, {net::ip::address_v4::loopback(), 0}};
    proxy_server proxy{{.tls = throw_away_tls(ca)}};
    proxy.otherwise(proxy_behaviour::require(digest_requirement("alice", "opensesame"))
                        .leading_to(origin.local_endpoint()));
    auto const dial = [&](std::string const& password, viaduct::tls_client_options const& tls) {
        auto url = proxy.url();
        url.who = viaduct::credentials{"alice", password};
        auto const options = viaduct::with_openssl({.proxies = {{{url}}}}, tls);
        fixture::completion<viaduct::tunnel> end;
        viaduct::dialer through{loop.executor(), options};
        through.async_dial({"a.example", 1}, end.handler());
        REQUIRE(loop.run_until([&] { return end.done(); }));
        return end.error;
    };
    CHECK(proxy.url_text().starts_with("https://127.0.0.1:"));
    CHECK(!dial("opensesame", {.ca_file = ca_file}));
    CHECK(proxy.requests().back().user == "alice");
    CHECK(dial("wrong", {.ca_file = ca_file}) == errc::proxy_auth_rejected);
    CHECK(dial("opensesame", {}) == errc::tls_verification_failed);
}

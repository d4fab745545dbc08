#include "tls_encounter.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

using namespace fixture;
using viaduct::certificate_user;
using viaduct::client_certificate;
using viaduct::errc;
using viaduct::error_code;
using viaduct::make_tls_acceptor;
using viaduct::make_tls_connector;
using viaduct::tls_client_options;
using viaduct::tls_server_options;

namespace {

cast const& all = of_this_play();

std::string text_of(std::string const& file)
{
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// A list with one certificate on it, or with none.
std::string write_crl(std::string const& name, identity const& signer, identity const* revoked)
{
    auto* const list = X509_CRL_new();
    auto* const now = X509_gmtime_adj(nullptr, 0);
    auto* const later = X509_gmtime_adj(nullptr, 3600);
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(signer.certificate()));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, later);
    if (revoked) {
        auto* const entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->certificate()));
        X509_REVOKED_set_revocationDate(entry, now);
        X509_CRL_add0_revoked(list, entry);
    }
    X509_CRL_sign(list, signer.key(), EVP_sha256());
    auto* const file = std::fopen(all.files.at(name).c_str(), "w");
    CHECK(PEM_write_X509_CRL(file, list) == 1);
    std::fclose(file);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
    X509_CRL_free(list);
    return all.files.at(name);
}

} // namespace

TEST_CASE("make_tls_acceptor: what cannot be used is named")
{
    auto const missing = all.files.at("missing.pem");
    auto const with = [](auto change) {
        auto options = serving(client_certificate::required);
        change(options);
        return options;
    };
    using options = tls_server_options;
    struct
    {
        options tls;
        errc error;
        std::string what;
    } const cases[] = {
        {{}, errc::tls_certificate_invalid, "the server's certificate"},
        {with([&](options& o) { o.certificate_file = missing; }), errc::tls_certificate_invalid, missing},
        {with([&](options& o) { o.key_file = missing; }), errc::tls_key_invalid, missing},
        {with([](options& o) { o.key_file = all.key_file; }), errc::tls_key_invalid, all.key_file},
        {with([](options& o) { o.key_file.clear(); }), errc::tls_key_invalid, server_papers().certificate},
        {with([&](options& o) { o.client_ca_file = missing; }), errc::tls_ca_invalid, missing},
        {with([](options& o) { o.client_ca_file = all.nonsense_file; }), errc::tls_ca_invalid,
         all.nonsense_file},
        {with([](options& o) { o.client_ca_file.clear(); }), errc::tls_ca_invalid,
         "the authorities of clients' certificates"},
        {with([&](options& o) { o.client_ca_path = missing; }), errc::tls_ca_invalid, missing},
        {with([&](options& o) { o.crl_file = missing; }), errc::tls_ca_invalid, missing},
        {with([](options& o) { o.crl_file = all.ca_file; }), errc::tls_ca_invalid, all.ca_file},
        {with([](options& o) {
             o.client_certificate = client_certificate::none;
             o.crl_file = "list.pem";
         }),
         errc::tls_option_invalid, "list.pem"},
        {with([](options& o) {
             o.alpn = {"http/1.1", ""};
         }),
         errc::tls_option_invalid, ""},
        {with([](options& o) { o.ciphers = "no such cipher"; }), errc::tls_option_invalid, "no such cipher"},
        {with([](options& o) { o.cipher_suites = "no such suite"; }), errc::tls_option_invalid,
         "no such suite"},
        {with([](options& o) { o.min_version = "SSLv3"; }), errc::tls_option_invalid, "SSLv3"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        error_code ec;
        viaduct::tls_option_problem problem;
        CHECK(make_tls_acceptor(c.tls, ec, &problem) == nullptr);
        CHECK(ec == c.error);
        CHECK(problem.what == c.what);
        CHECK(problem.detail != "");
        CHECK_THROWS_AS(static_cast<void>(make_tls_acceptor(c.tls)), viaduct::system_error);
    }
}

TEST_CASE("tls server: a client without a certificate is let in where none is asked for")
{
    auto const whole =
        all.files.write("whole.pem", text_of(server_papers().key) + text_of(server_papers().certificate));
    auto const locked = all.files.write_key("locked-server.key", all.server, "opensesame");
    tls_server_options const servers[] = {
        serving(),
        {.certificate_file = whole},
        {.certificate_file = server_papers().certificate, .key_file = locked, .key_password = "opensesame"},
    };
    for (auto const& options : servers) {
        encounter e;
        CHECK_FALSE(e.run(options));
        CHECK_FALSE(e.client.error);
        CHECK(e.facts().protocol == "TLSv1.3");
        CHECK(e.facts().cipher == e.told().cipher);
        CHECK(e.facts().alpn == "http/1.1");
        CHECK(e.facts().server_name == "localhost");
        CHECK(e.facts().subject == "");
        CHECK(e.facts().user == "");
        CHECK(e.told().subject == "/CN=localhost");
        CHECK_FALSE(e.server.value().is_plain());
        check_open(e);
    }
}

TEST_CASE("tls server: whose certificate is good enough")
{
    auto const stranger = all.other_ca.issue_client("the client");
    identity const self_made{{.subject = "the client", .names = {}, .addresses = {}}};
    papers const strange{"stranger", stranger};
    papers const own{"self-made", self_made};
    papers const old{"expired", all.expired};
    auto const good = showing(all.client_file, all.key_file);
    using enum client_certificate;
    struct
    {
        std::string what;
        client_certificate asks;
        tls_client_options client;
        errc error;
        std::string user;
    } const cases[] = {
        {"good, required", required, good, {}, "the client"},
        {"good, optional", optional, good, {}, "the client"},
        {"good, not asked for", none, good, {}, ""},
        {"none, optional", optional, trusting(), {}, ""},
        {"none, required", required, trusting(), errc::client_certificate_rejected, ""},
        {"a stranger's, optional", optional, showing(strange), errc::client_certificate_rejected, ""},
        {"a stranger's, required", required, showing(strange), errc::client_certificate_rejected, ""},
        {"self-made", required, showing(own), errc::client_certificate_rejected, ""},
        {"expired", required, showing(old), errc::client_certificate_rejected, ""},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        encounter e;
        CHECK(e.run(serving(c.asks), c.client) ==
              (c.error == errc{} ? error_code{} : make_error_code(c.error)));
        CHECK(e.facts().user == c.user);
        CHECK(e.facts().subject == (c.user.empty() ? "" : "CN=" + c.user));
    }
}

TEST_CASE("tls server: a client that is refused gets the alert, although it has sent its request already")
{
    encounter e;
    e.start_server(*make_tls_acceptor(serving(client_certificate::required)));
    e.start_client(*make_tls_connector(trusting()));
    REQUIRE(e.run_until([&] { return e.client.done(); })); // with TLS 1.3 it is through at once
    REQUIRE_FALSE(e.client.error);
    send(e.client.value(), "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n");
    collector heard{e.client.value()};
    REQUIRE(e.run_until([&] { return heard.end.has_value(); }));
    CHECK(heard.end->message().find("certificate required") != std::string::npos);
    CHECK_FALSE(e.server.done()); // it waits for the client to have it
    error_code ignored;
    e.client.value().close(ignored);
    CHECK(e.finish() == errc::client_certificate_rejected);
}

TEST_CASE("tls server: what of the certificate is the user")
{
    auto const alice =
        all.ca.issue({.names = {"alice"}, .addresses = {}, .emails = {"alice@a.example", "b@a.example"}});
    auto const odd = all.ca.issue_client("a\\=, x");
    auto const controls = all.ca.issue_client("root\nalice");
    papers const of_alice{"alice", alice};
    papers const of_odd{"odd", odd};
    papers const of_controls{"controls", controls};
    auto const plain = showing(all.client_file, all.key_file);
    struct
    {
        certificate_user which;
        tls_client_options client;
        std::string user;
    } const cases[] = {
        {certificate_user::common_name, plain, "the client"},
        {certificate_user::subject, plain, "CN=the client"},
        {certificate_user::alternative_dns, plain, ""},
        {certificate_user::alternative_dns, showing(of_alice), "alice"},
        {certificate_user::alternative_email, plain, ""},
        {certificate_user::alternative_email, showing(of_alice), "alice@a.example"},
        {certificate_user::common_name, showing(of_odd), "a\\=, x"},
        {certificate_user::subject, showing(of_odd), "CN=a\\\\=\\, x"},
        {certificate_user::common_name, showing(of_controls), ""},
        {certificate_user::subject, showing(of_controls), "CN=root\\0Aalice"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.user);
        encounter e;
        auto options = serving(client_certificate::required);
        options.user = c.which;
        CHECK_FALSE(e.run(options, c.client));
        CHECK(e.facts().user == c.user);
        CHECK(e.facts().subject != "");
    }
}

TEST_CASE("tls server: a revoked certificate is refused, and so is one that no list tells of")
{
    struct
    {
        std::string list;
        bool enters;
    } const cases[] = {
        {write_crl("empty.crl", all.ca.self(), nullptr), true},
        {write_crl("others.crl", all.ca.self(), &all.server), true},
        {write_crl("revoked.crl", all.ca.self(), &all.client), false},
        {write_crl("elsewhere.crl", all.other_ca.self(), nullptr), false},
    };
    for (auto const& c : cases) {
        CAPTURE(c.list);
        encounter e;
        auto options = serving(client_certificate::required);
        options.crl_file = c.list;
        auto const ec = e.run(options, showing(all.client_file, all.key_file));
        CHECK(ec == (c.enters ? error_code{} : make_error_code(errc::client_certificate_rejected)));
    }
}

TEST_CASE("tls server: the protocol is one that both have")
{
    using names = std::vector<std::string>;
    struct
    {
        names ours;
        names theirs;
        std::string agreed;
        bool opens;
    } const cases[] = {
        {{"http/1.1"}, {"http/1.1"}, "http/1.1", true},
        {{"http/1.1"}, {"h2", "http/1.1"}, "http/1.1", true},
        {{"h2", "http/1.1"}, {"http/1.1", "h2"}, "h2", true}, // ours is the order
        {{"http/1.1"}, {}, "", true},
        {{}, {"h2"}, "", true},
        {{"http/1.1"}, {"h2"}, "", false},
    };
    for (auto const& c : cases) {
        encounter e;
        auto server = serving();
        server.alpn = c.ours;
        auto client = trusting();
        client.alpn = c.theirs;
        CHECK(e.run(server, client) == (c.opens ? error_code{} : make_error_code(errc::client_tls_failed)));
        REQUIRE(e.run_until([&] { return e.client.done(); }));
        CHECK(e.facts().alpn == c.agreed);
        if (!c.opens) CHECK(e.told().detail.find("no application protocol") != std::string::npos);
    }
}

TEST_CASE("tls server: files are read again for those who come, and those who are there keep theirs")
{
    auto const certificate = all.files.write("changing.pem", text_of(server_papers().certificate));
    auto const key = all.files.write("changing.key", text_of(server_papers().key));
    auto const acceptor = make_tls_acceptor({.certificate_file = certificate, .key_file = key});
    encounter before;
    CHECK_FALSE(before.run(*acceptor));
    encounter during; // its client comes too late for the old files, and gets them all the same
    during.start_server(*acceptor);

    auto const renewed = all.ca.issue({.subject = "renewed"});
    static_cast<void>(all.files.write_certificate("changing.pem", renewed));
    error_code ec;
    viaduct::tls_option_problem problem;
    acceptor->reload(ec, &problem); // not its key yet
    CHECK(ec == errc::tls_key_invalid);
    CHECK(problem.what == key);
    std::string said;
    try {
        acceptor->reload();
    } catch (viaduct::system_error const& e) {
        said = e.what();
    }
    CHECK(said.find(key) != std::string::npos);
    encounter still;
    CHECK_FALSE(still.run(*acceptor));
    CHECK(still.told().subject == "/CN=localhost");

    static_cast<void>(all.files.write_key("changing.key", renewed));
    acceptor->reload();
    encounter after;
    CHECK_FALSE(after.run(*acceptor));
    CHECK(after.told().subject == "/CN=renewed");

    during.start_client(*make_tls_connector(trusting()));
    CHECK_FALSE(during.finish());
    REQUIRE(during.run_until([&] { return during.client.done(); }));
    CHECK(during.told().subject == "/CN=localhost");
    check_open(during);
    check_open(before);
}

TEST_CASE("tls server: files are read again while handshakes go on in other threads")
{
    auto const acceptor = make_tls_acceptor(serving());
    std::thread reader{[&] {
        for (int i = 0; i < 20; ++i)
            acceptor->reload();
    }};
    for (int i = 0; i < 20; ++i) {
        encounter e;
        CHECK_FALSE(e.run(*acceptor));
    }
    reader.join();
}

TEST_CASE("tls server: a session that is resumed has the same user, until the files are read again")
{
    auto const acceptor = make_tls_acceptor(serving(client_certificate::required));
    net::ssl::context context{net::ssl::context::tls_client};
    SSL_CTX_set_max_proto_version(context.native_handle(),
                                  TLS1_2_VERSION); // its ticket comes in the handshake
    all.client.use_in(context.native_handle());
    std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session{nullptr, SSL_SESSION_free};
    for (int step = 1; step <= 4; ++step) {
        encounter e;
        e.start_server(*acceptor);
        net::ssl::stream<tcp::socket&> client{e.sockets.second, context};
        if (session) SSL_set_session(client.native_handle(), session.get());
        completion<> shaken;
        client.async_handshake(net::ssl::stream_base::client, shaken.handler());
        CHECK_FALSE(e.finish());
        REQUIRE(e.run_until([&] { return shaken.done(); }));
        CHECK(e.facts().user == "the client");
        CHECK(SSL_session_reused(client.native_handle()) == (step == 2 || step == 3 ? 1 : 0));
        session.reset(SSL_get1_session(client.native_handle()));
        SSL_set_shutdown(client.native_handle(), SSL_SENT_SHUTDOWN); // else it is not resumed
        if (step == 3) acceptor->reload();
    }
}

TEST_CASE("tls server: who speaks no TLS is told apart from a stream that breaks")
{
    auto const request = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n";
    std::string const hello_start{"\x16\x03\x01\x02\x00\x01\x00", 7};
    for (bool const ends : {true, false})
        for (auto const& octets : {std::string{request}, std::string(100, '\xff')}) {
            encounter e;
            if (ends) {
                CHECK(e.run_with(octets, true) == errc::client_tls_failed);
            } else {
                e.start_server(*make_tls_acceptor(serving()));
                send(e.sockets.second, octets);
                collector heard{e.sockets.second};
                REQUIRE(e.run_until([&] { return heard.end.has_value(); }));
                CHECK(heard.end == net::error::eof); // and not a reset
                e.sockets.second.close();
                CHECK(e.finish() == errc::client_tls_failed);
            }
            CHECK(e.facts().protocol == "");
        }
    for (auto const& octets : {std::string{}, hello_start}) {
        encounter e;
        CHECK(e.run_with(octets, true) == errc::client_tls_failed);
    }
    encounter e;
    far_end<tcp::socket>::reset(e.sockets.second);
    e.start_server(*make_tls_acceptor(serving()));
    CHECK(e.finish() == net::error::connection_reset);
}

TEST_CASE("tls server: versions and ciphers are those of the options")
{
    auto const newest = [] {
        auto options = serving();
        options.min_version = "TLSv1.3";
        return options;
    }();
    auto const suites = [] {
        auto options = serving();
        options.cipher_suites = "TLS_CHACHA20_POLY1305_SHA256";
        return options;
    }();
    for (auto const& options : {newest, suites, serving()}) {
        encounter e;
        CHECK_FALSE(e.run(options));
        CHECK(e.facts().protocol == "TLSv1.3");
        CHECK((e.facts().cipher == "TLS_CHACHA20_POLY1305_SHA256") == !options.cipher_suites.empty());
        encounter old;
        old.start_server(*make_tls_acceptor(options));
        net::ssl::context context{net::ssl::context::tls_client};
        SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
        net::ssl::stream<tcp::socket> client{std::move(old.sockets.second), context};
        client.async_handshake(net::ssl::stream_base::client, [&](error_code ec) {
            if (ec) client.next_layer().close();
        });
        bool const refused = options.min_version == "TLSv1.3";
        CHECK(old.finish() == (refused ? make_error_code(errc::client_tls_failed) : error_code{}));
    }
}

TEST_CASE("tls server: the wait for a client that was refused can be cancelled")
{
    encounter e;
    e.start_server(*make_tls_acceptor(serving(client_certificate::required)));
    e.start_client(*make_tls_connector(trusting()));
    REQUIRE(e.run_until([&] { return e.client.done(); }));
    collector heard{e.client.value()};
    REQUIRE(e.run_until([&] { return heard.end.has_value(); }));
    CHECK_FALSE(e.server.done());
    e.server.cancel.emit(net::cancellation_type::total);
    CHECK(e.finish() == net::error::operation_aborted);
}

#include "certificates.hpp"
#include <viaduct/client/tls_client.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using namespace fixture;
using viaduct::errc;
using viaduct::error_code;
using viaduct::make_tls_connector;
using viaduct::tls_client_options;

TEST_CASE("make_tls_connector: what cannot be used is named")
{
    auto const& all = of_this_play();
    auto const& files = all.files;
    auto const missing = files.at("missing.pem");
    struct
    {
        tls_client_options tls;
        errc error;
        std::string what;
    } const cases[] = {
        {{.ca_file = missing}, errc::tls_ca_invalid, missing},
        {{.ca_file = all.nonsense_file}, errc::tls_ca_invalid, all.nonsense_file},
        {{.ca_path = missing}, errc::tls_ca_invalid, missing},
        {{.ca_path = all.ca_file}, errc::tls_ca_invalid, all.ca_file},
        {{.certificate_file = missing, .key_file = all.key_file}, errc::tls_certificate_invalid, missing},
        {{.certificate_file = all.nonsense_file}, errc::tls_certificate_invalid, all.nonsense_file},
        {{.certificate_file = all.client_file}, errc::tls_key_invalid, all.client_file},
        {{.certificate_file = all.client_file, .key_file = missing}, errc::tls_key_invalid, missing},
        {{.certificate_file = all.client_file, .key_file = all.other_key_file},
         errc::tls_key_invalid,
         all.other_key_file},
        {{.certificate_file = all.client_file, .key_file = all.locked_key_file},
         errc::tls_key_invalid,
         all.locked_key_file},
        {{.certificate_file = all.client_file, .key_file = all.locked_key_file, .key_password = "wrong"},
         errc::tls_key_invalid,
         all.locked_key_file},
        {{.key_file = all.key_file}, errc::tls_key_invalid, all.key_file}, // without a certificate
        {{.alpn = {""}}, errc::tls_option_invalid, ""},
        {{.alpn = {std::string(256, 'x')}}, errc::tls_option_invalid, std::string(256, 'x')},
        {{.ciphers = "no such cipher"}, errc::tls_option_invalid, "no such cipher"},
        {{.cipher_suites = "no such suite"}, errc::tls_option_invalid, "no such suite"},
        {{.min_version = "TLSv1.1"}, errc::tls_option_invalid, "TLSv1.1"},
    };
    for (auto const& c : cases) {
        CAPTURE(c.what);
        error_code ec;
        viaduct::tls_option_problem problem;
        CHECK(make_tls_connector(c.tls, ec, &problem) == nullptr);
        CHECK(ec == c.error);
        CHECK(problem.what == c.what);
        CHECK(problem.detail != "");
        CHECK(problem.detail.find("wrong") == std::string::npos); // no password
        CHECK_THROWS_AS(static_cast<void>(make_tls_connector(c.tls)), viaduct::system_error);
    }
    error_code ec = errc::tls_ca_invalid;
    CHECK(make_tls_connector({}, ec) != nullptr);
    CHECK_FALSE(ec);
}

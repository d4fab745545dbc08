#include "event_loop.hpp"
#include <viaduct/helpers/external_acl.hpp>    // the header is self-contained
#include <viaduct/helpers/helper_verifier.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace std::literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::helper_pool;
using viaduct::verification;
using kind = viaduct::verification::kind;

namespace {

namespace net = viaduct::net;

struct helpers
{
    explicit helpers(std::vector<std::string> command, std::size_t concurrency = 0)
    {
        viaduct::helper_options options;
        options.command = std::move(command);
        options.limits = {.max_children = 2, .idle_children = 0, .concurrency = concurrency};
        options.shutdown_grace = 100ms;
        pool = std::make_shared<helper_pool>(loop.executor(), std::move(options));
    }

    /// One that answers lines by the cases of a shell's `case`.
    explicit helpers(std::string const& cases)
        : helpers{{"/bin/sh", "-c",
                   "echo() { printf '%s\\n' \"$*\"; }; n=0; while read -r l; do n=$((n+1)); case $l in " +
                       cases + " esac; done"}}
    {}

    verification verify(std::shared_ptr<viaduct::verifier> const& v, std::string credentials,
                        std::shared_ptr<viaduct::verifier_session> session = {})
    {
        std::optional<verification> result;
        viaduct::auth_attempt attempt{.method = "CONNECT", .credentials = std::move(credentials)};
        attempt.session = std::move(session);
        v->verify(std::move(attempt), [&](verification r) { result = std::move(r); });
        REQUIRE(loop.run_until([&] { return result.has_value(); }));
        return *result;
    }

    std::pair<error_code, std::string> ha1(std::string_view user, std::string_view realm)
    {
        std::optional<std::pair<error_code, std::string>> result;
        viaduct::lookup_ha1(*pool, user, realm,
                            [&](error_code ec, std::string hash) { result.emplace(ec, std::move(hash)); });
        REQUIRE(loop.run_until([&] { return result.has_value(); }));
        return *result;
    }

    fixture::event_loop loop;
    std::shared_ptr<helper_pool> pool;
};

/// A file that is gone with its object.
struct temporary_file
{
    explicit temporary_file(std::string const& text)
    {
        auto name = (std::filesystem::temp_directory_path() / "viaduct-helpers-XXXXXX").string();
        int const descriptor = ::mkstemp(name.data());
        REQUIRE(descriptor != -1);
        ::close(descriptor);
        path = name;
        std::ofstream{path} << text;
    }
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    ~temporary_file() { std::filesystem::remove(path); }

    std::string path;
};

/// Where a helper of Squid's is; told, and nothing, if it is not installed.
std::optional<std::string> of_squid(std::string const& name)
{
    for (auto const* const folder : {"/usr/lib/squid/", "/usr/lib64/squid/", "/usr/libexec/squid/"})
        if (std::filesystem::exists(folder + name)) return folder + name;
    MESSAGE(name << " is not installed (Debian's package squid has it): nothing is tested here");
    return std::nullopt;
}

auto const alice = "YWwgaWNlOnMgZSJjJXJldA=="; // al ice:s e"c%ret

} // namespace

TEST_CASE("helper verifier: Basic asks with two words, and believes the helper")
{
    helpers h{
        R"('al%20ice s%20e%22c%25ret') echo OK;; 'bob x') echo 'OK user=robert';; 'eve x') echo 'BH message="no\n\ndirectory"';;
        'tom x') echo TT abc;; *) echo 'ERR message="no such user"';;)"};
    auto const v = viaduct::make_basic_helper_verifier(h.pool, {.realm = "the \"proxy\""});
    CHECK(v->scheme() == "Basic");
    CHECK(v->challenge() == R"(Basic realm="the \"proxy\"", charset="UTF-8")");
    CHECK(v->can_be_cached());
    CHECK_FALSE(v->needs_connection());
    CHECK(viaduct::make_basic_helper_verifier(h.pool, {.realm = "a\nb"})->challenge().empty());

    auto const good = h.verify(v, alice);
    CHECK(good.what == kind::accepted);
    CHECK(good.user == "al ice");
    CHECK(h.verify(v, "Ym9iOng=").user == "robert");
    auto const bad = h.verify(v, "Ym9iOnk="); // bob:y
    CHECK(bad.what == kind::rejected);
    CHECK(bad.problem == "no such user");
    CHECK(bad.user.empty());
    auto const broken = h.verify(v, "ZXZlOng=");
    CHECK(broken.what == kind::broken);
    CHECK(broken.problem == "no  directory");
    CHECK(h.verify(v, "dG9tOng=").what == kind::broken);
}

TEST_CASE("helper verifier: Basic does not ask about what cannot be right")
{
    helpers h{"*) echo OK;;"};
    auto const v = viaduct::make_basic_helper_verifier(h.pool);
    for (auto const credentials :
         {"", "!!", "YWxpY2U=", "Ong=", "YWxpY2U6", "YTpiCk9L"}) { // the last: a:b\nOK
        INFO(credentials);
        CHECK(h.verify(v, credentials).what == kind::rejected);
    }
    h.pool->stop();
    auto const late = h.verify(v, alice);
    CHECK(late.what == kind::broken);
    CHECK(late.problem == make_error_code(errc::helper_unavailable).message());
}

TEST_CASE("helper verifier: a conversation of Negotiate or NTLM goes on in one process until it is over")
{
    // The answer to the second leg tells how many lines the process has read in all.
    helpers h{
        R"('YR Zmlyc3Q=') echo "TT c2Vjb25k$n=";; 'YR b25jZQ==') echo "AF b2s= joe@REALM";; 'YR bm9ib2R5') echo "OK token=b2s=";;
        'KK dGhpcmQ=') echo "OK token=ZG9uZQ== user=joe$n";; 'KK b2xk') echo "AF DOM\\joe";; *) echo "NA no";;)"};
    for (bool const negotiate : {true, false}) {
        auto const v = negotiate ? viaduct::make_negotiate_helper_verifier(h.pool)
                                 : viaduct::make_ntlm_helper_verifier(h.pool);
        std::string const scheme = negotiate ? "Negotiate" : "NTLM";
        CHECK(v->scheme() == scheme);
        CHECK(v->challenge() == scheme);
        CHECK(v->needs_connection());
        CHECK_FALSE(v->can_be_cached());

        auto const first = h.verify(v, "Zmlyc3Q=");
        REQUIRE(first.what == kind::proceed);
        CHECK(first.challenge.starts_with(scheme + " c2Vjb25k"));
        REQUIRE(first.session);
        CHECK(h.verify(v, "b25jZQ==").user == "joe@REALM"); // another connection, another process
        auto const last = h.verify(v, "dGhpcmQ=", first.session);
        CHECK(last.what == kind::accepted);
        CHECK_FALSE(last.session);
        CHECK(last.info == (negotiate ? "Negotiate ZG9uZQ==" : ""));

        auto const again = h.verify(v, "Zmlyc3Q=", first.session); // it is over: a new one begins
        REQUIRE(again.what == kind::proceed);
        CHECK(h.verify(v, "b2xk", again.session).user == "DOM\\joe");
        CHECK(h.verify(v, "eHh4").what == kind::rejected);
        CHECK(h.verify(v, "bm9ib2R5").what == kind::broken);
        for (auto const bad : {"", "a b", "a\nKK", "\""})
            CHECK(h.verify(v, bad).what == kind::rejected);
    }
}

TEST_CASE("helper verifier: a conversation whose process is gone has to begin anew")
{
    helpers h{"'YR '*) echo TT YWJj; exit;; *) echo OK user=joe;;"};
    auto const v = viaduct::make_ntlm_helper_verifier(h.pool);
    auto const first = h.verify(v, "YQ==");
    REQUIRE(first.what == kind::proceed);
    auto const second = h.verify(v, "YQ==", first.session);
    CHECK(second.what == kind::rejected);
    CHECK_FALSE(second.session);
    CHECK(h.verify(v, "YQ==", second.session).what == kind::proceed);
}

TEST_CASE("helper verifier: the session of one scheme is nothing to another, and who goes away sets its "
          "process free")
{
    helpers h{"'YR '*) echo TT YWJj;; *) echo OK user=joe;;"};
    auto const negotiate = viaduct::make_negotiate_helper_verifier(h.pool);
    auto const ntlm = viaduct::make_ntlm_helper_verifier(h.pool);
    for (int i = 0; i < 5; ++i) { // there are two processes
        auto const first = h.verify(negotiate, "YQ==");
        REQUIRE(first.what == kind::proceed);
        CHECK(h.verify(ntlm, "YQ==", first.session).what == kind::proceed);
    }
}

TEST_CASE("helper verifier: Digest's look-up takes a hash in every form, and nothing else")
{
    std::string const md5 = "908ff320725b0d3989b772c8bcf6b7e2";
    helpers h{
        R"('"new":"r \"q\""') echo "OK ha1=\"908FF320725B0D3989B772C8BCF6B7E2\"";; '"old":'*) echo 908ff320725b0d3989b772c8bcf6b7e2;;
        '"sha":'*) echo "OK ha1=908ff320725b0d3989b772c8bcf6b7e2908ff320725b0d3989b772c8bcf6b7e2";; '"bh":'*) echo BH;;
        '"short":'*) echo OK ha1=12;; '"none":'*) echo OK;; *) echo ERR;;)"};
    using answer = std::pair<error_code, std::string>;
    CHECK(h.ha1("new", "r \"q\"") == answer{{}, md5});
    CHECK(h.ha1("old", "r") == answer{{}, md5});
    CHECK(h.ha1("sha", "r") == answer{{}, md5 + md5});
    CHECK(h.ha1("nobody", "r") == answer{{}, ""});
    CHECK(h.ha1("new\nold", "r") == answer{{}, ""});
    CHECK(h.ha1("bh", "r") == answer{errc::authentication_broken, ""});
    CHECK(h.ha1("short", "r") == answer{errc::helper_reply_malformed, ""});
    CHECK(h.ha1("none", "r") == answer{errc::helper_reply_malformed, ""});
}

TEST_CASE("helper verifier: Squid's basic_ncsa_auth knows its users")
{
    auto const program = of_squid("basic_ncsa_auth");
    if (!program) return;
    temporary_file const file{"al ice:$5$salt$SHzmRW810KrRFLmeDZdiiZmp/KHb/sz9nE08CCKNXS6\n"};
    helpers h{{*program, file.path}};
    auto const v = viaduct::make_basic_helper_verifier(h.pool);
    CHECK(h.verify(v, alice).user == "al ice");
    CHECK(h.verify(v, "YWwgaWNlOng=").what == kind::rejected); // al ice:x
    CHECK(h.verify(v, "Ym9iOng=").what == kind::rejected);     // bob:x
    CHECK(h.verify(v, alice).what == kind::accepted);
}

TEST_CASE("helper verifier: Squid's digest_file_auth answers, with channels and without")
{
    auto const program = of_squid("digest_file_auth");
    if (!program) return;
    temporary_file const file{"bob:secret\n"};
    for (std::size_t const concurrency : {0U, 10U}) {
        helpers h{{*program, file.path}, concurrency};
        CHECK(h.ha1("bob", "realm").second == "908ff320725b0d3989b772c8bcf6b7e2");
        auto const [error, hash] = h.ha1("eve", "realm");
        CHECK_FALSE(error);
        CHECK(hash.empty());
    }
}

TEST_CASE("helper verifier: Squid's ntlm_fake_auth has its conversation")
{
    auto const program = of_squid("ntlm_fake_auth");
    if (!program) return;
    helpers h{std::vector<std::string>{*program}};
    auto const v = viaduct::make_ntlm_helper_verifier(h.pool);
    auto const first = h.verify(v, "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAHFSAAAADw==");
    REQUIRE(first.what == kind::proceed);
    CHECK(first.challenge.starts_with("NTLM TlRMTVNTUAAC"));
    // A type 3 message of the user `joe` of the domain `DOM`, with responses of nothing.
    auto const last =
        h.verify(v,
                 "TlRMTVNTUAADAAAAAAAAAEAAAAAAAAAAQAAAAAMAAwBAAAAAAwADAEMAAAAAAAAARgAAAAAAAABGAAAAAgIA"
                 "AERPTWpvZQ==",
                 first.session);
    CHECK(last.what == kind::accepted);
    CHECK(last.user.find("joe") != std::string::npos);
}

TEST_CASE("external ACL: the helper is asked once for what it has said, and all who ask meanwhile hear it")
{
    helpers h{
        R"('alice staff') echo "OK user=al tag=$n message=hello";; 'bob staff') echo "ERR log=\"a\rb\"";; *) echo BH;;)"};
    viaduct::external_acl acl{h.pool, {.format = "%LOGIN"}};
    CHECK(acl.needs_user());
    auto const target = viaduct::parse_authority("host.example:443");
    std::vector<std::string> const arguments{"staff"};
    std::vector<std::pair<error_code, viaduct::external_answer>> said;
    auto const ask = [&](std::optional<std::string_view> user, std::size_t times) {
        viaduct::request_facts facts{.target = &target};
        facts.user = user;
        said.clear();
        for (std::size_t i = 0; i < times; ++i)
            acl.ask(facts, "staff", arguments, [&](error_code ec, viaduct::external_answer answer) {
                said.emplace_back(ec, std::move(answer));
            });
        CHECK(h.loop.run_until([&] { return said.size() == times; }));
    };
    for (int i = 0; i < 2; ++i) {
        ask("alice", 3);
        for (auto const& [ec, answer] : said) {
            CHECK_FALSE(ec);
            CHECK(answer.matches);
            CHECK(answer.user == "al");
            CHECK(answer.tag == "1");
            CHECK(answer.message == "hello");
        }
    }
    ask("bob", 1);
    CHECK_FALSE(said[0].second.matches);
    CHECK(said[0].second.tag == "a b");
    ask("eve", 1);
    CHECK(said[0].first == errc::authentication_broken);
    ask("", 1);
    CHECK(said[0].first == errc::authentication_required);
    ask(std::nullopt, 1);
    CHECK(said[0].first == errc::authentication_required);
    CHECK_THROWS_AS((viaduct::external_acl{h.pool, {.format = "%NOPE"}}), std::invalid_argument);
}

TEST_CASE("external ACL: Squid's ext_file_userip_acl knows who may come from where")
{
    auto const program = of_squid("ext_file_userip_acl");
    if (!program) return;
    temporary_file const file{"192.0.2.1 alice\n"};
    helpers h{{*program, "-f", file.path}};
    viaduct::external_acl acl{h.pool, {.format = "%SRC %LOGIN"}};
    auto const target = viaduct::parse_authority("host.example:443");
    viaduct::request_facts facts{.target = &target};
    facts.user = "alice";
    for (auto const& [address, matches] : {std::pair{"192.0.2.1", true}, std::pair{"192.0.2.2", false}}) {
        facts.client = {net::ip::make_address(address), 1};
        std::optional<bool> said;
        acl.ask(facts, "x", {},
                [&](error_code ec, viaduct::external_answer const& a) { said = !ec && a.matches; });
        CHECK(h.loop.run_until([&] { return said.has_value(); }));
        CHECK(said == matches);
    }
}

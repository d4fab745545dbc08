#include "policy_question.hpp"
#include <viaduct/policy/acl_set.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using viaduct::acl_answer;
using viaduct::acl_inquiry;
using viaduct::acl_problem;
using viaduct::acl_set;

namespace {

constexpr auto yes = acl_answer::match;
constexpr auto no = acl_answer::no_match;

struct expected
{
    std::string acl;
    std::string of;
    acl_answer said;
};

acl_problem problem_with(acl_set& acls, std::string const& line)
{
    acl_problem problem;
    CHECK_FALSE_MESSAGE(acls.add(words(line), problem), line);
    CHECK_MESSAGE(!problem.what.empty(), line);
    return problem;
}

} // namespace

TEST_CASE("ACLs of the target look at what it says, and at nothing that would have to be found out")
{
    expected const cases[] = {
        {"port 443", "a.example:443", yes},
        {"port 443", "a.example:444", no},
        {"port 80 1024-65535", "a.example:1024", yes},
        {"port 80 1024-65535", "a.example:1023", no},
        {"port 0-65535", "a.example:65535", yes},
        {"dstdomain a.example", "a.example:443", yes},
        {"dstdomain a.example", "b.a.example:443", no},
        {"dstdomain A.Example.", "a.example:443", yes},
        {"dstdomain .example", "example:443", yes},
        {"dstdomain .example", "c.b.a.example:443", yes},
        {"dstdomain .example", "notexample:443", no},
        {"dstdomain .a.example", "b.example:443", no},
        {"dstdomain -n x.example .a.example", "b.a.example:443", yes},
        {"dstdomain 192.0.2.9", "192.0.2.9:443", yes},
        {"dstdomain 192.0.2.9", "192.0.2.10:443", no},
        {"dstdomain 2001:DB8:0::1", "[2001:db8::1]:443", yes},
        {"dstdomain [2001:db8::1]", "[2001:db8::1]:443", yes},
        {"dstdom_regex ^www\\.", "www.example:443", yes},
        {"dstdom_regex ^www\\.", "awww.example:443", no},
        {"dstdom_regex (a|b)\\.example$", "x.b.example:443", yes},
        {"dstdom_regex WWW", "www.example:443", no},
        {"dstdom_regex -i WWW", "www.example:443", yes},
        {"dstdom_regex -i Q +i WWW", "www.example:443", no},
        {"dstdom_regex -n -i Q +i www", "www.example:443", yes},
        {"dstdom_regex -- -i", "x-i.example:443", yes},
        {"dst 192.0.2.0/24", "192.0.2.77:443", yes},
        {"dst 192.0.2.0/24", "192.0.3.77:443", no},
        {"dst -n 192.0.2.0/24", "a.example:443", no},
        {"dst -n 192.0.2.0/24", "192.0.2.77:443", yes},
        {"dst 2001:db8::/32", "[2001:db8::1]:443", yes},
        {"dst 192.0.2.0/24", "[::ffff:192.0.2.1]:443", yes},
        {"dst 192.0.2.0/24", "a.example:443", acl_answer::wants_addresses},
        {"method CONNECT", "a.example:443", yes},
        {"method connect", "a.example:443", yes},
        {"method GET POST", "a.example:443", no},
    };
    for (auto const& c : cases) {
        question const request{c.of};
        CHECK_MESSAGE(ask(c.acl, request) == c.said, c.acl << " of " << c.of);
    }
}

TEST_CASE("addresses are blocks, masks and ranges, of one family at a time")
{
    expected const cases[] = {
        {"192.0.2.1", "192.0.2.1", yes},
        {"192.0.2.1", "192.0.2.2", no},
        {"10.0.0.0/8", "10.255.255.255", yes},
        {"10.0.0.0/8", "11.0.0.0", no},
        {"10.1.2.3/8", "10.9.9.9", yes}, // Squid masks the rest away
        {"10.0.0.0/255.255.0.0", "10.0.9.9", yes},
        {"10.0.0.0/255.255.0.0", "10.1.0.0", no},
        {"10.0.0.5-10.0.0.9", "10.0.0.5", yes},
        {"10.0.0.5-10.0.0.9", "10.0.0.9", yes},
        {"10.0.0.5-10.0.0.9", "10.0.0.10", no},
        {"10.0.0.5-10.0.0.9", "10.0.0.4", no},
        {"10.0.0.0-10.0.2.0/24", "10.0.2.200", yes},
        {"10.0.0.0-10.0.2.0/24", "10.0.3.0", no},
        {"10.0.0.1 10.0.0.3", "10.0.0.2", no},
        {"10.0.0.3 10.0.0.1 10.0.0.0/24 10.0.1.7", "10.0.0.2", yes},
        {"10.0.0.0/30 10.0.0.2-10.0.0.9 10.0.0.64", "10.0.0.8", yes},
        {"10.0.0.0/30 10.0.0.2-10.0.0.9 10.0.0.64", "10.0.0.10", no},
        {"2001:db8::/32", "2001:db8:ffff::1", yes},
        {"2001:db8::/32", "2001:db9::", no},
        {"2001:db8::/ffff:ffff::", "2001:db8::9", yes},
        {"fe80::1-fe80::9", "fe80::8", yes},
        {"10.0.0.0/8", "::ffff:10.0.0.1", yes}, // how an IPv6 socket shows an IPv4 client
        {"::/0", "10.0.0.1", no},
        {"0.0.0.0/0", "10.0.0.1", yes},
        {"0.0.0.0/0.0.0.0", "10.0.0.1", yes},
        {"all", "10.0.0.1", yes},
        {"all", "fe80::1", yes},
        {"ipv4", "10.0.0.1", yes},
        {"ipv4", "fe80::1", no},
        {"ipv6", "fe80::1", yes},
        {"ipv6", "10.0.0.1", no},
    };
    for (auto const& c : cases) {
        question request;
        request.client(c.of);
        CHECK_MESSAGE(ask(std::string{"src "} + c.acl, request) == c.said, c.acl << " of " << c.of);
    }
}

TEST_CASE("the addresses of a name are asked for once, and one that matches is enough")
{
    std::string const acl = "dst 10.0.0.0/8";
    question request;
    CHECK(ask(acl, request) == acl_answer::wants_addresses);
    CHECK(ask(acl, request.resolved({"192.0.2.1", "10.0.0.1"})) == yes);
    CHECK(ask(acl, request.resolved({"192.0.2.1", "2001:db8::1"})) == no);
    CHECK(ask(acl, request.resolved({})) == no); // the look-up failed
    CHECK(ask("dst all", request) == no);
    CHECK(ask("dst -n 10.0.0.0/8", request.resolved({"10.0.0.1"})) == no);
}

TEST_CASE("ACLs of the connection know the client, the listener and its name")
{
    question request;
    request.others.tunnels = 3;
    std::pair<std::string, acl_answer> const cases[] = {{"localip 198.51.100.0/24", yes},
                                                        {"localip 192.0.2.1", no},
                                                        {"localport 3128", yes},
                                                        {"localport 443", no},
                                                        {"myportname office", yes},
                                                        {"myportname Office", no},
                                                        {"maxconn 0", yes},
                                                        {"maxconn 1", no}};
    for (auto const& c : cases)
        CHECK_MESSAGE(ask(c.first, request) == c.second, c.first);
    request.facts.others = &request.others;
    CHECK(ask("maxconn 2", request) == yes); // more than two
    CHECK(ask("maxconn 3", request) == no);
    CHECK(ask("maxconn 2", request.client("192.0.2.2")) == no);
}

TEST_CASE("ACLs of users ask who it is, and say so where nobody can tell")
{
    for (std::string const acl : {"proxy_auth REQUIRED", "proxy_auth ann", "proxy_auth_regex ^a",
                                  "max_user_ip 2", "external group staff"}) {
        question request;
        CHECK_MESSAGE(ask(acl, request) == acl_answer::wants_user, acl);
        CHECK_MESSAGE(ask(acl, request.user("")) == acl_answer::needs_credentials, acl);
    }
    expected const cases[] = {
        {"proxy_auth REQUIRED", "ann", yes},     {"proxy_auth bob ann", "ann", yes},
        {"proxy_auth bob", "ann", no},           {"proxy_auth Ann", "ann", no},
        {"proxy_auth -i Ann", "aNN", yes},       {"proxy_auth -i bob", "ann", no},
        {"proxy_auth -- -i", "-i", yes},         {"proxy_auth_regex ^a.n$", "ann", yes},
        {"proxy_auth_regex ^A", "ann", no},      {"proxy_auth_regex -i ^A", "ann", yes},
        {"proxy_auth_regex REQUIRED", "x", yes}, {"max_user_ip 0", "ann", yes},
        {"max_user_ip -s 1", "ann", no},
    };
    for (auto const& c : cases) {
        question request;
        CHECK_MESSAGE(ask(c.acl, request.user(c.of)) == c.said, c.acl << " of " << c.of);
    }
    question request;
    request.others.addresses = 3;
    request.facts.others = &request.others;
    CHECK(ask("max_user_ip 2", request.user("ann")) == yes);
    CHECK(ask("max_user_ip 3", request) == no);
    CHECK(ask("max_user_ip 2", request.user("bob")) == no);
}

TEST_CASE("a helper is asked for what it says, and one that is told the user only when that is known")
{
    question request;
    CHECK(ask("external session", request) == acl_answer::wants_answer);
    CHECK(ask("external group staff", request.user("ann")) == acl_answer::wants_answer);
    CHECK(ask("external session", request.answered("another", true)) == acl_answer::wants_answer);
    CHECK(ask("external session", request.answered("it", true)) == yes);
    CHECK(ask("external session", request.answered("it", false)) == no);
    request.answers["it"].user = "Ann";
    CHECK(ask("ext_user REQUIRED", request) == no); // whoever it was: the helper has not let it pass
    request.answers["it"].matches = true;
    for (std::string const acl : {"ext_user REQUIRED", "ext_user bob Ann", "ext_user -i ann",
                                  "ext_user_regex ^A", "ext_user_regex -i ^a"})
        CHECK_MESSAGE(ask(acl, request) == yes, acl);
    CHECK(ask("ext_user ann", request) == no);
    CHECK(ask("ext_user REQUIRED", question{}) == no);

    acl_set acls;
    acls.declare_helper("group", true);
    add(acls, "staff external group staff it");
    auto const* const use = acls.find_external("staff");
    REQUIRE(use != nullptr);
    CHECK(use->helper == "group");
    CHECK(use->arguments == words("staff it"));
    CHECK(acls.find_external("all") == nullptr);
    CHECK(acls.find_external("nobody") == nullptr);
}

TEST_CASE("fields are compared as one value, whatever the case of their name")
{
    question request;
    CHECK(ask("browser .", request) == no);
    request.fields.add("User-Agent", "curl/8.1");
    request.fields.add("X-Way", "a");
    request.fields.add("X-Other", "z");
    request.fields.add("x-way", "b");
    CHECK(ask("browser ^curl/8\\.", request) == yes);
    CHECK(ask("browser CURL", request) == no);
    CHECK(ask("browser -i CURL", request) == yes);
    CHECK(ask("req_header user-agent 8", request) == yes);
    CHECK(ask("req_header X-Way ^a,[[:blank:]]b$", request) == yes);
    CHECK(ask("req_header X-Way z", request) == no);
    request.fields.add("Referer", "https://a.example/");
    CHECK(ask("referer_regex ^https://a\\.", request) == yes);
    CHECK(ask("req_header X-None .*", request) == no);
    request.facts.fields = nullptr;
    CHECK(ask("browser .", request) == no);
}

TEST_CASE("times are those of the clock on the wall, with the last minute included")
{
    ::setenv("TZ", "XYZ-3", 1); // three hours ahead of UTC
    ::tzset();
    auto const at = [](int hour, int minute, int second) { // UTC, on Wednesday 2026-07-15
        return std::chrono::system_clock::from_time_t(1784073600 + hour * 3600 + minute * 60 + second);
    };
    question request;
    request.facts.now = at(7, 30, 59); // 10:30:59
    std::pair<std::string, acl_answer> const cases[] = {{"time W", yes},
                                                        {"time SMTHFA", no},
                                                        {"time D", yes},
                                                        {"time 9:00-10:30", yes},
                                                        {"time 9:00-10:29", no},
                                                        {"time 10:31-24:00", no},
                                                        {"time W 09:00-12:00", yes},
                                                        {"time T 09:00-12:00 W 13:00-14:00", no},
                                                        {"time T 09:00-12:00 W 10:00-14:00", yes},
                                                        {"time T 09:00-12:00 W", yes}};
    for (auto const& c : cases)
        CHECK_MESSAGE(ask(c.first, request) == c.second, c.first);
    request.facts.now = at(22, 0, 0); // Thursday, 01:00
    CHECK(ask("time W", request) == no);
    CHECK(ask("time H 0:00-1:00", request) == yes);
}

TEST_CASE("groups ask from left to right, and stop where an answer decides or is not known yet")
{
    acl_set acls;
    for (auto const& line :
         lines("p port 443 / d dst 10.0.0.0/8 / u proxy_auth REQUIRED / h dstdomain host.example"))
        add(acls, line);
    question const request;
    std::pair<std::string, acl_answer> const cases[] = {
        {"any-of p d", yes},
        {"any-of !p h", yes},
        {"any-of !p !h", no},
        {"any-of d p", acl_answer::wants_addresses},
        {"all-of p h", yes},
        {"all-of p !h d", no},
        {"all-of !p d", no},
        {"all-of p !u", acl_answer::wants_user},
        {"all-of p !d", acl_answer::wants_addresses},
    };
    int number = 0;
    for (auto const& c : cases) {
        auto const name = "g" + std::to_string(number++);
        add(acls, name + ' ' + c.first);
        CHECK_MESSAGE(ask(acls, name, request) == c.second, c.first);
    }
    add(acls, "g5 all-of h"); // a second line of all-of is another way
    CHECK(ask(acls, "g5", request) == yes);
    add(acls, "g2 any-of p"); // and one of any-of has more members
    CHECK(ask(acls, "g2", request) == yes);
    CHECK(acls.find("g7")->asks_user());
    CHECK_FALSE(acls.find("g0")->asks_user());
}

TEST_CASE("a group never depends on itself, however far around")
{
    acl_set acls;
    add(acls, "a any-of all");
    add(acls, "b any-of !a");
    CHECK(problem_with(acls, "a any-of a").what == "\"a\" would depend on itself");
    CHECK(problem_with(acls, "a any-of all b").what == "\"a\" would depend on itself");
    CHECK(problem_with(acls, "c all-of c").what == "there is no ACL \"c\"");
    CHECK(ask(acls, "a", question{}) == yes);
}

TEST_CASE("a name that is repeated has the values of all its lines, and keeps its type")
{
    acl_set acls;
    question request;
    acls.declare_helper("session", false);
    for (auto const& line :
         lines("p port 1 / p port 443 / s src 10.0.0.1 / s src 192.0.2.1 / m method PUT / "
               "m method CONNECT / d dstdomain x.example .y / d dstdomain host.example / "
               "r dstdom_regex q / r dstdom_regex -i HOST / u proxy_auth bob / "
               "u proxy_auth -i ANN / v proxy_auth_regex ^bob / v proxy_auth_regex REQUIRED / "
               "t time S 0:00-0:00 / t time SMTWHFA / f req_header Via q / "
               "f req_header via ^1.1 / n dst 10.0.0.0/8 / n dst -n 10.1.0.0/16 / "
               "one maxconn 1 / e external session a"))
        add(acls, line);
    request.user("ann").fields.add("Via", "1.1 somebody");
    for (std::string const name : {"p", "s", "d", "r", "m", "u", "t", "f", "v"})
        CHECK_MESSAGE(ask(acls, name, request) == yes, name);
    CHECK(ask(acls, "n", request) == no); // a flag is the whole ACL's

    CHECK(problem_with(acls, "p localport 80").text() == "\"p\" is of type port already; use another name");
    CHECK(problem_with(acls, "f req_header Host x").what == "\"f\" is about Via");
    CHECK(problem_with(acls, "one maxconn 2").what == "\"one\" has its number already");
    CHECK(problem_with(acls, "e external session b").what == "\"e\" has its helper already");
    CHECK(problem_with(acls, "p port 8443 oops").word == 3);
    CHECK(ask(acls, "p", question{"a.example:8443"}) == no); // nothing of a bad line is taken
}

TEST_CASE("what cannot be meant is refused, with the word that is wrong and what could be meant")
{
    struct
    {
        std::string line;
        std::size_t word;
        std::string hint; // in the text of the problem
    } const cases[] = {
        {"", 0, "name"},
        {"!x port 443", 0, "no name"},
        {"x", 1, "type"},
        {"x port", 2, "values"},
        {"x ports 443", 1, "port"},
        {"x dst_domain a", 1, "dstdomain"},
        {"x Port 443", 1, "mean 'port'"},
        {"x ssl::server_name a", 1, "; tunnels are not looked into: dstdomain"},
        {"x myip 10.0.0.1", 1, "mean 'localip'"},
        {"x ident ann", 1, "mean 'proxy_auth'"},
        {"x proto HTP", 2, "mean 'HTTP'"},
        {"x http_status 40x", 2, "400-499"},
        {"x http_status 500-400", 2, "no status"},
        {"x hier_code DIRECT", 2, "no way that Squid knows"},
        {"x hier_code HIER_DIREKT", 2, "mean 'HIER_DIRECT'"},
        {"x has reply", 2, "response"},
        {"x ext_user -x ann", 2, "flags: -i"},
        {"x qwertyuiop a", 1, "no ACL type"},
        {"x port 443 65536", 3, "from 1 to 65535"},
        {"x port 443x", 2, "no port"},
        {"x port 20-10", 2, "no port"},
        {"x port -1", 2, "no port"},
        {"x localport http", 2, "no port"},
        {"x method GET,POST", 2, "no method"},
        {"x src host.example", 2, "not looked up"},
        {"x src 10.0.0.0/33", 2, "no block"},
        {"x src 10.0.0.0/", 2, "no block"},
        {"x src 10.0.0.0/255.0.255.0", 2, "no block"},
        {"x src 10.0.0.0/ffff::", 2, "no block"},
        {"x src 2001:db8::/129", 2, "no block"},
        {"x src 10.0.0.9-10.0.0.1", 2, "no block"},
        {"x src 10.0.0.9-::1", 2, "no address"},
        {"x src 10.0.0", 2, "no address"},
        {"x src fe80::1%1", 2, "no address"},
        {"x dst -x 10.0.0.1", 2, "flags: -n"},
        {"x dstdomain *.example", 2, "mean '.example'"},
        {"x dstdomain .", 2, "no domain"},
        {"x dstdomain .192.0.2.1", 2, "no domain"},
        {"x dstdomain a.example:443", 2, "no domain"},
        {"x dstdomain -i a.example", 2, "flags: -n"},
        {"x dstdom_regex ok (", 3, "no regular expression"},
        {"x dstdom_regex [", 2, "no regular expression"},
        {"x req_header", 2, "values"},
        {"x req_header a:b c", 2, "no name of a field"},
        {"x proxy_auth -x ann", 2, "flags: -i"},
        {"x time 9-17", 2, "no time"},
        {"x time 25:00-26:00", 2, "no time"},
        {"x time 24:01-24:02", 2, "no time"},
        {"x time 17:00-9:00", 2, "no time"},
        {"x time 9:60-10:00", 2, "no time"},
        {"x time M X", 3, "no time"},
        {"x maxconn many", 2, "no number"},
        {"x maxconn 1 2", 3, "maxconn has one number"},
        {"x max_user_ip -s", 3, "missing"},
        {"x external helper", 2, "external_acl_type"},
        {"x any-of all localhos", 3, "mean 'localhost'"},
    };
    acl_set acls;
    for (auto const& c : cases) {
        auto const problem = problem_with(acls, c.line);
        CHECK_MESSAGE(problem.word == c.word, c.line);
        CHECK_MESSAGE(problem.text().find(c.hint) != std::string::npos, c.line << ": " << problem.text());
        CHECK_MESSAGE(!acls.find("x"), c.line);
    }
}

TEST_CASE("a file may be empty: an ACL without values matches nothing, if the caller says that it may be one")
{
    acl_set acls;
    acl_problem problem;
    question request;
    auto const types = words("port src dstdomain dstdom_regex proxy_auth time any-of");
    for (auto const& type : types)
        REQUIRE_MESSAGE(acls.add({type, type}, problem, viaduct::no_values::accepted), type);
    for (auto const& name : types)
        CHECK_MESSAGE(ask(acls, name, request.user("ann")) == no, name);
    CHECK_FALSE(acls.add({"m", "maxconn"}, problem, viaduct::no_values::accepted));
}

TEST_CASE(
    "the URL of a CONNECT is its target in canonical form, without a path, and of no scheme, as in Squid")
{
    std::string const host = "HOST.Example.:443";
    std::string const address = "[2001:DB8:0::1]:443";
    expected const cases[] = {
        {"url_regex ^host\\.example:443$", host, yes},
        {"url_regex ^HOST", host, no},
        {"url_regex -i Q +i ^HOST", host, no},
        {"url_regex -i ^HOST", host, yes},
        {"url_regex ^\\[2001:db8::1\\]:443$", address, yes},
        {"url_regex ^2001", address, no},
        {"url_regex /", host, no},
        {"urlpath_regex .", host, no},
        {"proto HTTP HTTPS FTP authority_form", host, no},
        {"proto http none", host, yes},
        {"has request", host, yes},
        {"has response", host, no},
    };
    for (auto const& c : cases)
        CHECK_MESSAGE(ask(c.acl, question{c.of}) == c.said, c.acl << " of " << c.of);
}

TEST_CASE("every type that Squid has and this has not is refused with advice")
{
    acl_set acls;
    for (auto const& type :
         words("adaptation_service annotate_client annotate_transaction arp at_step ca_cert clientside_mark "
               "client_connection_mark connections_encrypted dst_as eui64 ident ident_regex note peername "
               "peername_regex random rep_header rep_mime_type req_mime_type server_cert_fingerprint "
               "snmp_community squid_error src_as srcdom_regex srcdomain ssl::server_name ssl_error tag "
               "ssl::server_name_regex transaction_initiator urllogin user_cert"))
        CHECK_MESSAGE(!problem_with(acls, "x " + type + " y").hint.empty(), type);
}

TEST_CASE("what Squid predefines is there, and may be said again")
{
    acl_set acls;
    add(acls, "CONNECT method CONNECT");
    add(acls, "all src 0.0.0.0/0");
    question request;
    CHECK(ask(acls, "all", request) == yes);
    CHECK(ask(acls, "CONNECT", request) == yes);
    CHECK(ask(acls, "manager", request) == no);
    CHECK(ask(acls, "localhost", request) == no);
    CHECK(ask(acls, "localhost", request.client("127.0.0.1")) == yes);
    CHECK(ask(acls, "localhost", request.client("::1")) == yes);
    CHECK(ask(acls, "localhost", request.client("127.0.0.2")) == no);
    for (std::string const target : {"127.8.8.8:1", "0.0.0.0:1", "[::1]:1", "[::]:1"})
        CHECK_MESSAGE(ask(acls, "to_localhost", question{target}) == yes, target);
    CHECK(ask(acls, "to_localhost", question{"128.0.0.1:1"}) == no);
    CHECK(ask(acls, "to_linklocal", question{"169.254.169.254:80"}) == yes);
    CHECK(ask(acls, "to_linklocal", question{"[fe80::9]:80"}) == yes);
    CHECK(ask(acls, "to_linklocal", question{"[fec0::9]:80"}) == no);
}

TEST_CASE("a program has ACLs of its own, beside those of its configuration")
{
    acl_set acls;
    auto const short_name = [](viaduct::request_facts const& facts) {
        return facts.target->host().size() < 5;
    };
    auto const asks = [](viaduct::request_facts const& facts) {
        return facts.user ? acl_answer::match : acl_answer::wants_user;
    };
    CHECK(acls.add(viaduct::make_acl("short", short_name)));
    CHECK(acls.add(viaduct::make_acl("asks", asks)));
    CHECK_FALSE(acls.add(viaduct::make_acl("short", short_name)));
    CHECK_FALSE(acls.add(viaduct::make_acl("!short", short_name)));
    CHECK_FALSE(acls.add(nullptr));
    add(acls, "long all-of !short");
    CHECK(ask(acls, "short", question{"a.b:1"}) == yes);
    CHECK(ask(acls, "long", question{}) == yes);
    CHECK(ask(acls, "asks", question{}) == acl_answer::wants_user);
    CHECK(problem_with(acls, "short program x").what == "there is no ACL type \"program\"");
    CHECK(problem_with(acls, "short port 443").what == "\"short\" is of type program already");

    auto const moved = std::move(acls);
    CHECK(ask(moved, "long", question{}) == yes);
}

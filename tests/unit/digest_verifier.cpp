#include <viaduct/auth/digest_authenticator.hpp>
#include <viaduct/auth/digest_file.hpp>
#include <viaduct/auth/digest_verifier.hpp> // the header is self-contained
#include <viaduct/auth/nonce_book.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace std::literals;
using viaduct::challenge;
using viaduct::credentials;
using viaduct::digest_algorithm;
using viaduct::digest_authenticator;
using viaduct::digest_question;
using viaduct::digest_verifier;
using viaduct::nonce_book;
using viaduct::nonce_rules;
using viaduct::nonce_use;
using viaduct::verification;
using kind = viaduct::verification::kind;

namespace {

credentials const someone{"user", "secret"};
constexpr auto target = "broker.example:8883"sv;
nonce_book::time_point const start{};

std::shared_ptr<viaduct::digest_store> store_of(std::vector<credentials> users)
{
    return std::make_shared<viaduct::digest_store_function>([users](digest_question const& asked) {
        for (auto const& each : users)
            if (each.user == asked.user) return digest_secret(asked.algorithm, each, asked.realm);
        return std::string{};
    });
}

viaduct::digest_verifier_options options_for(std::vector<digest_algorithm> algorithms)
{
    viaduct::digest_verifier_options options;
    options.realm = "a \"realm\"";
    options.algorithms = std::move(algorithms);
    return options;
}

challenge read(std::string const& text)
{
    auto all = viaduct::parse_challenges(text);
    REQUIRE(all.size() == 1);
    return all.front();
}

/// The value of the client's field without the scheme.
std::string respond(viaduct::auth_exchange& client, challenge const* offer)
{
    std::string value;
    client.respond({"CONNECT", std::string{target}, {}}, offer,
                   [&value](viaduct::error_code ec, std::string told) {
                       CHECK_FALSE(ec);
                       value = std::move(told);
                   });
    REQUIRE(value.starts_with("Digest "));
    return value.substr("Digest "sv.size());
}

verification ask(digest_verifier& asked, std::string text, std::string_view method = "CONNECT",
                 std::string_view uri = target)
{
    viaduct::auth_attempt attempt;
    attempt.method = method;
    attempt.uri = uri;
    attempt.credentials = std::move(text);
    std::optional<verification> outcome;
    asked.verify(std::move(attempt), [&outcome](verification told) { outcome = std::move(told); });
    REQUIRE(outcome.has_value());
    return *outcome;
}

void tell_info(viaduct::auth_exchange& client, std::string const& info)
{
    auto const text = "Proxy-Authentication-Info: " + info + "\r\n";
    client.accepted(viaduct::field_list{text});
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    auto const at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

} // namespace

TEST_CASE("nonce book: a nonce is good once for each count, until it is too old")
{
    nonce_rules rules;
    rules.max_age = 60s;
    rules.max_count = 10;
    nonce_book book{rules};
    auto const nonce = book.issue(start);
    CHECK(nonce.size() == 64);
    CHECK(book.in_use() == 0); // asking costs nothing
    CHECK(book.use(nonce, 2, start) == nonce_use::good);
    CHECK(book.use(nonce, 1, start) == nonce_use::good); // tunnels overtake each other
    CHECK(book.use(nonce, 1, start) == nonce_use::stale);
    CHECK(book.use(nonce, 2, start + 1s) == nonce_use::stale);
    CHECK(book.use(nonce, 0, start) == nonce_use::stale);
    CHECK(book.use(nonce, 11, start) == nonce_use::stale);
    CHECK(book.use(nonce, 0xffffffff, start) == nonce_use::stale);
    CHECK(book.use(nonce, 10, start) == nonce_use::good_once_more);
    CHECK(book.use(nonce, 3, start + 53s) == nonce_use::good);
    CHECK(book.use(nonce, 4, start + 54s) == nonce_use::good_once_more);
    CHECK(book.use(nonce, 5, start + 59s) == nonce_use::good_once_more);
    CHECK(book.in_use() == 1);
    CHECK(book.use(nonce, 6, start + 60s) == nonce_use::stale);
    CHECK(book.in_use() == 0);
    CHECK(book.use(nonce, 1, start + 1s) == nonce_use::stale); // not even if the clock went back
}

TEST_CASE("nonce book: the strict one wants the counts in order and without gaps")
{
    nonce_rules rules;
    rules.strict = true;
    nonce_book book{rules};
    auto const nonce = book.issue(start);
    CHECK(book.use(nonce, 2, start) == nonce_use::stale);
    CHECK(book.use(nonce, 1, start) == nonce_use::good);
    CHECK(book.use(nonce, 1, start) == nonce_use::stale);
    CHECK(book.use(nonce, 3, start) == nonce_use::stale);
    CHECK(book.use(nonce, 2, start) == nonce_use::good);
}

TEST_CASE("nonce book: what another has made, and what was changed, is unknown")
{
    nonce_book book{{}};
    nonce_book other{{}};
    auto const nonce = book.issue(start);
    CHECK(other.use(nonce, 1, start) == nonce_use::stale);
    for (std::size_t at = 0; at != nonce.size(); ++at) {
        auto changed = nonce;
        changed[at] = changed[at] == '0' ? '1' : '0';
        CHECK(book.use(changed, 1, start) == nonce_use::stale);
    }
    for (auto const& text : {""s, "x"s, nonce + "0", nonce.substr(1), std::string(64, '0')})
        CHECK(book.use(text, 1, start) == nonce_use::stale);
    CHECK(book.use(nonce, 1, start) == nonce_use::good);
    std::set<std::string> all;
    for (int i = 0; i != 100; ++i)
        all.insert(book.issue(start));
    CHECK(all.size() == 100);
}

TEST_CASE("nonce book: too many in use end the oldest, and what is forgotten is not good again")
{
    nonce_rules rules;
    rules.max_nonces = 2;
    nonce_book book{rules};
    std::vector<std::string> nonces;
    for (int i = 0; i != 4; ++i)
        nonces.push_back(book.issue(start + std::chrono::seconds{i}));
    CHECK(book.use(nonces[1], 1, start + 5s) == nonce_use::good);
    CHECK(book.use(nonces[2], 1, start + 5s) == nonce_use::good);
    CHECK(book.use(nonces[3], 1, start + 5s) == nonce_use::good); // in place of the first one
    CHECK(book.in_use() == 2);
    CHECK(book.use(nonces[1], 1, start + 5s) == nonce_use::stale); // which would be a replay
    CHECK(book.use(nonces[1], 2, start + 5s) == nonce_use::stale);
    CHECK(book.use(nonces[0], 1, start + 5s) == nonce_use::stale); // older still: it might be one
    CHECK(book.use(nonces[2], 2, start + 5s) == nonce_use::good);
    CHECK(book.in_use() == 2);
}

TEST_CASE("digest verifier: our own client gets in, by every algorithm, again and again")
{
    for (auto const algorithm :
         {digest_algorithm::md5, digest_algorithm::sha_256, digest_algorithm::sha_512_256}) {
        credentials const foreigner{"\xc3\xa9ric \"x\\", "p\"\\w"};
        for (auto const& who : {someone, foreigner}) {
            digest_verifier asked{options_for({algorithm}), store_of({someone, foreigner})};
            digest_authenticator client{who};
            auto const exchange = client.begin();
            auto const offer = read(asked.challenge());
            CHECK(offer.find("realm") == "a \"realm\"");
            auto outcome = ask(asked, respond(*exchange, &offer));
            CHECK(outcome.what == kind::accepted);
            CHECK(outcome.user == who.user);
            CHECK(outcome.info.find("rspauth=") != std::string::npos);
            CHECK(outcome.info.find("nextnonce") == std::string::npos);
            tell_info(*exchange, outcome.info);
            CHECK(client.can_begin()); // or rspauth would have been wrong
            for (int i = 2; i != 5; ++i) {
                outcome = ask(asked, respond(*client.begin(), nullptr));
                CHECK(outcome.what == kind::accepted);
                CHECK(outcome.info.find("nc=0000000" + std::to_string(i)) != std::string::npos);
            }
        }
    }
}

TEST_CASE("digest verifier: a challenge for each algorithm, the best one first, each with a nonce of its own")
{
    digest_verifier asked{options_for({digest_algorithm::sha_256, digest_algorithm::md5}),
                          store_of({someone})};
    CHECK(asked.scheme() == "Digest");
    CHECK_FALSE(asked.can_be_cached());
    CHECK_FALSE(asked.needs_connection());
    auto const all = asked.challenges();
    REQUIRE(all.size() == 2);
    CHECK(read(all[0]).find("algorithm") == "SHA-256");
    CHECK(read(all[1]).find("algorithm") == "MD5");
    CHECK(read(all[0]).find("qop") == "auth");
    CHECK(read(all[0]).find("nonce") != read(all[1]).find("nonce"));
    CHECK_FALSE(read(all[0]).find("stale"));
    auto broken = options_for({digest_algorithm::md5});
    broken.realm = "two\nlines";
    CHECK(digest_verifier{broken, store_of({})}.challenges().empty());
    CHECK(digest_verifier{options_for({digest_algorithm::md5_sess}), store_of({})}.challenges().empty());
}

TEST_CASE("digest verifier: a replay, an old nonce and a foreign one are stale, which is no refusal")
{
    auto options = options_for({digest_algorithm::sha_256});
    options.nonces.max_count = 2;
    digest_verifier asked{options, store_of({someone})};
    digest_authenticator client{someone};
    auto const exchange = client.begin();
    auto const offer = read(asked.challenge());
    auto const answer = respond(*exchange, &offer);
    CHECK(ask(asked, answer).what == kind::accepted);

    auto const again = ask(asked, answer);
    CHECK(again.what == kind::proceed);
    auto const second = read(again.challenge);
    CHECK(second.find("stale") == "true");
    CHECK(exchange->judge(second) == viaduct::auth_verdict::proceed);
    CHECK(ask(asked, respond(*exchange, &second)).what == kind::accepted);

    auto const last = ask(asked, respond(*client.begin(), nullptr)); // the second of two
    CHECK(last.what == kind::accepted);
    CHECK(last.info.find("nextnonce=") != std::string::npos);
    CHECK(ask(asked, respond(*client.begin(), nullptr)).what == kind::proceed);

    digest_verifier restarted{options, store_of({someone})};
    CHECK(ask(restarted, answer).what == kind::proceed);
    CHECK(ask(restarted, replaced(answer, "response=\"", "response=\"0")).what == kind::rejected);
}

TEST_CASE("digest verifier: the next nonce is good without a question")
{
    auto options = options_for({digest_algorithm::md5});
    options.nonces.max_count = 1;
    digest_verifier asked{options, store_of({someone})};
    digest_authenticator client{someone};
    auto exchange = client.begin();
    auto const offer = read(asked.challenge());
    auto outcome = ask(asked, respond(*exchange, &offer));
    for (int i = 0; i != 3; ++i) {
        CHECK(outcome.what == kind::accepted);
        tell_info(*exchange, outcome.info);
        exchange = client.begin();
        outcome = ask(asked, respond(*exchange, nullptr));
    }
    CHECK(outcome.what == kind::accepted);
}

TEST_CASE("digest verifier: what does not fit the request, the offer or the secret is rejected")
{
    digest_verifier asked{options_for({digest_algorithm::sha_256}), store_of({someone})};
    auto const offer = read(asked.challenge());
    auto const answer_of = [&offer](credentials const& who) {
        return respond(*digest_authenticator{who}.begin(), &offer);
    };
    auto const good = answer_of(someone);
    CHECK(ask(asked, good, "CONNECT", "other.example:443").what == kind::rejected);
    CHECK(ask(asked, good, "GET").what == kind::rejected);
    CHECK(ask(asked, answer_of({"user", "wrong"})).what == kind::rejected);
    CHECK(ask(asked, answer_of({"nobody", "secret"})).what == kind::rejected);
    struct row
    {
        std::string_view what;
        std::string_view with;
    };
    for (auto const& each : {row{"username=\"user\", ", ""},
                             row{"username=\"user\"", "username=\"\""},
                             row{"username=\"user\"", "username=\"us:er\""},
                             row{"username=\"user\"", "username=\"user\", username*=UTF-8''user"},
                             row{"realm=\"a ", "realm=\"b "},
                             row{"uri=\"broker.", "uri=\"Broker."},
                             row{"qop=auth, ", ""},
                             row{"qop=auth", "qop=auth-int"},
                             row{"nc=00000001", "nc=1"},
                             row{"nc=00000001", "nc=+0000001"},
                             row{"nc=00000001", "nc=0000000g"},
                             row{"nc=00000001", "nc=00000002"}, // protected by the response
                             row{"algorithm=SHA-256", "algorithm=MD5"},
                             row{"algorithm=SHA-256", "algorithm=SHA-256-sess"},
                             row{"algorithm=SHA-256", "algorithm=x"},
                             row{", algorithm=SHA-256", ""},
                             row{"response=\"", "response=\"\", x=\""},
                             row{"uri=", "uri=\"other.example:443\", uri="},
                             row{"qop=auth", "qop=auth, userhash=true"},
                             row{"qop=auth", "qop=auth, \x01"}}) {
        CAPTURE(each.what);
        CAPTURE(each.with);
        CHECK(ask(asked, replaced(good, each.what, each.with)).what == kind::rejected);
    }
    for (auto const& text : {""s, "x"s, "Digest " + good, good + ", Basic x=y", std::string(9000, 'x')})
        CHECK(ask(asked, text).what == kind::rejected);
    CHECK(ask(asked, good).what == kind::accepted); // nothing of that has used its nonce up
}

TEST_CASE("digest verifier: a user's name in the extended form is the same name")
{
    digest_verifier asked{options_for({digest_algorithm::md5}), store_of({someone})};
    auto const offer = read(asked.challenge());
    auto const good = respond(*digest_authenticator{someone}.begin(), &offer);
    for (auto const wrong :
         {"UTF-8''us%", "UTF-8''us%6", "UTF-8''us%6g", "UTF-8", "'", "ISO-8859-1''user", ""})
        CHECK(ask(asked, replaced(good, "username=\"user\"", "username*="s + wrong)).what == kind::rejected);
    auto const outcome = ask(asked, replaced(good, "username=\"user\"", "username*=utf-8'en'us%65r"));
    CHECK(outcome.what == kind::accepted);
    CHECK(outcome.user == "user");
}

TEST_CASE("digest verifier: a store that cannot tell is no refusal")
{
    struct broken_store : viaduct::digest_store
    {
        bool has(digest_algorithm, std::string const&) const override { return true; }
        void find(digest_question question, std::function<void(viaduct::digest_answer)> done) override
        {
            if (question.user == "user") throw std::runtime_error{"thrown"};
            done({{}, "told"});
        }
    };
    digest_verifier asked{options_for({digest_algorithm::md5}), std::make_shared<broken_store>()};
    auto const offer = read(asked.challenge());
    for (auto const& [user, problem] : {std::pair{"user", "thrown"}, {"other", "told"}}) {
        auto const outcome = ask(asked, respond(*digest_authenticator{{user, "x"}}.begin(), &offer));
        CHECK(outcome.what == kind::broken);
        CHECK(outcome.problem == problem);
    }
}

TEST_CASE("digest file: offers what all users of the realm have, and says what is wrong by line")
{
    std::string name = (std::filesystem::temp_directory_path() / "viaduct-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    auto const path = name + "/users";
    auto const write = [&path](std::string const& text) { // in one piece, for it is looked at meanwhile
        std::ofstream{path + ".new", std::ios::binary} << text;
        std::filesystem::rename(path + ".new", path);
    };
    auto const secret = [](digest_algorithm algorithm, credentials const& who) {
        return who.user + ":a \"realm\":" + digest_secret(algorithm, who, "a \"realm\"") + "\r\n";
    };
    credentials const other{"other", "word"};
    auto const file = std::make_shared<viaduct::digest_file>(path);
    auto options =
        options_for({digest_algorithm::sha_512_256, digest_algorithm::sha_256, digest_algorithm::md5});
    digest_verifier asked{options, file};
    CHECK(asked.challenges().empty()); // nothing is read yet

    auto upper = secret(digest_algorithm::md5, someone);
    std::transform(upper.end() - 34, upper.end(), upper.end() - 34,
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    write("# people\n\n" + upper + secret(digest_algorithm::md5, {"user", "later"}) +
          secret(digest_algorithm::sha_256, someone) + secret(digest_algorithm::md5, other) +
          "user:another:" + std::string(64, '0') + '\n');
    CHECK(file->reload().empty());
    CHECK_FALSE(file->has(digest_algorithm::sha_256, "a \"realm\"")); // the other user would be turned away
    CHECK(file->has(digest_algorithm::sha_256, "another"));
    REQUIRE(asked.challenges().size() == 1);
    auto const user_of = [&asked](credentials const& who) {
        auto const offer = read(asked.challenge());
        return ask(asked, respond(*digest_authenticator{who}.begin(), &offer)).user;
    };
    CHECK(user_of(someone) == "user");
    CHECK(user_of(other) == "other");

    for (auto const& [text, problem] : {std::pair{"user:realm", ":1: not user:realm:secret"},
                                        {"\nuser:realm:password", ":2: a secret of neither 32 nor 64 digits"},
                                        {":realm:00", ":1: no user before the colon"}}) {
        write(text);
        CHECK(file->reload() == path + problem);
    }
    CHECK(user_of(other) == "other"); // by the last version that could be read
    std::error_code ignored;
    std::filesystem::remove_all(name, ignored);
}

#include <viaduct/auth/basic_file_verifier.hpp>
#include <viaduct/auth/password_file.hpp>
#include <viaduct/impl/auth/password_hash.hpp>
#include <viaduct/impl/auth/reloaded_file.hpp>

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace std::literals;
using viaduct::password_file;
using kind = viaduct::verification::kind;

namespace {

/// Made of `secret` by htpasswd, `openssl passwd` and crypt(3).
constexpr std::string_view hashes_of_secret[] = {
    "$2y$04$cnJnicTIXMJeboNytytIq.sug..dtaH3iQ/uD6flegYhwrVDDQ1Iy",
    "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$apr1$uVfHSntC$6sh533XOEUTlMWsm8ghaG1",
    "$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0",
    "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
    "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
    "$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2",
    "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
    "$y$j75$abcdefgh$uMUXG79B2cFpoAYyDccUnsaH/aGTyBYMlnQidzyag01",
    "abNANd1rDfiNc",
    "zouMGDSrXvOcA"};

constexpr std::string_view quick_hash = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";
constexpr std::string_view other_hash = "$apr1$abc$BfqKdn9xFDWJPa3kcp/PH0"; // of nothing

std::shared_ptr<password_file const> parse(std::string const& text)
{
    std::string problem;
    auto const file = password_file::parse(text, "users", problem);
    CAPTURE(problem);
    REQUIRE(file != nullptr);
    CHECK(problem.empty());
    return file;
}

std::string problem_of(std::string const& text)
{
    std::string problem;
    CHECK(password_file::parse(text, "users", problem) == nullptr);
    return problem;
}

std::string line(std::string_view user, std::string_view hash)
{
    return std::string{user} + ':' + std::string{hash} + '\n';
}

/// A file of its own for one test.
class temporary_file
{
public:
    temporary_file()
    {
        std::string name = (std::filesystem::temp_directory_path() / "viaduct-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        directory_ = name;
    }
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    ~temporary_file()
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] std::string path() const { return (directory_ / "users").string(); }

    /// As a careful editor does it: another file under the same name.
    void write(std::string const& text) const
    {
        auto const next = path() + ".new";
        std::ofstream{next, std::ios::binary} << text;
        std::filesystem::rename(next, path());
    }

    void remove() const { std::filesystem::remove(path()); }

private:
    std::filesystem::path directory_;
};

viaduct::verification ask(viaduct::verifier& asked, std::string const& user, std::string const& password)
{
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<viaduct::verification> outcome;
    viaduct::error_code ec;
    viaduct::auth_attempt attempt;
    attempt.credentials = viaduct::basic_authorization({user, password}, ec).substr(6);
    asked.verify(std::move(attempt), [&](viaduct::verification told) {
        std::lock_guard const lock{mutex};
        outcome = std::move(told);
        changed.notify_all();
    });
    std::unique_lock lock{mutex};
    REQUIRE(changed.wait_for(lock, 20s, [&] { return outcome.has_value(); }));
    return *outcome;
}

} // namespace

TEST_CASE("password file: every kind of hash knows its password, and no other")
{
    for (auto const hash : hashes_of_secret) {
        CAPTURE(hash);
        auto const file = parse(line("user", hash));
        CHECK(file->check({"user", "secret"}));
        CHECK_FALSE(file->check({"user", "Secret"}));
        CHECK_FALSE(file->check({"user", ""}));
        CHECK_FALSE(file->check({"user", std::string{hash}}));
        CHECK_FALSE(file->check({"nobody", "secret"})); // although the work is done for it
        CHECK_FALSE(file->check({"user", "secret\0"s}));
        CHECK_FALSE(file->check({"user", std::string(100'000, 'x')}));
    }
}

TEST_CASE("password file: Apache's MD5 at the edges of its rounds")
{
    CHECK(parse(line("user", other_hash))->check({"user", ""}));
    CHECK(parse(line("user", "$apr1$x1$ohzTG0mP/RebRlqBVo9qu/"))
              ->check({"user", "a password that is longer than sixteen octets, and thirty-two"}));
}

TEST_CASE("password file: comments, empty lines, CR LF, more fields, twins")
{
    auto const file = parse("# people\r\n\r\n  \nfirst:" + std::string{quick_hash} + "\r\nsecond:" +
                            std::string{quick_hash} + ":Second User:home\n" + line("first", other_hash) +
                            "#third:" + std::string{quick_hash} + "\nfour th: " + std::string{quick_hash});
    CHECK(file->size() == 3);
    CHECK(file->check({"first", "secret"})); // the first line of the two
    CHECK_FALSE(file->check({"first", ""}));
    CHECK(file->check({"second", "secret"}));
    CHECK(file->check({"four th", "secret"}));
    CHECK_FALSE(file->check({"#third", "secret"}));
    CHECK_FALSE(parse("# nobody\n")->check({"user", "secret"}));
}

TEST_CASE("password file: what is wrong is told with its line, and without what it holds")
{
    auto const good = line("user", quick_hash);
    auto const unknown = "users:2: a hash of an unknown kind, or a password that is not hashed"s;
    CHECK(problem_of(good + "x\n") == "users:2: no colon");
    CHECK(problem_of("\n#\n" + line("", quick_hash)) == "users:3: no user before the colon");
    CHECK(problem_of(line("a\tb\x01", quick_hash)) == "users:1: a control character");
    CHECK(problem_of(good + std::string(1025, 'x')) == "users:2: longer than 1024 octets");
    for (auto const wrong : {"hunter2", "", "thirteenchars!",
                             "{SHA}5en6G6MezRroT3XKqkdPOmY=", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "$2y$04$short", "$apr1$aj", "$apr1$LrttParrLPdxvgutaSXWJ0",
                             "$9$saltsalt$LrttParrLPdxvgutaSXWJ0", "$", "$$", "*0", "{PLAIN}secret"}) {
        CAPTURE(wrong);
        CHECK(problem_of(good + line("other", wrong)) == unknown);
    }
}

TEST_CASE("password file: a hash that libcrypt refuses is no refusal of the password")
{
    auto const file = parse(line("user", "$2y$99$cnJnicTIXMJeboNytytIq.sug..dtaH3iQ/uD6flegYhwrVDDQ1Iy"));
    CHECK_THROWS_WITH(std::ignore = file->check({"user", "secret"}),
                      "libcrypt refuses a hash of the password file");
}

TEST_CASE("password file: users that are not there cost what most users cost")
{
    using viaduct::detail::hash_kind;
    CHECK(hash_kind("$2y$10$cnJnicTIXMJeboNytytIq.sug..dtaH3iQ/uD6flegYhwrVDDQ1Iy") == "$2y$10");
    CHECK(hash_kind("$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2") ==
          "$5$rounds=1000");
    CHECK(hash_kind("$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA") == "$5$");
    CHECK(hash_kind("$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0") == "$apr1$");
    CHECK(hash_kind("$y$j75$abcdefgh$uMUXG79B2cFpoAYyDccUnsaH/aGTyBYMlnQidzyag01") == "$y$j75");
    CHECK(hash_kind("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=") == "{SHA}");
    CHECK(hash_kind("abNANd1rDfiNc") == "");

    // Only the one kind that cannot be computed shows which hash is taken.
    auto const impossible = "$2y$99$cnJnicTIXMJeboNytytIq.sug..dtaH3iQ/uD6flegYhwrVDDQ1Iy"sv;
    auto const rare = parse(line("a", quick_hash) + line("b", impossible) + line("c", quick_hash));
    CHECK_FALSE(rare->check({"nobody", "secret"}));
    auto const usual = parse(line("a", quick_hash) + line("b", impossible) + line("c", impossible));
    CHECK_THROWS(std::ignore = usual->check({"nobody", "secret"}));
}

TEST_CASE("password file: a file that is not there, or is a directory, is told by name")
{
    std::string problem;
    CHECK(password_file::load("/nowhere/users", problem) == nullptr);
    CHECK(problem == "/nowhere/users: No such file or directory");
    CHECK(password_file::load("/", problem) == nullptr);
    CHECK(problem.starts_with("/: "));
    temporary_file const file;
    file.write(line("user", quick_hash));
    auto const users = password_file::load(file.path(), problem);
    REQUIRE(users != nullptr);
    CHECK(users->check({"user", "secret"}));
    file.write(std::string((16u << 20) + 1, '\n'));
    CHECK(password_file::load(file.path(), problem) == nullptr);
    CHECK(problem == file.path() + ": larger than 16 MiB");
}

TEST_CASE("reloaded file: looked at once a second, read when it has changed, kept when it is broken")
{
    temporary_file const file;
    file.write(line("user", quick_hash));
    std::vector<std::string> reported;
    viaduct::detail::reloaded_file<password_file> watched{
        file.path(), &password_file::parse,
        [&reported](auto const& problem) { reported.push_back(problem); }};
    CHECK(watched.content() == nullptr);
    CHECK(watched.reload().empty());
    auto const first = watched.content();
    REQUIRE(first != nullptr);

    auto const start = std::chrono::steady_clock::now();
    CHECK(watched.is_due(start));
    CHECK_FALSE(watched.is_due(start));
    CHECK_FALSE(watched.is_due(start + 999ms));
    CHECK(watched.is_due(start + 1s));

    watched.refresh();
    CHECK(watched.content() == first); // nothing has changed

    file.write("nonsense");
    watched.refresh();
    watched.refresh();
    CHECK(watched.content() == first);
    CHECK(reported == std::vector{file.path() + ":1: no colon"}); // once
    CHECK(watched.reload() == file.path() + ":1: no colon");
    CHECK(watched.content() == first);

    file.write(line("other", quick_hash));
    watched.refresh();
    auto const second = watched.content();
    CHECK(second->check({"other", "secret"}));
    CHECK(first->check({"user", "secret"})); // for whoever has begun with it

    file.remove();
    watched.refresh();
    CHECK(watched.content() == second);
    CHECK(reported.size() == 2);
    CHECK(reported.back() == file.path() + ": No such file or directory");
}

TEST_CASE("basic file verifier: the newest version that can be read decides")
{
    temporary_file const file;
    viaduct::basic_file_verifier asked{{}, file.path()};
    CHECK(asked.challenge() == "Basic realm=\"proxy\", charset=\"UTF-8\"");
    CHECK(asked.can_be_cached());
    auto const without = ask(asked, "user", "secret");
    CHECK(without.what == kind::broken);
    CHECK(without.problem == file.path() + " cannot be used");

    file.write(line("user", hashes_of_secret[0]));
    CHECK(asked.reload().empty());
    CHECK(ask(asked, "user", "secret").user == "user");
    CHECK(ask(asked, "user", "wrong").what == kind::rejected);
    CHECK(ask(asked, "nobody", "secret").what == kind::rejected);

    file.write("nonsense");
    CHECK(asked.reload() == file.path() + ":1: no colon");
    CHECK(ask(asked, "user", "secret").user == "user");

    file.write(line("other", quick_hash));
    CHECK(asked.reload().empty());
    CHECK(ask(asked, "user", "secret").what == kind::rejected);
    CHECK(ask(asked, "other", "secret").user == "other");
}

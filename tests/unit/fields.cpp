#include <viaduct/http/fields.hpp> // the header is self-contained
#include <viaduct/http/redaction.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>

using namespace std::literals;
using viaduct::errc;
using viaduct::field_list;
using viaduct::field_view;
using viaduct::fields;

static_assert(std::ranges::forward_range<field_list>);

namespace {

viaduct::error_code error_of_adding(fields& to, std::string_view name, std::string_view value)
{
    try {
        to.add(name, value);
    } catch (viaduct::system_error const& e) {
        return e.code();
    }
    return {};
}

} // namespace

TEST_CASE("fields: a list is read where it lies, its values without the blanks around them")
{
    field_list const list{"Host: a:1\r\nVia:\t 1.1 proxy \t\r\nEmpty:\r\nTime: 12:30\n"};
    field_view const expected[] = {{"Host", "a:1"}, {"Via", "1.1 proxy"}, {"Empty", ""}, {"Time", "12:30"}};
    CHECK(std::ranges::equal(list, expected));
    CHECK(list.find("host")->data() == list.block().data() + 6);
    CHECK(field_list{}.begin() == field_list{}.end());
}

TEST_CASE("fields: names are compared without regard to case, and the first line of a name is found")
{
    field_list const list{"Via: 1.0 near\r\nVIA: 1.1 far\r\n"};
    CHECK(list.find("via") == "1.0 near");
    CHECK(list.count("via") == 2);
    CHECK_FALSE(list.find("vi"));
    CHECK(list.count("viaa") == 0);
}

TEST_CASE("fields: a token is found among the members of all lines of a name, never inside a member")
{
    field_list const list{"Connection: keep-alive , Upgrade\r\nX: close\r\nConnection:,,TE\r\n"};
    CHECK(list.has_token("connection", "upgrade"));
    CHECK(list.has_token("Connection", "te"));
    CHECK(list.has_token("Connection", "Keep-Alive"));
    CHECK_FALSE(list.has_token("Connection", "keep"));
    CHECK_FALSE(list.has_token("Connection", "close"));
}

TEST_CASE("fields: what could forge a line is refused, and nothing is added")
{
    fields block;
    block.add("Host", "a:1");
    for (auto const name :
         {""sv, "a b"sv, "a:"sv, "a\r\nb"sv, "a\0"sv, "\xc3\xa9"sv, " a"sv, "a "sv, "(a)"sv})
        CHECK(error_of_adding(block, name, "value") == errc::field_name_invalid);
    for (auto const value : {"a\r\nb: c"sv, "a\n"sv, "a\r"sv, "a\0b"sv, "\x7f"sv, " a"sv, "a "sv, "\ta"sv})
        CHECK(error_of_adding(block, "Name", value) == errc::field_value_invalid);
    CHECK(block.block() == "Host: a:1\r\n");

    CHECK_FALSE(error_of_adding(block, "!#$%&'*+-.^_`|~09azAZ", "a\tb \xc3\xa9"));
    CHECK_FALSE(error_of_adding(block, "Empty", ""));
    CHECK(block.find("empty") == "");
}

TEST_CASE("fields: to set is to replace all lines of a name; one that cannot be sent changes nothing")
{
    fields block;
    block.add("A", "1");
    block.add("B", "2");
    block.add("a", "3");
    CHECK_THROWS_AS(block.set("A", "x\n"), viaduct::system_error);
    CHECK(block.block() == "A: 1\r\nB: 2\r\na: 3\r\n");
    block.set("A", "4");
    CHECK(block.block() == "B: 2\r\nA: 4\r\n");
    CHECK(block.erase("b") == 1);
    CHECK(block.erase("b") == 0);
    CHECK(block.block() == "A: 4\r\n");
}

TEST_CASE("fields: names and values may be views of the fields that they change")
{
    auto const name = std::string(40, 'A');
    auto const value = std::string(40, '1');
    fields block;
    block.add(name, value);
    block.add("B", "2");
    block.add("C", "3");
    for (int i = 0; i < 8; ++i) // often enough for the memory to move
        block.add(block.begin()->name, block.begin()->value);
    CHECK(block.count(name) == 9);
    CHECK(std::ranges::count(block, field_view{name, value}) == 9);

    block.set(block.begin()->name, *block.find("B"));
    CHECK(block.block() == "B: 2\r\nC: 3\r\n" + name + ": 2\r\n");
    CHECK(block.erase(block.begin()->name) == 1);
    CHECK(block.block() == "C: 3\r\n" + name + ": 2\r\n");
}

TEST_CASE("fields: a received head is kept with one line a field and CR LF behind each")
{
    fields const kept{field_list{"A: one\r\n two\r\n\tthree\r\nB:\r\n four\nC: five\r\n \r\n"}};
    CHECK(kept.count("A") == 1);
    CHECK(kept.find("B") == "four");
    CHECK(kept.find("C") == "five");
    auto const a = std::string{*kept.find("A")};
    CHECK(a.find_first_of("\r\n") == std::string::npos);
    CHECK(a.starts_with("one "));
    CHECK(a.ends_with("three"));
    CHECK(std::ranges::distance(kept) == 3);
    CHECK(std::ranges::count(kept.block(), '\n') == 3);
    CHECK(std::ranges::count(kept.block(), '\r') == 3);
}

TEST_CASE("fields: what can be shown of a request has no secrets in it")
{
    viaduct::fields lines;
    for (auto const value :
         {"Basic dTpw", "negotiate YII=", "NTLM", "dTpw", "hunter2 and more", "Basic\thunter2"})
        lines.add("Proxy-Authorization", value);
    for (auto const name : {"cookie", "Cookie2", "X-API-Key", "Proxy-Authentication-Info", "Host"})
        lines.add(name, "h");
    auto const shown = viaduct::without_secrets(lines.list());
    CHECK(shown.block() ==
          "Proxy-Authorization: Basic ***\r\nProxy-Authorization: negotiate ***\r\n"
          "Proxy-Authorization: ***\r\nProxy-Authorization: ***\r\n"
          "Proxy-Authorization: ***\r\nProxy-Authorization: ***\r\ncookie: ***\r\nCookie2: ***\r\n"
          "X-API-Key: ***\r\nProxy-Authentication-Info: ***\r\nHost: h\r\n");
    for (auto const& [target, without] :
         std::map<std::string_view, std::string_view>{{"http://u:p@h/x@y?z@", "http://***@h/x@y?z@"},
                                                      {"http://u:p@q@h", "http://***@h"},
                                                      {"u:p@h:443", "***@h:443"},
                                                      {"u:p/q@h:443", "***@h:443"},
                                                      {"//u:p@h/", "//***@h/"},
                                                      {"@", "***@"},
                                                      {"http://h/x@y", "http://h/x@y"},
                                                      {"/x@y", "/x@y"},
                                                      {"h:443", "h:443"},
                                                      {"", ""}})
        CHECK(viaduct::target_without_user(target) == without);
}

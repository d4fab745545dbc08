#ifndef VIADUCT_TESTS_UNIT_POLICY_QUESTION_HPP
#define VIADUCT_TESTS_UNIT_POLICY_QUESTION_HPP

#include <viaduct/policy/policy.hpp>

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// The words of a line, as a reader of squid.conf would hand them over.
inline std::vector<std::string> words(std::string const& line)
{
    std::istringstream in{line};
    std::vector<std::string> out;
    for (std::string word; in >> word;)
        out.push_back(word);
    return out;
}

inline viaduct::net::ip::address address(std::string const& text)
{
    return viaduct::net::ip::make_address(text);
}

/// A crowd of a known size.
class crowd final : public viaduct::population
{
public:
    std::size_t tunnels_of(viaduct::net::ip::address const& client) const override
    {
        return client == address("192.0.2.1") ? tunnels : 1;
    }

    std::size_t addresses_of(std::string_view user, viaduct::net::ip::address const&) const override
    {
        return user == "ann" ? addresses : 1;
    }

    std::size_t tunnels = 1;
    std::size_t addresses = 1;
};

/// A request of 192.0.2.1 at 198.51.100.1:3128, and what is known of it.
struct question
{
    explicit question(std::string const& where = "host.example:443") : target{viaduct::parse_authority(where)}
    {
        facts.target = &target;
        facts.fields = &fields;
        facts.client = {address("192.0.2.1"), 40000};
        facts.local = {address("198.51.100.1"), 3128};
        facts.listener = "office";
    }

    question(question const&) = delete;
    question& operator=(question const&) = delete;

    question& client(std::string const& text)
    {
        facts.client.address(address(text));
        return *this;
    }

    question& user(std::string_view name)
    {
        facts.user = name;
        return *this;
    }

    question& resolved(std::vector<std::string> const& texts)
    {
        addresses.clear();
        for (auto const& text : texts)
            addresses.push_back(address(text));
        facts.addresses = &addresses;
        return *this;
    }

    question& answered(std::string const& acl, bool matches)
    {
        answers[acl].matches = matches;
        facts.answers = &answers;
        return *this;
    }

    viaduct::authority target;
    viaduct::fields fields{};
    std::vector<viaduct::net::ip::address> addresses{};
    std::map<std::string, viaduct::external_answer, std::less<>> answers{};
    crowd others{};
    viaduct::request_facts facts{};
};

/// Adds the ACL of a line, which must be right.
inline void add(viaduct::acl_set& acls, std::string const& line)
{
    viaduct::acl_problem problem;
    bool const taken = acls.add(words(line), problem);
    REQUIRE_MESSAGE(taken, line << ": " << problem.text());
}

/// Lines that are divided by ` / `.
inline std::vector<std::string> lines(std::string const& text)
{
    std::vector<std::string> out{""};
    for (auto const& word : words(text))
        word == "/" ? void(out.emplace_back()) : void(out.back() += word + ' ');
    return out;
}

inline viaduct::acl_answer ask(viaduct::acl_set const& acls, std::string_view name, question const& request)
{
    viaduct::acl_inquiry inquiry{request.facts};
    auto const found = acls.find(name);
    REQUIRE(found);
    return found->ask(inquiry);
}

/// What an ACL of these words, name left out, says of a request.
inline viaduct::acl_answer ask(std::string const& rest, question const& request)
{
    viaduct::acl_set acls;
    acls.declare_helper("session", false);
    acls.declare_helper("group", true);
    add(acls, "it " + rest);
    return ask(acls, "it", request);
}

/// Adds lines such as `acl SSL_ports port 443`, which must be right.
inline void configure(viaduct::policy& rules, std::vector<std::string> const& lines)
{
    for (std::size_t number = 1; auto const& line : lines) {
        auto all = words(line);
        auto const directive = all.front();
        all.erase(all.begin());
        viaduct::acl_problem problem;
        auto const origin = "squid.conf:" + std::to_string(number++);
        bool const taken = directive == "acl" ? rules.acls.add(all, problem)
                                              : rules.http_access.add(all, rules.acls, problem, origin);
        REQUIRE_MESSAGE(taken, line << ": " << problem.text());
    }
}

#endif

#include "outgoing_options.hpp"

#include "config/values.hpp"
#include "directive_match.hpp"
#include "words.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace viaduct_proxy {
namespace {

/// `VALUE [!]ACL...`, taken apart.
struct outgoing_line
{
    std::string value;
    std::vector<viaduct::acl_term> terms;
};

[[nodiscard]] outgoing_line take_apart(typed const& what, viaduct::acl_set const& acls)
{
    auto words = split_plain(what);
    if (words.empty()) reject(what, "write a value, and then the ACLs that it is for");
    outgoing_line made{std::move(words.front()), {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
        viaduct::acl_problem problem;
        made.terms.push_back(acls.read_term(words[i], problem));
        if (!made.terms.back().what) reject(what, problem.text());
    }
    return made;
}

/// `0x20`, `32`; Squid also takes `0x20/0xff`, whose mask is for what it does not do here.
[[nodiscard]] std::uint32_t to_mark(typed const& what, std::string const& text, std::uint32_t most)
{
    auto const number = to_c_number(text);
    if (!number || *number < 0 || *number > static_cast<long>(most))
        reject(what, "'" + text + "' is no number from 0 to " + std::to_string(most) + ", such as 0x20");
    return static_cast<std::uint32_t>(*number);
}

void add_address(viaduct::outgoing_rules& to, typed const& what, outgoing_line line)
{
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(line.value, ec);
    if (ec) reject(what, "'" + line.value + "' is no address of this machine");
    if (address.is_v4())
        to.add_address(address.to_v4(), std::move(line.terms));
    else
        to.add_address(address.to_v6(), std::move(line.terms));
}

} // namespace

void outgoing_options::take(directive_match& line)
{
    line.list("tcp_outgoing_address", addresses_)
        .list("tcp_outgoing_tos", tos_)
        .list("tcp_outgoing_mark", marks_);
}

void outgoing_options::apply(proxy_options& to, viaduct::acl_set const& acls) const
{
    if (addresses_.empty() && tos_.empty() && marks_.empty()) return;
    auto rules = std::make_shared<viaduct::outgoing_rules>();
    for (auto const& each : addresses_)
        add_address(*rules, each, take_apart(each, acls));
    for (auto const& each : tos_) {
        auto line = take_apart(each, acls);
        rules->add_tos(static_cast<std::uint8_t>(to_mark(each, line.value, 255)), std::move(line.terms));
    }
    for (auto const& each : marks_) {
        auto line = take_apart(each, acls);
        rules->add_mark(to_mark(each, line.value, UINT32_MAX), std::move(line.terms));
    }
    to.service.way.outgoing = std::move(rules);
}

} // namespace viaduct_proxy

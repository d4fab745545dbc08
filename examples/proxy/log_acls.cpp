#include "log_acls.hpp"

#include "words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

using addresses = std::vector<viaduct::net::ip::address>;

[[nodiscard]] viaduct::net::ip::address to_address(std::string const& text)
{
    viaduct::error_code ec;
    auto const address = viaduct::net::ip::make_address(text, ec);
    return ec ? viaduct::net::ip::address{} : address;
}

/// What could be read of the target; of a request without one, a host without a name.
[[nodiscard]] viaduct::authority to_target(std::string const& text)
{
    viaduct::error_code ec;
    auto target = viaduct::parse_authority(text, ec);
    return ec ? viaduct::authority{"invalid", 1} : target;
}

[[nodiscard]] addresses to_addresses(viaduct::tunnel_record const& record, viaduct::authority const& target)
{
    addresses found;
    for (auto const& text : record.resolved)
        found.push_back(to_address(text));
    viaduct::error_code ec;
    auto const itself = viaduct::net::ip::make_address(target.host(), ec);
    if (found.empty() && !ec) found.push_back(itself);
    return found;
}

/// What the line of the log says of it.
[[nodiscard]] std::string_view hierarchy_of(viaduct::tunnel_record const& record)
{
    if (record.peer.empty()) return "HIER_NONE";
    return record.hierarchy.empty() ? "HIER_DIRECT" : std::string_view{record.hierarchy};
}

[[nodiscard]] bool all_match(std::vector<viaduct::acl_term> const& terms,
                             viaduct::tunnel_record const& record)
{
    auto const target = to_target(record.target);
    auto const found = to_addresses(record, target);
    viaduct::request_facts facts;
    facts.method = record.method;
    facts.target = &target;
    facts.fields = &record.request_fields;
    facts.client = {to_address(record.client), record.client_port};
    facts.local = {to_address(record.local), record.local_port};
    facts.listener = record.listener;
    facts.user = record.user;
    facts.addresses = &found;
    facts.is_management = record.target.starts_with('/'); // as no CONNECT's does
    if (facts.is_management) facts.path = record.target;
    facts.now = record.ended;
    if (record.status != 0) facts.status = record.status;
    facts.hierarchy = hierarchy_of(record);
    viaduct::acl_inquiry inquiry{facts};
    return std::all_of(terms.begin(), terms.end(), [&inquiry](auto const& term) {
        return term.ask(inquiry) == viaduct::acl_answer::match;
    });
}

/// The type of ACL that only the moment of the request could answer; empty if it is none.
[[nodiscard]] std::string_view past_type(viaduct::acl const& one)
{
    for (std::string_view const type : {"external", "ext_user", "ext_user_regex", "maxconn", "max_user_ip"})
        if (one.type() == type) return type;
    return {};
}

} // namespace

record_condition to_condition(log_line const& line, viaduct::acl_set const& acls)
{
    std::vector<viaduct::acl_term> terms;
    for (auto const& text : line.acls) {
        viaduct::acl_problem problem;
        auto term = acls.read_term(text, problem);
        if (!term.what) reject(line.flag, line.value, problem.text());
        if (auto const type = past_type(*term.what); !type.empty())
            reject(
                line.flag, line.value,
                fmt::format("the ACL '{}' is of type {}, which can be asked only while a request is judged",
                            text, type));
        terms.push_back(std::move(term));
    }
    return
        [terms = std::move(terms)](viaduct::tunnel_record const& record) { return all_match(terms, record); };
}

} // namespace viaduct_proxy

#include "rule_options.hpp"

#include "external_options.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::port_policy to_port_policy(std::vector<std::string> const& typed)
{
    viaduct::port_policy policy;
    std::vector<std::uint16_t> ports;
    for (auto const& text : typed) {
        auto const port = to_port(text);
        if (text == "all")
            policy.permit_all();
        else if (port && *port != 0)
            ports.push_back(*port);
        else
            reject("--allow-port", text, "write a port from 1 to 65535, or 'all'");
    }
    if (!ports.empty() && !policy.permits(0)) policy.permit_only(std::move(ports));
    return policy;
}

[[nodiscard]] viaduct::address_guard to_guard(std::vector<std::string> const& blocks,
                                              std::vector<std::string> const& nat64)
{
    viaduct::address_guard guard;
    for (auto const& text : blocks)
        guard.allow(to_block("--allow-destination", text));
    for (auto const& text : nat64) {
        viaduct::error_code ec;
        guard.nat64(to_block("--nat64", text), ec);
        if (ec) reject("--nat64", text, "write a prefix of IPv6 with a length of 32, 40, 48, 56, 64 or 96");
    }
    return guard;
}

/// The items of a file that stands for the values of an ACL: one a line, `#` begins a comment.
void add_items(std::vector<std::string>& words, std::string const& value, std::string const& path)
{
    std::ifstream file{path};
    std::string line;
    while (std::getline(file, line)) {
        line.resize(std::min(line.find('#'), line.size()));
        auto const first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) continue;
        words.push_back(line.substr(first, line.find_last_not_of(" \t\r") + 1 - first));
    }
    if (!file.eof()) reject("--acl", value, "'" + path + "' cannot be read");
}

/// The words of an ACL, with files' items in the place of files' names; whether there was a file.
[[nodiscard]] bool expand(std::vector<std::string>& words, std::string const& value)
{
    bool has_file = false;
    for (auto& each : split("--acl", value)) {
        bool const is_file = each.quoted && words.size() >= 2; // as in Squid, whatever the type
        has_file = has_file || is_file;
        if (is_file)
            add_items(words, value, each.text);
        else
            words.push_back(std::move(each.text));
    }
    return has_file;
}

} // namespace

void add_rule(viaduct::access_list& list, viaduct::acl_set const& acls, std::string_view flag,
              std::string_view value, std::vector<std::string> const& words)
{
    viaduct::acl_problem problem;
    if (!list.add(words, acls, problem, std::string{flag})) reject(flag, value, problem.text());
}

void rule_options::declare(CLI::App& app)
{
    flag_group flags{app, "Who may go where"};
    flags.list("--allow-port", allow_ports_, "PORT|all", "A port that tunnels may lead to, instead of 443");
    flags.list("--allow-destination", allow_destinations_, "CIDR",
               "Let tunnels go to these addresses, although they are not public");
    flags.list("--nat64", nat64_, "CIDR", "A prefix from which this network translates to IPv4");
    flags.list("--acl", acls_, "'NAME TYPE VALUE...'",
               "As acl in squid.conf; \"FILE\" in double quotes stands for its lines");
    flags.list("--http-access", http_access_, "'allow|deny [!]ACL...'",
               "As http_access in squid.conf, in place of port 443 for everybody");
    flags.list("--report-only", report_only_, "'allow|deny [!]ACL...'",
               "Rules on trial: standard error tells which requests they would deny");
    flags.list("--external-acl", helpers_, external_acl_syntax, "As external_acl_type in squid.conf");
    flags.list("--never-direct", never_direct_, "'allow|deny [!]ACL...'",
               "As never_direct in squid.conf: what goes to parents only");
    flags.list("--always-direct", always_direct_, "'allow|deny [!]ACL...'",
               "As always_direct in squid.conf: what never goes to parents");
}

void rule_options::add_acls()
{
    for (auto const& value : acls_) {
        std::vector<std::string> words;
        auto const if_none =
            expand(words, value) ? viaduct::no_values::accepted : viaduct::no_values::refused;
        viaduct::acl_problem problem;
        if (!rules_->acls.add(words, problem, if_none)) reject("--acl", value, problem.text());
    }
}

void rule_options::add_rules(viaduct::access_list& list, std::vector<std::string> const& values,
                             char const* flag)
{
    for (auto const& value : values)
        add_rule(list, rules_->acls, flag, value, split_plain(flag, value));
}

/// `deny !SSL_ports`, whatever ACLs the operator has.
void rule_options::add_port_rule()
{
    auto const ports = ports_;
    viaduct::access_rule rule;
    rule.terms.push_back({viaduct::make_acl("SSL_ports",
                                            [ports](viaduct::request_facts const& asked) {
                                                return ports.permits(asked.target->port());
                                            }),
                          true});
    rule.origin = allow_ports_.empty() ? "default" : "--allow-port";
    rules_->http_access.add(std::move(rule));
}

void rule_options::add_default_rules(bool wants_users)
{
    add_port_rule();
    viaduct::acl_problem never;
    std::ignore = own_.add({"authenticated", "proxy_auth", "REQUIRED"}, never);
    std::vector<std::string> const words{"allow", wants_users ? "authenticated" : "all"};
    if (!rules_->http_access.add(words, own_, never, "default")) throw mistake{never.text()};
}

void rule_options::apply(proxy_options& to, bool wants_users)
{
    auto& way = to.service.way;
    way.ports = ports_ = to_port_policy(allow_ports_);
    way.guard = to_guard(allow_destinations_, nat64_);
    for (auto const& value : helpers_)
        add_external_acl(to, rules_->acls, value);
    add_acls();
    if (http_access_.empty())
        add_default_rules(wants_users);
    else if (!allow_ports_.empty())
        add_port_rule(); // both have a say
    add_rules(rules_->http_access, http_access_, "--http-access");
    add_rules(rules_->report_only, report_only_, "--report-only");
    add_rules(rules_->never_direct, never_direct_, "--never-direct");
    add_rules(rules_->always_direct, always_direct_, "--always-direct");
    auto const& listeners = to.service.listen;
    bool const certificates =
        std::any_of(listeners.begin(), listeners.end(), [](auto const& each) { return each.tls; });
    if (!wants_users && !certificates && rules_->http_access.asks_user())
        throw mistake{"--http-access asks who the client is, and nothing can tell: see --auth-basic-file, "
                      "--auth-digest-file, --auth-program, and --tls-client-ca"};
    bool const has_rules = wants_users || !http_access_.empty() || !report_only_.empty();
    if (has_rules) way.rules = rules_;
    way.routing = viaduct::routing_by(rules_);
}

} // namespace viaduct_proxy

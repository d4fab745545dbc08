#include "rule_options.hpp"

#include "config/conf_words.hpp"
#include "directive_match.hpp"
#include "external_options.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::port_policy to_port_policy(std::vector<typed> const& all)
{
    viaduct::port_policy policy;
    std::vector<std::uint16_t> ports;
    for (auto const& each : all) {
        auto const& text = each.value;
        auto const port = to_port(text);
        if (text == "all")
            policy.permit_all();
        else if (port && *port != 0)
            ports.push_back(*port);
        else
            reject(each, "write a port from 1 to 65535, or 'all'");
    }
    if (!ports.empty() && !policy.permits(0)) policy.permit_only(std::move(ports));
    return policy;
}

/// The items of a file that stands for the values of an ACL: one a line, `#` begins a comment.
void add_items(std::vector<std::string>& words, typed const& what, std::string const& path)
{
    std::ifstream file{path};
    std::string line;
    while (std::getline(file, line)) {
        line.resize(std::min(line.find('#'), line.size()));
        auto const first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) continue;
        words.push_back(line.substr(first, line.find_last_not_of(" \t\r") + 1 - first));
    }
    if (!file.eof()) reject(what, "'" + path + "' cannot be read");
}

/// Whether the values of a type are regular expressions, which have rules of their own for backslashes.
[[nodiscard]] bool is_of_patterns(std::string_view type)
{
    return type.ends_with("regex") || type == "browser" || type == "req_header" || type == "rep_header";
}

/// The same for a line of squid.conf.
[[nodiscard]] bool expand(std::vector<std::string>& words, directive const& line)
{
    auto const plain = viaduct_proxy::words(line);
    bool const has_patterns = plain.size() > 1 && is_of_patterns(plain[1].text);
    bool const has_file = std::any_of(plain.begin(), plain.end(), [](auto const& each) {
        return each.text.starts_with('"') || each.text.starts_with('\'');
    });
    for (auto& each : viaduct_proxy::words(line, has_patterns ? word_syntax::regex : word_syntax::lists))
        words.push_back(std::move(each.text));
    return has_file; // it may be empty
}

/// The words of an ACL, with files' items in the place of files' names; whether there was a file.
[[nodiscard]] bool expand(std::vector<std::string>& words, typed const& what)
{
    if (what.line) return expand(words, *what.line);
    bool has_file = false;
    for (auto& each : split(what)) {
        bool const is_file = each.quoted && words.size() >= 2; // as in Squid, whatever the type
        has_file = has_file || is_file;
        if (is_file)
            add_items(words, what, each.text);
        else
            words.push_back(std::move(each.text));
    }
    return has_file;
}

} // namespace

void add_rule(viaduct::access_list& list, viaduct::acl_set const& acls, typed const& what,
              std::vector<std::string> const& words)
{
    viaduct::acl_problem problem;
    if (!list.add(words, acls, problem, what.place())) reject(what, problem.text());
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

void rule_options::take(directive_match& line)
{
    line.list("acl", acls_)
        .list("http_access", http_access_)
        .list("http_reply_access", http_reply_access_)
        .list("external_acl_type", helpers_)
        .list("never_direct", never_direct_)
        .list("always_direct", always_direct_)
        .list("report_only", report_only_)
        .list("allow_destination", allow_destinations_)
        .list("nat64", nat64_)
        .text("destination_guard", guard_);
}

/// Where its file says nothing, nobody may go anywhere; and no address is special.
void rule_options::assume_squid()
{
    is_squid_ = true;
    guard_.value = "off";
}

viaduct::address_guard rule_options::make_guard() const
{
    viaduct::address_guard guard;
    if (guard_.value != "on" && guard_.value != "off") reject(guard_, "write on or off");
    if (guard_.value == "off")
        for (auto const* all : {"0.0.0.0/0", "::/0"})
            guard.allow(viaduct::address_block::parse(all)); // but for our own listeners
    for (auto const& text : allow_destinations_)
        guard.allow(to_block(text.where(), text.value));
    for (auto const& text : nat64_) {
        viaduct::error_code ec;
        guard.nat64(to_block(text.where(), text.value), ec);
        if (ec) reject(text, "write a prefix of IPv6 with a length of 32, 40, 48, 56, 64 or 96");
    }
    return guard;
}

void rule_options::add_acls()
{
    mistake_list found;
    for (auto const& each : acls_)
        found.attempt([&] { add_acl(each); });
    found.refuse_if_any();
}

void rule_options::add_acl(typed const& what)
{
    std::vector<std::string> words;
    auto const if_none = expand(words, what) ? viaduct::no_values::accepted : viaduct::no_values::refused;
    viaduct::acl_problem problem;
    if (!rules_->acls.add(words, problem, if_none)) reject(what, problem.text());
}

void rule_options::add_rules(viaduct::access_list& list, std::vector<typed> const& values)
{
    mistake_list found;
    for (auto const& each : values)
        found.attempt([&] { add_rule(list, rules_->acls, each, split_plain(each)); });
    found.refuse_if_any();
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
    way.guard = make_guard();
    for (auto const& value : helpers_)
        add_external_acl(to, rules_->acls, value);
    add_acls();
    if (http_access_.empty() && !is_squid_)
        add_default_rules(wants_users);
    else if (!allow_ports_.empty())
        add_port_rule(); // both have a say
    add_rules(rules_->http_access, http_access_);
    add_rules(rules_->report_only, report_only_);
    add_rules(rules_->never_direct, never_direct_);
    add_rules(rules_->always_direct, always_direct_);
    add_rules(rules_->others["http_reply_access"], http_reply_access_);
    bool const has_rules = is_squid_ || wants_users || !http_access_.empty() || !report_only_.empty();
    if (has_rules) way.rules = rules_;
    way.routing = viaduct::routing_by(rules_);
}

void rule_options::check_users(bool can_tell) const
{
    if (can_tell || !rules_->http_access.asks_user()) return;
    throw mistake{http_access_.front().where() +
                  " asks who the client is, and nothing can tell: see --auth-basic-file, "
                  "--auth-digest-file, --auth-program (auth_param in squid.conf), and --tls-client-ca "
                  "(clientca=)"};
}

} // namespace viaduct_proxy

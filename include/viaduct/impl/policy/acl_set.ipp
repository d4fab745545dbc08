#ifndef VIADUCT_IMPL_POLICY_ACL_SET_IPP
#define VIADUCT_IMPL_POLICY_ACL_SET_IPP

#include <viaduct/detail/nearest_name.hpp>
#include <viaduct/impl/policy/address_acls.hpp>
#include <viaduct/impl/policy/group_acls.hpp>
#include <viaduct/impl/policy/name_acls.hpp>
#include <viaduct/impl/policy/outcome_acls.hpp>
#include <viaduct/impl/policy/regex_acls.hpp>
#include <viaduct/impl/policy/time_acl.hpp>
#include <viaduct/impl/policy/url_acls.hpp>
#include <viaduct/impl/policy/user_acls.hpp>
#include <viaduct/policy/acl_set.hpp>

#include <array>
#include <initializer_list>
#include <utility>

namespace viaduct {
namespace detail::acls {

using made = std::shared_ptr<configured_acl>;

/// A type of ACLs, and how to make one without values.
struct acl_type
{
    std::string_view name;
    made (*make)(std::string name, std::string_view type);
};

template <class Acl>
[[nodiscard]] made make(std::string name, std::string_view type)
{
    return std::make_shared<Acl>(std::move(name), type);
}

inline constexpr auto acl_types = std::to_array<acl_type>({
    {"all-of", &make<all_of_acl>},
    {"any-of", &make<any_of_acl>},
    {"browser", &make<field_acl>},
    {"dst", &make<dst_acl>},
    {"dstdom_regex", &make<dstdom_regex_acl>},
    {"dstdomain", &make<dstdomain_acl>},
    {"ext_user", &make<ext_user_acl>},
    {"ext_user_regex", &make<ext_user_regex_acl>},
    {"external", &make<external_acl>},
    {"has", &make<has_acl>},
    {"hier_code", &make<hier_code_acl>},
    {"http_status", &make<http_status_acl>},
    {"localip", &make<localip_acl>},
    {"localport", &make<port_acl<listener_port>>},
    {"max_user_ip", &make<max_user_ip_acl>},
    {"maxconn", &make<maxconn_acl>},
    {"method", &make<method_acl>},
    {"myportname", &make<myportname_acl>},
    {"port", &make<port_acl<target_port>>},
    {"proto", &make<proto_acl>},
    {"proxy_auth", &make<proxy_auth_acl>},
    {"proxy_auth_regex", &make<proxy_auth_regex_acl>},
    {"referer_regex", &make<field_acl>},
    {"req_header", &make<field_acl>},
    {"src", &make<src_acl>},
    {"time", &make<time_acl>},
    {"url_regex", &make<url_regex_acl>},
    {"urlpath_regex", &make<urlpath_regex_acl>},
});

/// What Squid knows and a proxy of tunnels does not, and what serves instead.
struct foreign_type
{
    std::string_view name;
    std::string_view advice;
};

inline constexpr auto foreign_types = std::to_array<foreign_type>({
    {"adaptation_service", "nothing is adapted: any-of the ACLs that choose the service"},
    {"annotate_client", "a rule leaves no notes: split it in two"},
    {"annotate_transaction", "a rule leaves no notes: the log's line has the rule that decided"},
    {"arp", "addresses of network cards are not looked at: src"},
    {"at_step", "tunnels are not looked into: leave it out"},
    {"ca_cert",
     "who signed a client's certificate is checked before any rule: proxy_auth is for the user it names"},
    {"client_connection_mark", "marks of connections are not read: src, myportname"},
    {"clientside_mark", "marks of connections are not read: src, myportname"},
    {"connections_encrypted", "a listener has TLS or has none: myportname"},
    {"dst_as", "routes are not asked for: dst with the blocks of that network"},
    {"eui64", "addresses of network cards are not looked at: src"},
    {"ident", "proxy_auth"},
    {"ident_regex", "proxy_auth_regex"},
    {"myip", "localip"},
    {"myport", "localport"},
    {"note", "helpers and rules leave no notes: external, ext_user"},
    {"peername", "cache_peer_access chooses among parents; hier_code tells in a log how one was chosen"},
    {"peername_regex",
     "cache_peer_access chooses among parents; hier_code tells in a log how one was chosen"},
    {"random",
     "rules may be asked more than once about one request, and should not change their mind: time, src"},
    {"rep_header", "what flows in a tunnel is not looked into: http_status"},
    {"rep_mime_type", "what flows in a tunnel is not looked into: http_status"},
    {"req_mime_type", "req_header Content-Type"},
    {"server_cert_fingerprint", "tunnels are not looked into: dstdomain, dst"},
    {"snmp_community", "there is no SNMP: leave it out"},
    {"squid_error", "http_status"},
    {"src_as", "routes are not asked for: src with the blocks of that network"},
    {"srcdom_regex", "nothing is looked up backwards: src"},
    {"srcdomain", "nothing is looked up backwards: src"},
    {"ssl::server_name", "tunnels are not looked into: dstdomain"},
    {"ssl::server_name_regex", "tunnels are not looked into: dstdom_regex"},
    {"ssl_error", "tunnels are not looked into: leave it out"},
    {"tag", "helpers give no tags to rules: external"},
    {"transaction_initiator", "every request is a client's: all"},
    {"urlgroup", "url_regex"},
    {"urllogin", "the target of a CONNECT has no login: proxy_auth"},
    {"user_cert", "the client's certificate names its user: proxy_auth"},
});

[[nodiscard]] inline std::string advice_for(std::string_view type)
{
    for (auto const& foreign : foreign_types)
        if (foreign.name == type) return std::string{foreign.advice};
    nearest_name nearest{type};
    for (auto const& known : acl_types)
        nearest.offer(known.name);
    return std::string{nearest.found()};
}

[[nodiscard]] inline bool is_acl_name(std::string_view name) noexcept
{
    return !name.empty() && name.front() != '!';
}

/// An ACL of this type without values; null if there is no such type.
[[nodiscard]] inline made make_of_type(std::string const& name, std::string_view type)
{
    // Squid up to 3.1 wanted `proto` for it, and newer ones bear with that.
    if (name == "manager" && (type == "url_regex" || type == "proto"))
        return make<manager_acl>(name, "url_regex");
    for (auto const& known : acl_types)
        if (known.name == type) return known.make(name, type);
    return nullptr;
}

} // namespace detail::acls

VIADUCT_DECL acl_set::acl_set()
{
    acl_problem none; // these lines are right, as the tests say
    for (auto const& words : std::initializer_list<std::vector<std::string>>{
             {"all", "src", "all"},
             {"localhost", "src", "127.0.0.1/32", "::1/128"},
             {"to_localhost", "dst", "127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"},
             {"to_linklocal", "dst", "169.254.0.0/16", "fe80::/10"},
             {"manager", "url_regex", "-i", "^cache_object://"},
             {"CONNECT", "method", "CONNECT"}})
        static_cast<void>(add(words, none));
}

VIADUCT_DECL bool acl_set::add(std::vector<std::string> const& words, acl_problem& problem, no_values if_none)
{
    using namespace detail::acls;
    word_reader reader{words, {*this, helpers_}, problem};
    if (reader.done()) return reader.miss("the name of the ACL is missing", "acl NAME TYPE values");
    auto const& name = reader.take();
    if (!is_acl_name(name))
        return reader.refuse(in_quotes(name) + " is no name of an ACL", "a name begins with no !");
    if (reader.done())
        return reader.miss("the type of " + in_quotes(name) + " is missing", "acl NAME TYPE values");
    auto const& type = reader.take();
    auto const fresh = make_of_type(name, type);
    if (!fresh) return reader.refuse("there is no ACL type " + in_quotes(type), advice_for(type));
    auto const old = all_.find(name);
    if (old != all_.end() && old->second->type() != fresh->type())
        return reader.refuse(in_quotes(name) + " is of type " + old->second->type() + " already",
                             "use another name");
    if (reader.done() && if_none == no_values::refused)
        return reader.miss("the values of " + in_quotes(name) + " are missing");
    if (!fresh->read(reader)) return false;
    if (old == all_.end()) return all_.emplace(name, fresh).second;
    auto* const there = dynamic_cast<configured_acl*>(old->second.get());
    if (there == nullptr) return reader.refuse(in_quotes(name) + " is the program's own");
    if (!there->take(*fresh, reader)) return false;
    there->changed();
    return true;
}

VIADUCT_DECL bool acl_set::add(std::shared_ptr<acl> one)
{
    if (!one || !detail::acls::is_acl_name(one->name())) return false;
    auto const& name = one->name();
    return all_.emplace(name, std::move(one)).second;
}

VIADUCT_DECL void acl_set::declare_helper(std::string name, bool asks_user)
{
    helpers_.insert_or_assign(std::move(name), asks_user);
}

VIADUCT_DECL std::shared_ptr<acl const> acl_set::find(std::string_view name) const
{
    auto const found = all_.find(name);
    return found == all_.end() ? nullptr : found->second;
}

VIADUCT_DECL external_use const* acl_set::find_external(std::string_view name) const
{
    auto const* const found = dynamic_cast<detail::acls::external_acl const*>(find(name).get());
    return found == nullptr ? nullptr : &found->use();
}

VIADUCT_DECL acl_term acl_set::read_term(std::string_view text, acl_problem& problem) const
{
    bool const negated = text.starts_with('!');
    if (negated) text.remove_prefix(1);
    acl_term term{find(text), negated};
    if (term.what) return term;
    detail::nearest_name nearest{text};
    for (auto const& [name, any] : all_)
        nearest.offer(name);
    problem = {0, "there is no ACL " + detail::acls::in_quotes(text), std::string{nearest.found()}};
    return term;
}

} // namespace viaduct

#endif

// Whether a host is reached without the proxy has a reason: an entry that is in the text, that makes sense,
// and that would be reason enough by itself. Further entries only add hosts.

#include "octets.hpp"
#include "target.hpp"
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/http/authority.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace fuzz::no_proxy_target {
namespace {

using viaduct::no_proxy_dialect;
using viaduct::no_proxy_rules;

/// Go knows these without any entry.
[[nodiscard]] bool is_builtin(std::string_view reason, no_proxy_dialect dialect)
{
    return dialect == no_proxy_dialect::go && (reason == "localhost" || reason == "loopback");
}

void check_reason(std::string_view text, no_proxy_rules const& rules, viaduct::authority const& where,
                  std::string_view reason, no_proxy_dialect dialect)
{
    must(text.find(reason) != text.npos, "the reason is in the text", reason);
    no_proxy_rules const alone{reason, dialect};
    must(alone.explain(where.host(), where.port()) == reason, "it is reason enough", reason);
    auto const invalid = rules.invalid_entries();
    must(std::find(invalid.begin(), invalid.end(), reason) == invalid.end(), "it makes sense", reason);
}

void check_host(std::string_view text, viaduct::authority const& where, no_proxy_dialect dialect)
{
    no_proxy_rules const rules{text, dialect};
    auto const reason = rules.explain(where.host(), where.port());
    must(rules.matches(where.host(), where.port()) == reason.has_value(), "what matches has a reason", text);
    if (where.kind() == viaduct::host_kind::ipv6)
        must(rules.matches('[' + where.host() + ']', where.port()) == reason.has_value(),
             "brackets mean nothing", text);
    if (reason && !is_builtin(*reason, dialect)) check_reason(text, rules, where, *reason, dialect);

    auto const more = std::string{text}.append(",a.example,10.0.0.0/8");
    if (reason)
        must(no_proxy_rules{more, dialect}.explain(where.host(), where.port()) == reason,
             "the first reason counts", text);
    must(no_proxy_rules{std::string{text} + ",*", dialect}.matches(where.host(), where.port()),
         "all means all", text);
}

/// The first line is a host and a port, the rest the rules; those are also asked for what they name
/// themselves.
void check(std::string_view input)
{
    auto const first = take_until(input, '\n');
    for (auto const dialect : {no_proxy_dialect::curl, no_proxy_dialect::go})
        for (auto const host :
             {first, std::string_view{"broker.a.example:8883"}, std::string_view{"[::1]:443"},
              std::string_view{"10.1.2.3:80"}, std::string_view{"localhost:8080"}}) {
            viaduct::error_code ec;
            auto const where = viaduct::parse_authority(host, ec);
            if (!ec) check_host(input, where, dialect);
        }
}

target const self{"no_proxy", check};

} // namespace
} // namespace fuzz::no_proxy_target

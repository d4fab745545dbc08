// What is read of Proxy-Status can be told to the next one: written, it is a field's value, and is read as
// the same again; or none of it is read.

#include "target.hpp"
#include <viaduct/http/proxy_status.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz::proxy_status_target {
namespace {

using viaduct::proxy_status;

/// What a structured field can hold of it.
void make_printable(std::string& text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
}

[[nodiscard]] std::string to_text(std::vector<proxy_status> const& members)
{
    std::string text;
    for (auto const& member : members)
        text.append(text.empty() ? "" : ", ").append(to_string(member));
    return text;
}

void check(std::string_view input)
{
    auto members = viaduct::parse_proxy_status(input);
    auto const text = to_text(members);
    must(viaduct::is_field_value(text), "members can be sent", text);
    for (auto& member : members) {
        must(member.received_status == 0 || (member.received_status >= 100 && member.received_status <= 999),
             "a status has three digits", text);
        for (auto* const part :
             {&member.proxy, &member.error, &member.details, &member.next_hop, &member.rcode})
            make_printable(*part);
    }
    must(viaduct::parse_proxy_status(text) == members, "what was read is read again", text);
    auto const more = text + (text.empty() ? "" : ", ") + "viaduct; error=dns_error; rcode=\"NXDOMAIN\"";
    must(viaduct::parse_proxy_status(more).size() == members.size() + 1, "a member can be added", more);
}

target const self{"proxy_status", check};

} // namespace
} // namespace fuzz::proxy_status_target

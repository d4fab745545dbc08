// A target that is accepted has one text, which is read back as the same one, and no resolver reads its name
// as an address: so what the address guard judges is what would be dialled.

#include "target.hpp"
#include <viaduct/http/authority.hpp>
#include <viaduct/server/address_guard.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <string>
#include <string_view>

namespace fuzz::authority_target {
namespace {

using namespace viaduct;

/// Whether the system would take the text for an address, in whatever spelling, without a look-up.
[[nodiscard]] bool is_address_for_system(std::string const& host)
{
    in_addr ignored{};
    if (::inet_aton(host.c_str(), &ignored) != 0) return true;
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
    ::freeaddrinfo(found);
    return true;
}

void check_guard(authority const& where)
{
    address_guard const guard;
    auto const& host = where.host();
    error_code ec;
    auto const address = net::ip::make_address(host, ec);
    must(where.is_address() == !ec, "an address is one for the guard, and a name is none", host);
    must(where.is_address() == is_address_for_system(host), "and likewise for the system", host);
    if (ec) return;
    must(address.is_v6() == (where.kind() == host_kind::ipv6), "the kind is the address's", host);
    must(guard.allows_name(host) == guard.allows(address), "its text is judged as the address", host);
    must(guard.allows(address) == (classify(address) == address_class::global), "by its class", host);
}

void check(std::string_view input)
{
    error_code ec;
    auto const where = parse_authority(input, ec);
    if (ec) return must(where.host().empty(), "what is refused is empty", input);
    auto const text = where.text();
    must(parse_authority(text, ec) == where && !ec, "its text is read back", text);
    must(authority{where.host(), where.port()} == where, "as its parts are", text);
    must(text.size() <= 262 &&
             text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.:[]") == text.npos,
         "its text can stand anywhere", text);
    check_guard(where);
}

target const self{"authority", check};

} // namespace
} // namespace fuzz::authority_target

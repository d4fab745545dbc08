#ifndef VIADUCT_IMPL_NET_ADDRESS_ORDER_IPP
#define VIADUCT_IMPL_NET_ADDRESS_ORDER_IPP

#include <viaduct/net/address_order.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL std::vector<net::ip::tcp::endpoint>
interleave_families(std::vector<net::ip::tcp::endpoint> endpoints)
{
    auto const same = [&](auto const& e) { return e.protocol() == endpoints.front().protocol(); };
    if (std::all_of(endpoints.begin(), endpoints.end(), same)) return endpoints;
    std::vector<net::ip::tcp::endpoint> turns;
    turns.reserve(endpoints.size());
    auto const end = endpoints.end();
    auto ours = endpoints.begin();
    auto theirs = std::find_if_not(ours, end, same);
    while (turns.size() < endpoints.size()) {
        if (ours != end) {
            turns.push_back(*ours);
            ours = std::find_if(ours + 1, end, same);
        }
        if (theirs != end) {
            turns.push_back(*theirs);
            theirs = std::find_if_not(theirs + 1, end, same);
        }
    }
    return turns;
}

} // namespace viaduct

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_OUTGOING_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_OUTGOING_OPTIONS_HPP

#include "proxy_options.hpp"
#include "settings.hpp"
#include <viaduct/policy/acl_set.hpp>

#include <vector>

namespace viaduct_proxy {

class directive_match;

/// What connections leave with: Squid's `tcp_outgoing_address` and its sisters, which have no flags.
class outgoing_options
{
public:
    void take(directive_match& line);

    /// @param acls Those that a line may name.
    void apply(proxy_options& to, viaduct::acl_set const& acls) const;

private:
    std::vector<typed> addresses_;
    std::vector<typed> tos_;
    std::vector<typed> marks_;
};

} // namespace viaduct_proxy

#endif

#include "clock_options.hpp"

#include "words.hpp"

namespace viaduct_proxy {

void clock_options::declare(CLI::App& app)
{
    flag_group flags{app, "Clocks"};
    flags.seconds("--head-timeout", head_, "How long a client may take for its request");
    flags.seconds("--resolve-timeout", resolve_, "How long the look-up of a name may take");
    flags.seconds("--connect-timeout", connect_, "How long one address is tried; 0: as long as all may take");
    flags.seconds("--connect-total-timeout", connect_total_, "How long all addresses together; 0: no limit");
    flags.seconds("--idle-timeout", idle_, "A tunnel in which nothing moves for so long ends; 0: never");
    flags.seconds("--half-close-timeout", half_close_, "The same once one side has ended; 0: never");
    flags.seconds("--lifetime", lifetime_, "How long a tunnel may be open at all; 0: no limit");
    flags.seconds("--shutdown-lifetime", shutdown_, "How long open tunnels may go on after SIGTERM");
}

void clock_options::apply(proxy_options& to) const
{
    auto& way = to.service.way;
    to.service.accept.request.head_timeout = to_duration("--head-timeout", head_, 0.001);
    way.resolve_timeout = to_duration("--resolve-timeout", resolve_, 0.001);
    way.clocks.attempt = to_duration("--connect-timeout", connect_, 0);
    way.clocks.total = to_duration("--connect-total-timeout", connect_total_, 0);
    way.relay.idle_timeout = to_duration("--idle-timeout", idle_, 0, a_year);
    way.relay.half_close_timeout = to_duration("--half-close-timeout", half_close_, 0, a_year);
    way.relay.lifetime = to_duration("--lifetime", lifetime_, 0, a_year);
    to.shutdown_lifetime = to_duration("--shutdown-lifetime", shutdown_, 0);
}

} // namespace viaduct_proxy

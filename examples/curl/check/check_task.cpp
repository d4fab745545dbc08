#include "check/check_task.hpp"

#include "check/check_proxy.hpp"
#include "path/dial_settings.hpp"
#include "path/route.hpp"
#include <viaduct/http/authority.hpp>

#include <utility>

namespace viaduct_curl {

int run_check(command_line const& command)
{
    auto const& wanted = command.operations.back();
    check::check_settings settings{.proxy = read_proxy(wanted, command.checked)};
    if (command.check_target) settings.target = viaduct::parse_authority(*command.check_target);
    settings.slow_limit = command.check_time;
    settings.json = wanted.answer.json;
    if (settings.proxy.scheme == viaduct::proxy_scheme::https) settings.tls = make_tls(wanted);
    return check::check_proxy(settings);
}

} // namespace viaduct_curl

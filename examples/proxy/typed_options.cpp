#include "typed_options.hpp"

#include "directive_match.hpp"
#include "mistake.hpp"

#include <algorithm>

namespace viaduct_proxy {

void typed_options::declare(CLI::App& app)
{
    listeners_.declare(app);
    rules_.declare(app);
    auth_.declare(app);
    limits_.declare(app);
    names_.declare(app);
    clocks_.declare(app);
    parents_.declare(app);
    logs_.declare(app);
    program_.declare(app);
}

void typed_options::assume_squid()
{
    rules_.assume_squid();
    auth_.assume_squid();
    limits_.assume_squid();
    names_.assume_squid();
    clocks_.assume_squid();
    logs_.assume_squid();
    program_.assume_squid();
}

bool typed_options::take(directive_match& line)
{
    listeners_.take(line);
    rules_.take(line);
    auth_.take(line);
    limits_.take(line);
    names_.take(line);
    clocks_.take(line);
    outgoing_.take(line);
    delays_.take(line);
    parents_.take(line);
    logs_.take(line);
    program_.take(line);
    return line.found();
}

proxy_options typed_options::check()
{
    proxy_options options;
    mistake_list found;
    found.attempt([&] { program_.apply(options); });
    found.attempt([&] { clocks_.apply(options); });
    found.attempt([&] { auth_.apply(options); });
    found.attempt([&] { rules_.apply(options, auth_.any()); });
    found.refuse_if_any(); // what is left asks the rules
    options.rules = rules_.rules();
    found.attempt([&] { listeners_.apply(options, rules_.rules()); });
    auto const& ports = options.service.listen;
    bool const has_tls = std::any_of(ports.begin(), ports.end(), [](auto const& each) { return each.tls; });
    found.attempt([&] { rules_.check_users(auth_.any() || has_tls); });
    auto const& acls = rules_.rules()->acls;
    found.attempt([&] { outgoing_.apply(options, acls); });
    found.attempt([&] { delays_.apply(options, acls); });
    found.attempt([&] { parents_.apply(options, rules_.rules()); });
    found.attempt([&] { limits_.apply(options); });
    found.attempt([&] { names_.apply(options); });
    found.attempt([&] { logs_.apply(options, acls); });
    rules_.rules()->index_rules(); // no line adds to them any more
    found.refuse_if_any();
    return options;
}

} // namespace viaduct_proxy

#ifndef VIADUCT_EXAMPLES_PROXY_TYPED_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_TYPED_OPTIONS_HPP

#include "auth_options.hpp"
#include "clock_options.hpp"
#include "delay_pool_options.hpp"
#include "limit_options.hpp"
#include "listener_options.hpp"
#include "log_options.hpp"
#include "name_options.hpp"
#include "outgoing_options.hpp"
#include "parent_options.hpp"
#include "program_options.hpp"
#include "rule_options.hpp"

namespace viaduct_proxy {

/// Everything that the operator may choose, room by room: filled by flags, by a squid.conf, or by both.
class typed_options
{
public:
    /// Declares the flags of all rooms.
    void declare(CLI::App& app);

    /// Takes the defaults of a squid.conf in place of those of a program without any configuration.
    void assume_squid();

    /// Takes one line of a squid.conf.
    /** @return Whether there is anything that it is about. @throws mistake */
    [[nodiscard]] bool take(directive_match& line);

    /// Listens there, too.
    void add_port(typed const& port) { listeners_.add(port); }

    /// Makes of it what the proxy runs by.
    /** @throws mistake */
    [[nodiscard]] proxy_options check();

private:
    listener_options listeners_;
    rule_options rules_;
    auth_options auth_;
    limit_flags limits_;
    name_options names_;
    outgoing_options outgoing_;
    delay_pool_options delays_;
    parent_options parents_;
    clock_options clocks_;
    log_options logs_;
    program_options program_;
};

} // namespace viaduct_proxy

#endif

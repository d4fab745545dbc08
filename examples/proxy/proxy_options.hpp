#ifndef VIADUCT_EXAMPLES_PROXY_PROXY_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_PROXY_OPTIONS_HPP

#include "helper_programs.hpp"
#include "log_plan.hpp"
#include "process/pid_file.hpp"
#include "process/privileges.hpp"
#include <viaduct/server/service_options.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// What the command line of viaduct-proxy says.
struct proxy_options
{
    std::shared_ptr<helper_programs> helpers = std::make_shared<helper_programs>(); ///< Outlives the others.
    viaduct::service_options service{};
    std::shared_ptr<viaduct::policy const> rules{}; ///< Those of the service, or such as come to the same.

    viaduct::connect_clocks parent_clocks{};
    bool has_via = true; ///< Whether requests to parents say that they came through us.
    log_plan logs{};
    pid_filename pid{};
    std::optional<wished_identity> user{}; ///< Nothing: it stays whoever has started it.
    bool listens_by_default = false;       ///< Nobody said where.
    std::size_t descriptors = 0;           ///< How many may be open; 0: as many as the system gives.
    std::optional<unsigned> umask{};
    std::size_t workers = 1;
    viaduct::port_sharing sharing = viaduct::default_port_sharing;
    std::chrono::milliseconds shutdown_lifetime = std::chrono::seconds{3};

    /// How long the ports stay open at the end once it is no longer ready, so that load balancers see that.
    std::chrono::milliseconds drain_delay = std::chrono::milliseconds::zero();

    /// Client, target and perhaps the user of a request that is only explained; empty to serve.
    std::vector<std::string> explain{};
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_INIT_PROCESS_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_INIT_PROCESS_HPP

#include <optional>

namespace viaduct_proxy {

/// What the first process of a container owes it: does nothing unless this is process 1.
/**
 * Process 1 forks: the child is the program, and the parent passes signals on to it, reaps whoever lost his
 * parent, and ends as the child ended. None is lost in between: from before the fork on the parent takes
 * signals one after the other, as they come.
 *
 * To be called before there are threads.
 *
 * @return Nothing for whoever is to be the program; for process 1, once the program has ended, the exit
 * status (128 and the signal, if it died of one).
 * @throws std::runtime_error if it cannot fork.
 */
[[nodiscard]] std::optional<int> serve_as_init();

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_CURL_CHECK_RUN_HPP
#define VIADUCT_CURL_CHECK_RUN_HPP

#include "fill.hpp"
#include "observation.hpp"
#include "probe.hpp"

#include <chrono>
#include <map>
#include <string_view>

namespace viaduct_curl::check {

/// What was seen of each vector that has a connection of its own, by its id.
using observations = std::map<std::string_view, observation>;

/// Tries all vectors, a few at a time, and returns when the last one has ended.
/** @param has_target Whether `where` names a target that was given for it.
 * @param slow_limit For slow heads; others have a limit of their own, and all together have one. */
[[nodiscard]] observations run_all(viaduct::net::io_context& context, proxy_place const& proxy,
                                   place const& where, bool has_target, std::chrono::milliseconds slow_limit);

} // namespace viaduct_curl::check

#endif

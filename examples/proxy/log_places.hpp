#ifndef VIADUCT_EXAMPLES_PROXY_LOG_PLACES_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_PLACES_HPP

#include "log_line.hpp"
#include <viaduct/log/line_sink.hpp>

#include <functional>
#include <string>

namespace viaduct_proxy {

struct log_plan;

/// What is wrong with a place that can be seen without opening it.
/** @throws mistake */
void check_place(log_line const& line);

/// Opens the place of an access log.
/**
 * @param on_trouble Told of whatever goes wrong later on.
 * @throws mistake if it cannot be opened. A receiver that is not there yet is no mistake: it is tried again.
 */
[[nodiscard]] viaduct::line_sink_ptr open_place(log_line const& line, log_plan const& plan,
                                                viaduct::log_trouble_handler const& on_trouble);

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_LOG_NULL_LINE_SINK_HPP
#define VIADUCT_LOG_NULL_LINE_SINK_HPP

#include <viaduct/log/line_sink.hpp>

#include <string_view>

namespace viaduct {

/// Takes lines and keeps none: Squid's `none`.
/** Shared objects: safe. */
class null_line_sink final : public line_sink
{
public:
    void write_line(std::string_view) noexcept override {}
    void write_lines(std::string_view) noexcept override {}
};

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_LOG_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_LINE_SINK_IPP

#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/line_sink.hpp>

namespace viaduct {

VIADUCT_DECL void line_sink::write_lines(std::string_view lines) noexcept
{
    detail::for_each_line(lines, [this](std::string_view line) { write_line(line); });
}

} // namespace viaduct

#endif

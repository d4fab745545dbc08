#ifndef VIADUCT_IMPL_LOG_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_LINE_SINK_IPP

#include <viaduct/log/line_sink.hpp>

#include <algorithm>
#include <cstddef>

namespace viaduct {

VIADUCT_DECL void line_sink::write_lines(std::string_view lines) noexcept
{
    while (!lines.empty()) {
        auto const size = std::min(lines.find('\n'), lines.size() - 1) + 1;
        write_line(lines.substr(0, size));
        lines.remove_prefix(size);
    }
}

} // namespace viaduct

#endif

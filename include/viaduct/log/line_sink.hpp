#ifndef VIADUCT_LOG_LINE_SINK_HPP
#define VIADUCT_LOG_LINE_SINK_HPP

#include <string_view>

namespace viaduct {

/// Puts lines somewhere; which format they have is not its business.
/** Shared objects: unsafe; `formatted_log` calls it under a lock. */
class line_sink
{
public:
    virtual ~line_sink() = default;

    /// Takes one line, with its line feed.
    virtual void write_line(std::string_view line) noexcept = 0;

    virtual void flush() noexcept {}
    virtual void reopen() noexcept {}

protected:
    line_sink() = default;
    line_sink(line_sink const&) = default;
    line_sink& operator=(line_sink const&) = default;
};

} // namespace viaduct

#endif

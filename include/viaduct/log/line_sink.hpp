#ifndef VIADUCT_LOG_LINE_SINK_HPP
#define VIADUCT_LOG_LINE_SINK_HPP

#include <viaduct/detail/config.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace viaduct {

/// Puts lines somewhere; which format they have is not its business.
/**
 * Shared objects: unsafe, unless a sink says otherwise; `formatted_log` calls it under a lock, `async_sink`
 * on its own thread. A sink may take its time: whoever cannot wait puts an `async_sink` in front.
 */
class line_sink
{
public:
    virtual ~line_sink() = default;

    /// Takes one line, with its line feed.
    virtual void write_line(std::string_view line) noexcept = 0;

    /// Takes several lines at once, each with its line feed; one after the other, unless a sink knows better.
    VIADUCT_DECL virtual void write_lines(std::string_view lines) noexcept;

    /// Puts everything that was written where it belongs, as far as that is possible now.
    virtual void flush() noexcept {}

    /// Opens anew what is open: a file that somebody has moved away, a connection.
    virtual void reopen() noexcept {}

    /// Begins a new file and keeps as many old ones as it was told to; where none are kept, `reopen`.
    virtual void rotate() noexcept { reopen(); }

    /// Whether several threads may call it at the same time.
    [[nodiscard]] virtual bool is_shared() const noexcept { return false; }

    /// How many lines could not be put anywhere. From any thread.
    [[nodiscard]] virtual std::uint64_t lost() const noexcept { return 0; }

protected:
    line_sink() = default;
    line_sink(line_sink const&) = default;
    line_sink& operator=(line_sink const&) = default;
};

using line_sink_ptr = std::shared_ptr<line_sink>;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/line_sink.ipp>
#endif

#endif

#ifndef VIADUCT_LOG_STREAM_LINE_SINK_HPP
#define VIADUCT_LOG_STREAM_LINE_SINK_HPP

#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct {

/// Writes lines to a stream, such as `std::cout`, each at once.
/**
 * A line that the stream does not take is lost and counted. Its state is cleared then, whether its exceptions
 * are switched on or not, and the next line is tried.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class stream_line_sink final : public line_sink
{
public:
    /// @param out Must outlive the sink.
    /// @param where How it is called in notices.
    /// @param failure Who is told of lines that are lost. A stream does not say why: the error is always EIO.
    explicit stream_line_sink(std::ostream& out, std::string where = "stream",
                              log_failure_options failure = {})
        : out_{out},
          health_{std::move(where), std::move(failure)}
    {}

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;

    /// Nothing: it is done with every line.
    void flush() noexcept override {}

    [[nodiscard]] std::uint64_t lost() const noexcept override { return health_.lost(); }

private:
    std::ostream& out_;
    sink_health health_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/stream_line_sink.ipp>
#endif

#endif

#ifndef VIADUCT_LOG_STREAM_LINE_SINK_HPP
#define VIADUCT_LOG_STREAM_LINE_SINK_HPP

#include <viaduct/log/line_sink.hpp>

#include <ostream>

namespace viaduct {

/// Writes lines to a stream, such as `std::cout`, each at once.
class stream_line_sink final : public line_sink
{
public:
    /// @param out Must outlive the sink. Its exceptions are not expected to be switched on; they would be
    /// swallowed.
    explicit stream_line_sink(std::ostream& out) noexcept : out_{out} {}

    void write_line(std::string_view line) noexcept override
    {
        try {
            out_.write(line.data(), static_cast<std::streamsize>(line.size())).flush();
        } catch (std::ios_base::failure const&) {
            out_.clear(); // the stream's owner looks after it; the log goes on
        }
    }

    void flush() noexcept override
    {
        try {
            out_.flush();
        } catch (std::ios_base::failure const&) {
            out_.clear();
        }
    }

private:
    std::ostream& out_;
};

} // namespace viaduct

#endif

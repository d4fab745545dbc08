#ifndef VIADUCT_IMPL_LOG_STREAM_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_STREAM_LINE_SINK_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/stream_line_sink.hpp>

#include <cerrno>
#include <exception>

namespace viaduct {

VIADUCT_DECL void stream_line_sink::write_line(std::string_view line) noexcept
{
    bool done = false;
    try {
        done = out_.write(line.data(), static_cast<std::streamsize>(line.size())).flush().good();
    } catch (std::exception const&) { // its owner has switched them on
    }
    if (done) return health_.on_written();
    try {
        out_.clear();
    } catch (std::exception const&) { // it has nowhere to write to
    }
    health_.on_lost(error_code{EIO, net::error::get_system_category()});
}

} // namespace viaduct

#endif

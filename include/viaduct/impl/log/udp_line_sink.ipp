#ifndef VIADUCT_IMPL_LOG_UDP_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_UDP_LINE_SINK_IPP

#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/udp_line_sink.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

namespace viaduct {
namespace detail {

inline constexpr std::size_t max_collected = 1400;  // fits an Ethernet frame with any headers
inline constexpr std::size_t max_datagram = 65'507; // of UDP over IPv4

[[nodiscard]] inline packet_outlet::settings outlet_options_of(udp_line_options options)
{
    return {{sink_target::kind::udp, std::move(options.host), options.port},
            options.timeout,
            options.retry_pause,
            std::move(options.failure)};
}

} // namespace detail

VIADUCT_DECL udp_line_sink::udp_line_sink(udp_line_options options)
    : packets_{detail::outlet_options_of(options),
               detail::sink_target{detail::sink_target::kind::udp, options.host, options.port}.text()},
      datagram_size_{std::min(options.datagram_size, detail::max_collected)}
{}

VIADUCT_DECL void udp_line_sink::write_line(std::string_view line) noexcept
{
    try {
        line_.clear();
        detail::append_one_line(line_, line, detail::max_datagram);
        if (datagram_.size() + line_.size() > datagram_size_) flush();
        datagram_ += line_;
        ++lines_;
    } catch (std::exception const&) {
        return packets_.lose(detail::system_code_of(ENOMEM));
    }
    if (datagram_.size() >= datagram_size_) flush();
}

VIADUCT_DECL void udp_line_sink::flush() noexcept
{
    if (datagram_.empty()) return;
    packets_.send(datagram_, lines_);
    datagram_.clear();
    lines_ = 0;
}

VIADUCT_DECL void udp_line_sink::reopen() noexcept
{
    flush();
    packets_.reopen();
}

} // namespace viaduct

#endif

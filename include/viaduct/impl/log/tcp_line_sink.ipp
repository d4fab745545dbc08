#ifndef VIADUCT_IMPL_LOG_TCP_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_TCP_LINE_SINK_IPP

#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/tcp_line_sink.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace viaduct {
namespace detail {

[[nodiscard]] inline sink_target target_of(tcp_line_options const& options)
{
    return {sink_target::kind::tcp, options.host, options.port};
}

} // namespace detail

VIADUCT_DECL tcp_line_sink::tcp_line_sink(tcp_line_options options)
    : max_line_{std::max<std::size_t>(options.buffer_size, 1)},
      send_at_{options.send_at},
      opener_{detail::target_of(options)},
      outlet_{detail::stream_outlet::settings{options.timeout, options.reconnect_pause, max_line_,
                                              options.failure},
              detail::target_of(options).text(), opener_}
{
    (void)outlet_.open();
}

VIADUCT_DECL tcp_line_sink::~tcp_line_sink()
{
    outlet_.finish();
}

VIADUCT_DECL void tcp_line_sink::keep(std::string_view line) noexcept
{
    try {
        line_.clear();
        detail::append_one_line(line_, line, max_line_);
    } catch (std::exception const&) {
        return outlet_.lose(detail::system_code_of(ENOMEM));
    }
    outlet_.put(line_);
}

VIADUCT_DECL void tcp_line_sink::write_line(std::string_view line) noexcept
{
    keep(line);
    if (outlet_.kept() >= send_at_) outlet_.send();
}

VIADUCT_DECL void tcp_line_sink::write_lines(std::string_view lines) noexcept
{
    detail::for_each_line(lines, [this](std::string_view line) { keep(line); });
    if (outlet_.kept() >= send_at_) outlet_.send();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_LOG_SYSLOG_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_SYSLOG_LINE_SINK_IPP

#include <viaduct/detail/machine_name.hpp>
#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/syslog_line_sink.hpp>

#include <cerrno>
#include <exception>
#include <unistd.h>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline syslog_header make_syslog_header(syslog_options const& options)
{
    auto const procid = options.procid.empty() ? std::to_string(::getpid()) : options.procid;
    auto const priority = options.priority.value();
    if (options.transport == syslog_transport::local)
        return syslog_header::rfc3164(priority, options.app_name, procid);
    auto const hostname = options.hostname.empty() ? machine_name() : options.hostname;
    return syslog_header::rfc5424(priority, hostname, options.app_name, procid);
}

[[nodiscard]] inline sink_target target_of(syslog_options const& options)
{
    if (options.transport == syslog_transport::local) return {sink_target::kind::local, options.path};
    auto const how =
        options.transport == syslog_transport::udp ? sink_target::kind::udp : sink_target::kind::tcp;
    return {how, options.host, options.port};
}

[[nodiscard]] inline std::size_t max_message_of(syslog_options const& options)
{
    if (options.max_message != 0) return options.max_message;
    return options.transport == syslog_transport::udp ? 2048 : 8192;
}

} // namespace detail

VIADUCT_DECL syslog_line_sink::syslog_line_sink(syslog_options options)
    : header_{detail::make_syslog_header(options)},
      max_message_{detail::max_message_of(options)},
      counted_{options.framing == syslog_framing::octet_counting},
      opener_{detail::target_of(options)}
{
    auto target = detail::target_of(options);
    auto where = "syslog " + target.text();
    if (options.transport == syslog_transport::tcp) {
        stream_ = std::make_unique<detail::stream_outlet>(
            detail::stream_outlet::settings{options.timeout, options.reconnect_pause, options.buffer_size,
                                            std::move(options.failure)},
            std::move(where), opener_);
        (void)stream_->open();
    } else
        packets_ = std::make_unique<detail::packet_outlet>(
            detail::packet_outlet::settings{std::move(target), options.timeout, options.reconnect_pause,
                                            std::move(options.failure)},
            std::move(where));
}

VIADUCT_DECL syslog_line_sink::~syslog_line_sink()
{
    if (stream_) stream_->finish();
}

VIADUCT_DECL void syslog_line_sink::make_message(std::string_view line)
{
    message_.clear();
    header_.append(message_, std::chrono::system_clock::now());
    auto const room = max_message_ > message_.size() ? max_message_ - message_.size() : 0;
    detail::append_message_text(message_, detail::without_line_feed(line), room, false);
    if (!stream_) return;
    framed_.clear();
    if (counted_) framed_.append(std::to_string(message_.size())) += ' ';
    framed_ += message_;
    if (!counted_) framed_ += '\n';
}

VIADUCT_DECL void syslog_line_sink::keep(std::string_view line) noexcept
{
    try {
        make_message(line);
    } catch (std::exception const&) {
        auto const no_memory = detail::system_code_of(ENOMEM);
        return stream_ ? stream_->lose(no_memory) : packets_->lose(no_memory);
    }
    if (stream_)
        stream_->put(framed_);
    else
        packets_->send(message_, 1);
}

VIADUCT_DECL void syslog_line_sink::write_line(std::string_view line) noexcept
{
    keep(line);
    flush();
}

VIADUCT_DECL void syslog_line_sink::write_lines(std::string_view lines) noexcept
{
    detail::for_each_line(lines, [this](std::string_view line) { keep(line); });
    flush();
}

VIADUCT_DECL void syslog_line_sink::flush() noexcept
{
    if (stream_) stream_->send();
}

VIADUCT_DECL void syslog_line_sink::reopen() noexcept
{
    if (stream_)
        stream_->reopen();
    else
        packets_->reopen();
}

VIADUCT_DECL std::uint64_t syslog_line_sink::lost() const noexcept
{
    return stream_ ? stream_->lost() : packets_->lost();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_LOG_FORMATTED_LOG_IPP
#define VIADUCT_IMPL_LOG_FORMATTED_LOG_IPP

#include <viaduct/log/formatted_log.hpp>

#include <exception>

namespace viaduct {
namespace detail {

/// One a thread, kept, so that a line costs no allocation.
[[nodiscard]] inline std::string& line_of_this_thread()
{
    thread_local std::string line;
    line.clear();
    return line;
}

} // namespace detail

VIADUCT_DECL std::unique_lock<std::mutex> formatted_log::lock()
{
    return lines_->is_shared() ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex_};
}

VIADUCT_DECL void formatted_log::write(tunnel_record const& record) noexcept
{
    try {
        auto& line = detail::line_of_this_thread();
        format_->append(record, line);
        auto const held = lock();
        lines_->write_line(line);
    } catch (std::exception const&) { // only memory can be short
        lost_.fetch_add(1, std::memory_order_relaxed);
    }
}

VIADUCT_DECL void formatted_log::flush() noexcept
{
    auto const held = lock();
    lines_->flush();
}

VIADUCT_DECL void formatted_log::reopen() noexcept
{
    auto const held = lock();
    lines_->reopen();
}

VIADUCT_DECL void formatted_log::rotate() noexcept
{
    auto const held = lock();
    lines_->rotate();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_LOG_FORMATTED_LOG_IPP
#define VIADUCT_IMPL_LOG_FORMATTED_LOG_IPP

#include <viaduct/log/formatted_log.hpp>

#include <exception>

namespace viaduct {

VIADUCT_DECL void formatted_log::write(tunnel_record const& record) noexcept
{
    std::lock_guard const lock{mutex_};
    try {
        line_.clear();
        format_(record, line_);
        lines_.write_line(line_);
    } catch (std::exception const&) { // only memory can be short
        ++lost_;
    }
}

VIADUCT_DECL void formatted_log::flush() noexcept
{
    std::lock_guard const lock{mutex_};
    lines_.flush();
}

VIADUCT_DECL void formatted_log::reopen() noexcept
{
    std::lock_guard const lock{mutex_};
    lines_.reopen();
}

VIADUCT_DECL std::size_t formatted_log::lost() const
{
    std::lock_guard const lock{mutex_};
    return lost_;
}

} // namespace viaduct

#endif

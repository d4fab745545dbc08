#ifndef VIADUCT_IMPL_LOG_SINK_HEALTH_IPP
#define VIADUCT_IMPL_LOG_SINK_HEALTH_IPP

#include <viaduct/log/sink_health.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace viaduct {

VIADUCT_DECL std::string log_trouble::text() const
{
    auto const count = fmt::format("{} line{} lost", lost, lost == 1 ? "" : "s");
    if (!error) return fmt::format("log {}: written again, {}", where, count);
    auto const then =
        fatal ? "the operator wants the program to end then" : "lines that cannot be written are dropped";
    return fmt::format("log {}: {}; {}", where, error.message(), then);
}

VIADUCT_DECL void sink_health::on_lost(error_code why, std::uint64_t lines) noexcept
{
    bool const began = !std::exchange(ails_, true);
    if (began) lost_before_ = lost();
    lost_.fetch_add(lines, std::memory_order_relaxed);
    if (began) tell(why);
}

VIADUCT_DECL void sink_health::on_written() noexcept
{
    if (std::exchange(ails_, false)) tell({});
}

VIADUCT_DECL void sink_health::tell(error_code why) noexcept
{
    if (!options_.on_trouble) return;
    try {
        bool const fatal = why && options_.on_error == on_log_error::die;
        options_.on_trouble({where_, why, lost() - lost_before_, fatal});
    } catch (std::exception const&) { // no memory for a notice: the counter has it
    }
}

} // namespace viaduct

#endif

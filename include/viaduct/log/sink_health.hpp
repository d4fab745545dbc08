#ifndef VIADUCT_LOG_SINK_HEALTH_HPP
#define VIADUCT_LOG_SINK_HEALTH_HPP

#include <viaduct/error.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace viaduct {

/// What becomes of the program when a log cannot be written: Squid's `on-error`.
enum class on_log_error : unsigned char
{
    drop, ///< Lines are dropped and counted until it can be written again.
    die   ///< The program is told to end; until it has, lines are dropped and counted.
};

/// What a program is told of a log's troubles: once when they begin, and once when they are over.
struct log_trouble
{
    std::string where{};    ///< The file, or the address, as the operator wrote it.
    error_code error{};     ///< What is wrong; none when it is over.
    std::uint64_t lost = 0; ///< Lines lost since the trouble began.
    bool fatal = false;     ///< The operator wants the program to end.

    /// All of it in one line, for the operator.
    [[nodiscard]] VIADUCT_DECL std::string text() const;
};

/// Called by a sink, on whichever thread writes to it; must not throw, nor call that sink.
using log_trouble_handler = std::function<void(log_trouble const&)>;

/// What sinks that can fail are told.
struct log_failure_options
{
    on_log_error on_error = on_log_error::drop;
    log_trouble_handler on_trouble{}; ///< May be empty: then nobody hears of it but the counter.
};

/// A sink's account of what it could not write: a rule that says when to tell of it.
/** Shared objects: unsafe, but for `lost`. */
class sink_health
{
public:
    /// @param where How the sink is called in notices.
    sink_health(std::string where, log_failure_options options)
        : where_{std::move(where)},
          options_{std::move(options)}
    {}

    /// So many lines could not be written; tells so if the one before could.
    VIADUCT_DECL void on_lost(error_code why, std::uint64_t lines = 1) noexcept;

    /// Something is wrong, though nothing is lost by it yet; tells so if nothing was wrong before.
    void on_failed(error_code why) noexcept { on_lost(why, 0); }

    /// Something was written; tells so if the one before was not.
    VIADUCT_DECL void on_written() noexcept;

    /// Whether the last attempt failed.
    [[nodiscard]] bool ails() const noexcept { return ails_; }

    /// Lines that were lost, since the beginning. From any thread.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

    [[nodiscard]] std::string const& where() const noexcept { return where_; }

private:
    void tell(error_code why) noexcept;

    std::string where_;
    log_failure_options options_;
    std::atomic<std::uint64_t> lost_ = 0;
    std::uint64_t lost_before_ = 0; // when the trouble began
    bool ails_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/sink_health.ipp>
#endif

#endif

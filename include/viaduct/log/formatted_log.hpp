#ifndef VIADUCT_LOG_FORMATTED_LOG_HPP
#define VIADUCT_LOG_FORMATTED_LOG_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/log_sink.hpp>
#include <viaduct/log/record_format.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace viaduct {

/// A log made of a format and a place: the two are chosen separately.
/**
 * Records are formatted on the thread that brings them, without a lock, and put into the place under one,
 * unless the place takes lines from several threads. So a place that takes its time (a disk, a network) holds
 * up every tunnel, but behind an `async_sink`.
 *
 * Shared objects: safe.
 */
class formatted_log final : public log_sink
{
public:
    /// @param format For instance `squid_native()`; shared.
    /// @param lines Shared; nobody else should write to it, unless it is made for that.
    formatted_log(record_format_ptr format, line_sink_ptr lines) noexcept
        : format_{std::move(format)},
          lines_{std::move(lines)}
    {}

    VIADUCT_DECL void write(tunnel_record const& record) noexcept override;
    VIADUCT_DECL void flush() noexcept override;
    VIADUCT_DECL void reopen() noexcept override;
    VIADUCT_DECL void rotate() noexcept override;
    [[nodiscard]] record_wishes wishes() const noexcept override { return format_->wishes(); }

    /// How many records were lost: for want of memory, or because their lines could not be put anywhere.
    [[nodiscard]] std::uint64_t lost() const noexcept
    {
        return lost_.load(std::memory_order_relaxed) + lines_->lost();
    }

private:
    [[nodiscard]] VIADUCT_DECL std::unique_lock<std::mutex> lock();

    record_format_ptr format_;
    line_sink_ptr lines_;
    std::mutex mutex_; // of a place that is not made for several threads
    std::atomic<std::uint64_t> lost_ = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/formatted_log.ipp>
#endif

#endif

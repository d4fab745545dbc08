#ifndef VIADUCT_LOG_CALLBACK_LINE_SINK_HPP
#define VIADUCT_LOG_CALLBACK_LINE_SINK_HPP

#include <viaduct/log/line_sink.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace viaduct {

/// Hands lines to a function: the way into a program's own log.
/** Shared objects: safe, if the function may be called from several threads at once. */
class callback_line_sink final : public line_sink
{
public:
    using callback = std::function<void(std::string_view line)>;

    /// @param put Gets each line with its line feed, on the thread that writes it; not empty. A line at which
    /// it throws counts as lost.
    explicit callback_line_sink(callback put) noexcept : put_{std::move(put)} {}

    void write_line(std::string_view line) noexcept override
    {
        try {
            put_(line);
        } catch (...) {
            lost_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    [[nodiscard]] std::uint64_t lost() const noexcept override
    {
        return lost_.load(std::memory_order_relaxed);
    }

private:
    callback put_;
    std::atomic<std::uint64_t> lost_ = 0;
};

} // namespace viaduct

#endif

#ifndef VIADUCT_LOG_RING_LINE_SINK_HPP
#define VIADUCT_LOG_RING_LINE_SINK_HPP

#include <viaduct/log/line_sink.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Keeps the last lines in memory, for a status page or a test.
/**
 * It allocates nothing once each place has had a line as long. Shared objects: safe.
 */
class ring_line_sink final : public line_sink
{
public:
    /// @param count How many lines are kept.
    explicit ring_line_sink(std::size_t count) : places_(count) {}

    void write_line(std::string_view line) noexcept override
    {
        if (places_.empty()) return;
        try {
            std::lock_guard const lock{mutex_};
            places_[written_ % places_.size()] = line;
            ++written_;
        } catch (std::exception const&) { // no memory: the lines before stay
            lost_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    /// A copy of what is kept, the oldest line first, each with its line feed.
    [[nodiscard]] std::vector<std::string> lines() const
    {
        std::lock_guard const lock{mutex_};
        std::vector<std::string> all;
        auto const size = places_.size();
        for (auto i = written_ < size ? 0 : written_ - size; i < written_; ++i)
            all.push_back(places_[i % size]);
        return all;
    }

    /// Lines that there was no memory for; those that made way for newer ones do not count.
    [[nodiscard]] std::uint64_t lost() const noexcept override
    {
        return lost_.load(std::memory_order_relaxed);
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> places_;
    std::uint64_t written_ = 0;
    std::atomic<std::uint64_t> lost_ = 0;
};

} // namespace viaduct

#endif

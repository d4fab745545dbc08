#ifndef VIADUCT_TESTING_RECORDING_SINK_HPP
#define VIADUCT_TESTING_RECORDING_SINK_HPP

#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/log_sink.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace viaduct::testing {

/// A log that keeps its records for a test to look at.
/** Shared objects: safe. */
class recording_sink final : public log_sink
{
public:
    void write(tunnel_record const& record) noexcept override
    {
        std::lock_guard const lock{mutex_};
        records_.push_back(record);
    }

    /// A copy of the records so far.
    [[nodiscard]] std::vector<tunnel_record> records() const
    {
        std::lock_guard const lock{mutex_};
        return records_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<tunnel_record> records_;
};

/// A line sink that keeps its lines.
/** Shared objects: safe. */
class recording_lines final : public line_sink
{
public:
    void write_line(std::string_view line) noexcept override
    {
        std::lock_guard const lock{mutex_};
        lines_.emplace_back(line);
    }

    /// A copy of the lines so far, each with its line feed.
    [[nodiscard]] std::vector<std::string> lines() const
    {
        std::lock_guard const lock{mutex_};
        return lines_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

} // namespace viaduct::testing

#endif

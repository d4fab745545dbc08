#ifndef VIADUCT_EXAMPLES_PROXY_OUTPUT_LINE_SINK_HPP
#define VIADUCT_EXAMPLES_PROXY_OUTPUT_LINE_SINK_HPP

#include "say.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace viaduct_proxy {

/// Lines on standard output. A reader that sleeps loses lines after a while, and holds up nobody: not even
/// the end of the program, as a stream would.
class output_line_sink final : public viaduct::line_sink
{
public:
    explicit output_line_sink(viaduct::log_failure_options failure)
        : health_{"standard output", std::move(failure)}
    {}

    void write_line(std::string_view line) noexcept override { write_lines(line); }

    void write_lines(std::string_view lines) noexcept override
    {
        if (cut_ && !write("\n")) return lose(lines);
        cut_ = false;
        while (!lines.empty()) {
            auto const piece = lines.substr(0, piece_of(lines));
            auto const done = write(piece);
            if (done == 0) return lose(lines);
            cut_ = lines[done - 1] != '\n';
            lines.remove_prefix(done);
        }
        health_.on_written();
    }

    [[nodiscard]] std::uint64_t lost() const noexcept override { return health_.lost(); }

private:
    /// As many whole lines as a pipe takes at once, or as much of one.
    [[nodiscard]] static std::size_t piece_of(std::string_view lines) noexcept
    {
        if (lines.size() <= always_taken) return lines.size();
        auto const feed = lines.rfind('\n', always_taken - 1);
        return feed == lines.npos ? always_taken : feed + 1;
    }

    /// @return How many octets were taken: none if something is wrong.
    [[nodiscard]] std::size_t write(std::string_view piece) noexcept
    {
        errno = EAGAIN;
        if (!has_room(STDOUT_FILENO, health_.ails() ? 0 : patience)) return 0;
        auto const taken = ::write(STDOUT_FILENO, piece.data(), piece.size());
        return taken > 0 ? static_cast<std::size_t>(taken) : 0;
    }

    void lose(std::string_view lines) noexcept
    {
        viaduct::error_code const why{errno, viaduct::net::error::get_system_category()};
        health_.on_lost(why, static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n')));
    }

    static constexpr int patience = 1000; // milliseconds

    viaduct::sink_health health_;
    bool cut_ = false; // the last line has no end
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_LOG_JOURNALD_LINE_SINK_HPP
#define VIADUCT_LOG_JOURNALD_LINE_SINK_HPP

#include <viaduct/detail/packet_outlet.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/sink_health.hpp>
#include <viaduct/log/syslog_priority.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// Of a `journald_line_sink`.
struct journald_options
{
    std::string path = "/run/systemd/journal/socket";
    syslog_priority priority{};         ///< `PRIORITY` and `SYSLOG_FACILITY`.
    std::string identifier = "viaduct"; ///< `SYSLOG_IDENTIFIER`.

    /// Fields that every entry has beside these, such as `VIADUCT_LISTENER`. A name has capital letters,
    /// digits and underscores, begins with a letter, and is no longer than 64 octets; a value may be
    /// anything.
    std::vector<std::pair<std::string, std::string>> fields{};

    std::chrono::milliseconds timeout{500}; ///< How long one call may take.
    log_failure_options failure{};
};

/// Gives each line to systemd's journal, as one entry, in its native protocol.
/**
 * The line, without its line feed, is the `MESSAGE`; it may hold anything, and is cut off at 64 KiB, at a
 * whole character. The journal knows by itself which process and unit it comes from.
 *
 * What the journal does not take in time is lost and counted; a journal that was restarted is found again
 * with the next line. It blocks, for at most the timeout: meant to stand behind an `async_sink`.
 *
 * Shared objects: unsafe, but for `lost`.
 */
class journald_line_sink final : public line_sink
{
public:
    /// Connects; if that fails, `on_trouble` is told, and it is tried again.
    /** @throws format_problem for a name that is none for a field. */
    VIADUCT_DECL explicit journald_line_sink(journald_options options);

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;
    void reopen() noexcept override { packets_.reopen(); }
    [[nodiscard]] std::uint64_t lost() const noexcept override { return packets_.lost(); }

private:
    std::string constant_; // the fields that all entries have
    std::string entry_;
    detail::packet_outlet packets_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/journald_line_sink.ipp>
#endif

#endif

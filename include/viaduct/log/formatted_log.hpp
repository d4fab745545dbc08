#ifndef VIADUCT_LOG_FORMATTED_LOG_HPP
#define VIADUCT_LOG_FORMATTED_LOG_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/log_sink.hpp>

#include <cstddef>
#include <mutex>
#include <string>

namespace viaduct {

/// Turns a record into a line: appends it, with its line feed, to `line`.
using line_format = void (*)(tunnel_record const& record, std::string& line);

/// A log made of a format and a place: the two are chosen separately.
/** Shared objects: safe. */
class formatted_log final : public log_sink
{
public:
    /// @param format For instance `format_squid_native`.
    /// @param lines Must outlive the log.
    formatted_log(line_format format, line_sink& lines) noexcept : format_{format}, lines_{lines} {}

    VIADUCT_DECL void write(tunnel_record const& record) noexcept override;
    VIADUCT_DECL void flush() noexcept override;
    VIADUCT_DECL void reopen() noexcept override;

    /// How many records were lost because no memory was left for their line.
    [[nodiscard]] VIADUCT_DECL std::size_t lost() const;

private:
    line_format format_;
    line_sink& lines_;
    mutable std::mutex mutex_; // of everything below, and of lines_
    std::string line_;         // kept, so that a line costs no allocation
    std::size_t lost_ = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/formatted_log.ipp>
#endif

#endif

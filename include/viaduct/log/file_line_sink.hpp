#ifndef VIADUCT_LOG_FILE_LINE_SINK_HPP
#define VIADUCT_LOG_FILE_LINE_SINK_HPP

#include <viaduct/error.hpp>
#include <viaduct/log/line_sink.hpp>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace viaduct {

/// Appends lines to a file, each in one write, so that several processes may share it and `tail -f` sees it
/// at once.
/**
 * The file is made if it is not there, readable by its owner and group only: it tells who went where. A line
 * that cannot be written (a full disk) is dropped and counted; the next one is tried again.
 */
class file_line_sink final : public line_sink
{
public:
    /// Opens `path`.
    /** @throws system_error with the system's error if it cannot be opened. */
    VIADUCT_DECL explicit file_line_sink(std::string path);

    VIADUCT_DECL void write_line(std::string_view line) noexcept override;

    /// Opens the path anew; if that fails, goes on with the file that is open.
    VIADUCT_DECL void reopen() noexcept override;

    /// How many lines could not be written.
    [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

private:
    struct closer
    {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    using handle = std::unique_ptr<std::FILE, closer>;

    [[nodiscard]] static handle open(std::string const& path) noexcept;

    std::string path_;
    handle file_;
    std::size_t dropped_ = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/file_line_sink.ipp>
#endif

#endif

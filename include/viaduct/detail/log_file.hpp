#ifndef VIADUCT_DETAIL_LOG_FILE_HPP
#define VIADUCT_DETAIL_LOG_FILE_HPP

#include <viaduct/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace viaduct::detail {

/// A file that is open for appending, or a pipe, or a device; by its descriptor, without a buffer.
class log_file
{
public:
    log_file() = default;
    log_file(log_file&& other) noexcept
        : descriptor_{std::exchange(other.descriptor_, -1)},
          is_regular_{other.is_regular_}
    {}
    log_file& operator=(log_file&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        std::swap(is_regular_, other.is_regular_);
        return *this;
    }
    VIADUCT_DECL ~log_file();

    /// Opens a path, and makes the file if it is not there. Never waits: a FIFO without a reader is ENXIO.
    /** In a directory that everybody may write to, EPERM if what the path names may be somebody's trap. */
    [[nodiscard]] VIADUCT_DECL static log_file open(std::string const& path, error_code& ec) noexcept;

    /// Appends a text, in one write if the system takes it whole.
    /**
     * @param patience How long a pipe or a terminal may let it wait.
     * @return How many octets got in; all of them, or `ec` tells why not.
     */
    VIADUCT_DECL std::size_t write(std::string_view text, std::chrono::milliseconds patience,
                                   error_code& ec) noexcept;

    [[nodiscard]] bool is_regular() const noexcept { return is_regular_; }

    /// How large it is now, whoever has written to it.
    [[nodiscard]] VIADUCT_DECL std::uint64_t size() const noexcept;

    /// Whether it ends within a line. Read by its path, as it is open for writing only.
    [[nodiscard]] VIADUCT_DECL bool has_open_line(std::string const& path) const noexcept;

    /// Whether a path names this very file, a regular one, and no link that leads to it.
    [[nodiscard]] VIADUCT_DECL bool is_at(std::string const& path) const noexcept;

    /// Makes room for a new file (`shift_log_files`) if `path` names this one.
    /**
     * Of several that have the file open, in whatever process, one does it, by a lock on the file: the others
     * wait for that, a second at most (EWOULDBLOCK), and find that it is done. Where there are no locks, as
     * on some network file systems, each does it as if it were alone.
     *
     * @throws std::bad_alloc for want of names.
     */
    [[nodiscard]] VIADUCT_DECL error_code step_aside(std::string const& path, unsigned keep) const;

private:
    class turn;

    int descriptor_ = -1;
    bool is_regular_ = false;
};

/// Whether what a directory holds may be opened by a process of `user`.
/**
 * Where everybody may make files and links, what somebody else has made leads lines where that one wants
 * them, or lets others read them. So it must be the process's own, root's, or the directory's owner's: what
 * Linux can see to by itself (`fs.protected_symlinks`, `fs.protected_regular`), if it is told to.
 */
[[nodiscard]] VIADUCT_DECL bool is_trustworthy(struct ::stat const& entry, struct ::stat const& directory,
                                               std::uint32_t user) noexcept;

/// Makes room for a new file: renames `path` to `path.0`, that one to `path.1`, and so on, as Squid does.
/**
 * The oldest one is overwritten once there are `keep`. Nothing behind a gap is touched.
 *
 * @throws std::bad_alloc for want of names.
 */
[[nodiscard]] VIADUCT_DECL error_code shift_log_files(std::string const& path, unsigned keep);

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/log_file.ipp>
#endif

#endif

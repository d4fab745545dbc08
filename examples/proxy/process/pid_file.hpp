#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_PID_FILE_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_PID_FILE_HPP

#include "descriptor.hpp"

#include <string>
#include <sys/types.h>

namespace viaduct_proxy {

/// Where the process number goes, as Squid's `pid_filename`.
struct pid_filename
{
    std::string path = "/run/squid.pid"; ///< `none`: there is no such file.
    bool by_default = true;              ///< Nobody wrote the path: to do without the file is no mistake.
};

/// The file that says which process runs, locked for as long as it does.
/**
 * The lock is what counts, not the number: it ends with its process, however that ends. So what is left in a
 * file after a crash keeps nobody from starting, and leads no signal to a stranger that has the number by
 * now.
 */
class pid_file
{
public:
    /// None.
    pid_file() = default;

    /// Writes the file. Must come after every fork, as the lock stays with this process.
    /** @throws std::runtime_error if another process holds the file, with its number; if it cannot be
     * written; and if it holds what is no process number, for then it is some other file. */
    explicit pid_file(std::string path);

    pid_file(pid_file&&) = default;
    pid_file& operator=(pid_file&& other) noexcept;

    /// Removes the file, or empties it where the directory allows no more.
    ~pid_file() { remove(); }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    void remove() noexcept;

    std::string path_;
    descriptor file_;
};

/// The same for a setting: what is in the way of the default file is only told.
[[nodiscard]] pid_file write_pid_file(pid_filename const& setting);

/// What a pid file says to others.
class pid_file_reader
{
public:
    /** @throws std::runtime_error if the file is not there, or nobody holds it: then nobody runs. */
    explicit pid_file_reader(std::string const& path);

    /// The process that holds the file.
    [[nodiscard]] pid_t holder() const noexcept { return holder_; }

    /// Returns when the holder has ended.
    void wait_for_end() const;

private:
    descriptor file_;
    pid_t holder_ = 0;
};

} // namespace viaduct_proxy

#endif

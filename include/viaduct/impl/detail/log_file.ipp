#ifndef VIADUCT_IMPL_DETAIL_LOG_FILE_IPP
#define VIADUCT_IMPL_DETAIL_LOG_FILE_IPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/later.hpp>
#include <viaduct/detail/log_file.hpp>
#include <viaduct/detail/sigpipe_guard.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace viaduct::detail {

[[nodiscard]] inline error_code last_system_error() noexcept
{
    return {errno, net::error::get_system_category()};
}

/// Waits until a pipe takes octets again; false if it does not within its time.
[[nodiscard]] inline bool wait_until_writable(int descriptor, std::chrono::steady_clock::time_point until)
{
    using std::chrono::milliseconds;
    for (;;) {
        auto const left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0) return false;
        auto const most = decltype(left){std::numeric_limits<int>::max()};
        pollfd wanted{descriptor, POLLOUT, 0};
        int const found = ::poll(&wanted, 1, static_cast<int>(std::min(left, most)));
        if (found > 0) return true; // or it has failed, which the next write tells
        if (found < 0 && errno != EINTR) return false;
    }
}

/// One write; a pipe that nobody reads any more must not raise SIGPIPE in a program that expects none.
[[nodiscard]] inline ssize_t write_once(int descriptor, std::string_view text, bool is_regular) noexcept
{
#if defined(__linux__)
    std::optional<sigpipe_guard> guard;
    if (!is_regular) guard.emplace();
#else
    (void)is_regular;
#endif
    return ::write(descriptor, text.data(), text.size());
}

VIADUCT_DECL log_file::~log_file()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

VIADUCT_DECL bool is_trustworthy(struct ::stat const& entry, struct ::stat const& directory,
                                 std::uint32_t user) noexcept
{
    bool const is_everybodys = (directory.st_mode & S_IWOTH) != 0;
    return !is_everybodys || entry.st_uid == user || entry.st_uid == 0 || entry.st_uid == directory.st_uid;
}

/// The directory that a path leads into; one that cannot be looked at is nobody's.
[[nodiscard]] inline struct ::stat directory_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    auto const name = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    struct stat status
    {};
    if (::stat(name.c_str(), &status) != 0) status.st_mode = 0;
    return status;
}

/// Whether what a path names may be opened; if it names nothing, it may be made.
[[nodiscard]] inline bool may_open(std::string const& path, struct ::stat const& directory) noexcept
{
    struct stat entry
    {};
    return ::lstat(path.c_str(), &entry) != 0 || is_trustworthy(entry, directory, ::geteuid());
}

[[nodiscard]] inline int open_to_append(std::string const& path) noexcept
{
    int const flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int descriptor = -1;
    do
        descriptor = ::open(path.c_str(), flags, 0640);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/// Whether what was opened is what the path still names, or what a link leads to that may be followed.
[[nodiscard]] inline bool was_no_trap(int descriptor, std::string const& path,
                                      struct ::stat const& directory) noexcept
{
    struct stat entry
    {};
    struct stat mine
    {};
    if ((directory.st_mode & S_IWOTH) == 0) return true;
    if (::lstat(path.c_str(), &entry) != 0 || ::fstat(descriptor, &mine) != 0) return false;
    bool const is_same = entry.st_dev == mine.st_dev && entry.st_ino == mine.st_ino;
    return is_trustworthy(entry, directory, ::geteuid()) && (is_same || S_ISLNK(entry.st_mode));
}

/// It stays non-blocking: a regular file does not care, and a pipe can then be waited for with a limit. Where
/// strangers may make files it is looked at again once it is open, and once more if it is another one by
/// then: somebody else may just have rotated.
VIADUCT_DECL log_file log_file::open(std::string const& path, error_code& ec) noexcept
try {
    auto const directory = directory_of(path);
    ec = error_code{EPERM, net::error::get_system_category()};
    for (int attempts = 3; attempts != 0 && may_open(path, directory); --attempts) {
        log_file file;
        file.descriptor_ = open_to_append(path);
        if (file.descriptor_ < 0) {
            ec = last_system_error();
            return file;
        }
        if (!was_no_trap(file.descriptor_, path, directory)) continue;
        struct stat status
        {};
        ec = {};
        file.is_regular_ = ::fstat(file.descriptor_, &status) == 0 && S_ISREG(status.st_mode);
        return file;
    }
    return {};
} catch (std::exception const&) { // no memory for a name
    ec = net::error::no_memory;
    return {};
}

VIADUCT_DECL std::size_t log_file::write(std::string_view text, std::chrono::milliseconds patience,
                                         error_code& ec) noexcept
{
    std::size_t done = 0;
    std::optional<std::chrono::steady_clock::time_point> until; // from the first wait on
    while (done < text.size()) {
        auto const n = write_once(descriptor_, text.substr(done), is_regular_);
        if (n > 0) {
            done += static_cast<std::size_t>(n);
            continue;
        }
        if (n == 0) errno = EIO; // no system does that; it must not become a loop
        if (errno == EINTR) continue;
        ec = last_system_error();
        if (errno != EAGAIN) return done;
        if (!until) until = later(std::chrono::steady_clock::now(), patience);
        if (!wait_until_writable(descriptor_, *until)) return done;
    }
    ec = {};
    return done;
}

VIADUCT_DECL std::uint64_t log_file::size() const noexcept
{
    struct stat status
    {};
    if (!is_regular_ || ::fstat(descriptor_, &status) != 0) return 0;
    return static_cast<std::uint64_t>(status.st_size);
}

VIADUCT_DECL bool log_file::has_open_line(std::string const& path) const noexcept
{
    auto const end = size();
    if (end == 0) return false;
    int const reader = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (reader < 0) return false; // one may be allowed to write only
    char last = '\n';
    bool const is_read = ::pread(reader, &last, 1, static_cast<off_t>(end - 1)) == 1;
    ::close(reader);
    return is_read && last != '\n';
}

VIADUCT_DECL bool log_file::is_at(std::string const& path) const noexcept
{
    struct stat mine
    {};
    struct stat there
    {};
    if (!is_regular_ || ::fstat(descriptor_, &mine) != 0) return false;
    if (::lstat(path.c_str(), &there) != 0) return false;
    return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

/// A lock on the file, among all that have it open and ask; given back by hand, as children that have not
/// begun their program yet would keep it.
class log_file::turn
{
public:
    explicit turn(int descriptor) noexcept : descriptor_{descriptor}
    {
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
        while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) return; // there are no locks here
            if (std::chrono::steady_clock::now() >= until) {
                why_not_ = {EWOULDBLOCK, net::error::get_system_category()};
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        has_it_ = true;
    }
    turn(turn const&) = delete;
    turn& operator=(turn const&) = delete;
    ~turn()
    {
        if (has_it_) ::flock(descriptor_, LOCK_UN);
    }

    /// Somebody else has it, and does not give it back.
    [[nodiscard]] error_code why_not() const noexcept { return why_not_; }

private:
    int descriptor_;
    bool has_it_ = false;
    error_code why_not_{};
};

VIADUCT_DECL error_code log_file::step_aside(std::string const& path, unsigned keep) const
{
    turn const mine{descriptor_};
    if (mine.why_not()) return mine.why_not();
    return is_at(path) ? shift_log_files(path, keep) : error_code{};
}

VIADUCT_DECL error_code shift_log_files(std::string const& path, unsigned keep)
{
    auto const name = [&path](unsigned number) { return path + '.' + std::to_string(number); };
    struct stat status
    {};
    unsigned last = 0; // the name that the oldest one of them gets
    while (last < keep - 1 && ::lstat(name(last).c_str(), &status) == 0)
        ++last;
    for (; last > 0; --last)
        if (std::rename(name(last - 1).c_str(), name(last).c_str()) != 0) return last_system_error();
    return std::rename(path.c_str(), name(0).c_str()) == 0 ? error_code{} : last_system_error();
}

} // namespace viaduct::detail

#endif

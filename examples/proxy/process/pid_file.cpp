#include "pid_file.hpp"

#include "../say.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace viaduct_proxy {
namespace {

[[noreturn]] void fail(std::string const& path, std::string const& why)
{
    throw std::runtime_error(fmt::format("pid file {}: {}", printable(path), why));
}

[[nodiscard]] struct flock whole_file(short type)
{
    struct flock lock
    {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// Who has a lock on the file that keeps this kind of lock out: any other, or only who runs with the file.
/// Zero is a process that this one cannot see.
[[nodiscard]] std::optional<pid_t> lock_holder(int file, short kept_out = F_RDLCK)
{
    auto lock = whole_file(kept_out);
    if (::fcntl(file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
    return lock.l_pid;
}

/// What a pid file holds: a number, zero if it is empty, nothing if it is some other file.
[[nodiscard]] std::optional<pid_t> written_number(int file)
{
    std::array<char, 32> text{};
    auto const size = ::pread(file, text.data(), text.size(), 0);
    std::string_view words{text.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    while (!words.empty() && (words.back() == '\n' || words.back() == ' '))
        words.remove_suffix(1);
    if (words.empty() && size >= 0) return 0;
    pid_t number = 0;
    auto const [end, ec] = std::from_chars(words.data(), words.data() + words.size(), number);
    if (ec != std::errc{} || end != words.data() + words.size() || number < 0) return std::nullopt;
    return number;
}

/// Whether that process is a Squid, which holds no lock on its file for as long as it runs.
[[nodiscard]] bool is_squid(pid_t number)
{
    std::ifstream file{fmt::format("/proc/{}/comm", number)};
    std::string name;
    return std::getline(file, name) && (name == "squid" || name == "(squid-1)");
}

[[nodiscard]] std::string named(pid_t holder)
{
    return holder > 0 ? fmt::format("process {}", holder) : "a process outside of this container";
}

/// Whether the path still leads to this file: somebody may have removed it, and another taken its place.
[[nodiscard]] bool is_at(std::string const& path, int file)
{
    struct stat here
    {
    }, there{};
    return ::fstat(file, &here) == 0 && ::lstat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
}

/// Opens the file and locks it, or says who has done so.
[[nodiscard]] descriptor open_locked(std::string const& path)
{
    for (int tries_left = 200;; --tries_left) {
        descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644)};
        if (!file) fail(path, fmt::format("it cannot be written: {}", std::strerror(errno)));
        auto lock = whole_file(F_WRLCK);
        if (::fcntl(file.get(), F_SETLK, &lock) == 0) {
            if (is_at(path, file.get())) return file;
        } else if (auto const holder = lock_holder(file.get())) {
            fail(path, fmt::format("{} runs with it: end that one first (-k shutdown), or give this one a "
                                   "pid_filename of its own",
                                   named(*holder)));
        } else if (auto const reader = lock_holder(file.get(), F_WRLCK); reader && tries_left > 0) {
            ::usleep(10'000); // who waited for the end of the one before (--wait) lets go at once
        } else if (reader || tries_left <= 0) {
            fail(path, fmt::format("{} keeps it locked: end that one, or give this one a pid_filename of its "
                                   "own, in a directory that others cannot read",
                                   named(reader.value_or(0))));
        } else if (errno != EAGAIN && errno != EACCES) {
            fail(path, fmt::format("it cannot be locked: {}", std::strerror(errno)));
        }
    }
}

void refuse_foreign(std::string const& path, int file)
{
    auto const number = written_number(file);
    if (!number)
        fail(path, "it holds no process number, so it is another program's file, and stays as it is");
    if (*number > 0 && is_squid(*number))
        fail(path, fmt::format("process {} is a Squid that runs with it: end it first (squid -k shutdown)",
                               *number));
}

} // namespace

pid_file::pid_file(std::string path) : path_{std::move(path)}
{
    auto file = open_locked(path_);
    refuse_foreign(path_, file.get());
    auto const text = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file.get(), 0) != 0 ||
        ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        fail(path_, fmt::format("it cannot be written: {}", std::strerror(errno)));
    file_ = std::move(file);
}

pid_file& pid_file::operator=(pid_file&& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    return *this;
}

void pid_file::remove() noexcept
{
    if (!file_ || !is_at(path_, file_.get())) return;
    // Who has given up root's rights may not remove from root's directory. Empty, it names nobody any more.
    if (::unlink(path_.c_str()) != 0) std::ignore = ::ftruncate(file_.get(), 0);
}

pid_file write_pid_file(pid_filename const& setting)
{
    if (setting.path.empty() || setting.path == "none") return {};
    try {
        return pid_file{setting.path};
    } catch (std::runtime_error const& e) {
        if (!setting.by_default) throw;
        tell(fmt::format("{}; it goes on without a pid file, and -k cannot reach it", e.what()));
        return {};
    }
}

pid_file_reader::pid_file_reader(std::string const& path)
    : file_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)}
{
    if (!file_ && errno == ENOENT)
        fail(path, "it is not there: nobody runs with this configuration, or pid_filename was another "
                   "when it started");
    if (!file_) fail(path, fmt::format("it cannot be read: {}", std::strerror(errno)));
    auto const holder = lock_holder(file_.get());
    auto const number = written_number(file_.get());
    if (!number) fail(path, "it holds no process number: is pid_filename another program's file?");
    if (!holder && *number == 0) fail(path, "it is empty: who wrote it has ended");
    if (!holder)
        fail(path,
             fmt::format("it is left from process {}, which no longer runs viaduct-proxy: no signal was "
                         "sent. The next start takes the file over",
                         *number));
    if (*holder <= 0) fail(path, fmt::format("{} holds it: send the signal from there", named(*holder)));
    holder_ = *holder;
}

void pid_file_reader::wait_for_end() const
{
    auto lock = whole_file(F_RDLCK);
    while (::fcntl(file_.get(), F_SETLKW, &lock) != 0 && errno == EINTR) {
    }
}

} // namespace viaduct_proxy

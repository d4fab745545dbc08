#include "config_source.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <glob.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace viaduct_proxy {

namespace {

class descriptor
{
public:
    explicit descriptor(int fd) noexcept : fd_{fd} {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

[[nodiscard]] config_source::content failed(std::string trouble)
{
    return {{}, std::move(trouble)};
}

[[nodiscard]] config_source::content failed()
{
    return failed(std::strerror(errno));
}

/// A pipe is none: a configuration is read again at every reload.
[[nodiscard]] std::string unfit(int fd)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0) return std::strerror(errno);
    if (S_ISDIR(info.st_mode)) return "it is a directory";
    if (!S_ISREG(info.st_mode)) return "it is not a regular file";
    return {};
}

[[nodiscard]] config_source::content read_all(int fd)
{
    config_source::content all;
    char some[65536];
    for (;;) {
        auto const n = ::read(fd, some, sizeof some);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed();
        if (n == 0) return all;
        all.text.append(some, static_cast<std::size_t>(n));
        if (all.text.size() > config_bounds::file_octets) return failed("it is longer than 64 MiB");
    }
}

class disk_files final : public config_source
{
public:
    std::vector<std::string> matching(std::string const& pattern) const override
    {
        ::glob_t found = {};
        std::vector<std::string> paths;
        if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
            paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
        ::globfree(&found);
        return paths;
    }

    content read(std::string const& path) const override
    {
        descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
        if (file.get() < 0) return failed();
        if (auto trouble = unfit(file.get()); !trouble.empty()) return failed(std::move(trouble));
        return read_all(file.get());
    }
};

} // namespace

config_source const& disk_source()
{
    static disk_files const disk;
    return disk;
}

} // namespace viaduct_proxy

#include "transfer/output.hpp"

#include "transfer/interruption.hpp"
#include "transfer/output_name.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace viaduct_curl {
namespace {

constexpr int most_names = 100; // NAME.1 and so on

[[nodiscard]] std::int64_t size_of(std::string const& file)
{
    struct stat found
    {};
    return ::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) ? found.st_size : 0;
}

[[nodiscard]] bool is_regular(int descriptor)
{
    struct stat found
    {};
    return ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
}

[[nodiscard]] int flags_for(existing_file existing)
{
    int const common = O_WRONLY | O_CREAT | O_CLOEXEC;
    switch (existing) {
    case existing_file::replaced: return common | O_TRUNC;
    case existing_file::continued: return common | O_APPEND;
    default: return common | O_EXCL;
    }
}

} // namespace

output::output(output_options options)
    : options_{std::move(options)},
      descriptor_{is_file() ? -1 : STDOUT_FILENO},
      terminal_{!is_file() && ::isatty(STDOUT_FILENO) == 1},
      initial_{is_file() && options_.existing == existing_file::continued ? size_of(options_.name) : 0}
{}

output::~output()
{
    finish(std::nullopt);
}

bool output::touch() noexcept
try {
    return !failed_ && (is_open() || open());
} catch (std::exception const& e) {
    return fail(e.what());
}

bool output::open()
{
    int const no_directory = options_.create_directories ? make_directories(options_.name) : 0;
    if (no_directory != 0) return fail("Failed to create a directory for", no_directory);
    descriptor_ = ::open(options_.name.c_str(), flags_for(options_.existing), 0666);
    bool const taken = !is_open() && errno == EEXIST && options_.existing == existing_file::kept;
    if (!is_open() && !(taken && open_another())) return fail("Failed to open the file", errno);
    if (is_regular(descriptor_)) {
        interruption::begin(options_.name, options_.remove_on_error);
        interruption::hold(initial_);
    }
    return true;
}

bool output::open_another()
{
    for (int number = 1; number <= most_names; ++number) {
        auto const name = fmt::format("{}.{}", options_.name, number);
        descriptor_ = ::open(name.c_str(), flags_for(options_.existing), 0666);
        if (!is_open() && errno == EEXIST) continue;
        if (is_open()) options_.name = name;
        return is_open();
    }
    return false;
}

bool output::rename(std::string const& name, bool replaces) noexcept
try {
    if (is_open() || !is_file()) return true;
    options_.name.replace(options_.name.rfind('/') + 1, std::string::npos, name);
    if (options_.existing == existing_file::replaced && !replaces)
        options_.existing = existing_file::in_the_way;
    return touch();
} catch (std::exception const& e) {
    return fail(e.what());
}

bool output::write(std::string_view octets) noexcept
{
    if (!touch()) return false;
    bool const is_refused =
        terminal_ && !options_.binary_to_terminal && octets.find('\0') != std::string_view::npos;
    if (is_refused)
        return fail("Binary output can mess up your terminal. Use \"--output -\" to send it there anyway, or "
                    "\"--output <FILE>\" to save it to a file.");
    return write_all(octets);
}

bool output::write_all(std::string_view octets) noexcept
{
    while (!octets.empty()) {
        auto const n = ::write(descriptor_, octets.data(), octets.size());
        if (n >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(n));
            written_ += n;
            if (is_file()) interruption::hold(initial_ + written_);
        } else if (errno == EAGAIN) { // somebody else made the standard output non-blocking
            pollfd ready{descriptor_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return fail("Failed to write to", errno);
        }
    }
    return true;
}

std::int64_t output::rewind() noexcept
{
    failed_ = false;
    error_.clear();
    if (!is_file() || !is_open() || written_ == 0 || !is_regular(descriptor_)) return 0;
    bool const done = ::ftruncate(descriptor_, initial_) == 0 && ::lseek(descriptor_, 0, SEEK_END) >= 0;
    if (!done) fail("Failed to truncate", errno);
    interruption::hold(initial_);
    return std::exchange(written_, 0);
}

bool output::finish(std::optional<std::int64_t> modified) noexcept
{
    if (!is_file() || !is_open()) return !failed_;
    if (modified) {
        timespec const when{static_cast<time_t>(*modified), 0};
        timespec const times[] = {when, when};
        ::futimens(descriptor_, times);
    }
    interruption::end();
    bool const done = ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR;
    return done ? !failed_ : fail("Failed to write to", errno);
}

void output::abandon() noexcept
{
    bool const is_removed = options_.remove_on_error && is_file() && is_open() && is_regular(descriptor_);
    finish(std::nullopt);
    if (is_removed) ::unlink(options_.name.c_str());
}

bool output::fail(std::string_view what, int error) noexcept
try {
    return fail(
        fmt::format("{} {}: {}", what, is_file() ? name() : "the standard output", std::strerror(error)));
} catch (std::exception const&) {
    return fail({});
}

bool output::fail(std::string text) noexcept
{
    failed_ = true;
    error_ = std::move(text);
    return false;
}

} // namespace viaduct_curl

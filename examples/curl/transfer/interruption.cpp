#include "transfer/interruption.hpp"

#include "tell/verbose.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <string_view>
#include <tuple>
#include <unistd.h>

// The handler runs at any moment and on any thread: it uses what lives forever, and no function but those
// which signals may interrupt.

namespace viaduct_curl::interruption {
namespace {

using text = std::array<char, PATH_MAX>;

text name{};  // for the kernel
text shown{}; // for the user
bool removable = false;
std::atomic<bool> is_open{false}; // the three above are set
std::atomic<std::int64_t> size{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void assign(text& to, std::string_view from) noexcept
{
    auto const length = std::min(from.size(), to.size() - 1);
    std::memcpy(to.data(), from.data(), length);
    to[length] = '\0';
}

void say(char const* part) noexcept
{
    std::ignore = ::write(STDERR_FILENO, part, std::strlen(part));
}

void say(std::int64_t number) noexcept
{
    std::array<char, 24> digits{};
    auto at = digits.size() - 1;
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(digits.data() + at);
}

void on_signal(int signal) noexcept
{
    auto const error = errno;
    if (is_open.exchange(false)) {
        bool const removed = removable && ::unlink(name.data()) == 0;
        say("\nviaduct-curl: interrupted; ");
        say(shown.data());
        say(removed ? " was not complete and has been removed: it held " : " is not complete: it holds ");
        say(size);
        say(" octets\n");
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal); // takes effect when this one returns
    errno = error;
}

} // namespace

void watch() noexcept
{
    for (int const signal : {SIGINT, SIGTERM})
        if (std::signal(signal, on_signal) == SIG_IGN) std::signal(signal, SIG_IGN);
}

void begin(std::string const& file, bool remove) noexcept
try {
    is_open = false;
    assign(name, file);
    assign(shown, printable(file));
    removable = remove && file.size() < name.size();
    size = 0;
    is_open = true;
} catch (std::exception const&) { // then nothing is said
}

void hold(std::int64_t octets) noexcept
{
    size = octets;
}

void end() noexcept
{
    is_open = false;
}

} // namespace viaduct_curl::interruption

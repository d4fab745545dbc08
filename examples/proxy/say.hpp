#ifndef VIADUCT_EXAMPLES_PROXY_SAY_HPP
#define VIADUCT_EXAMPLES_PROXY_SAY_HPP

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace viaduct_proxy {

/// A pipe that takes anything at all takes so many octets at once, without waiting (`PIPE_BUF`).
inline constexpr std::size_t always_taken = 4096;

/// Whether a descriptor takes octets, or fails to; waits so many milliseconds for it.
[[nodiscard]] inline bool has_room(int descriptor, int milliseconds) noexcept
{
    pollfd wanted{descriptor, POLLOUT, 0};
    return ::poll(&wanted, 1, milliseconds) > 0;
}

/// Who hears the same beside standard error; set before there are threads.
[[nodiscard]] inline auto second_listener() noexcept -> void (*&)(char const* line)
{
    static void (*listener)(char const*) = nullptr;
    return listener;
}

/// Says something to whoever started the program. That nobody listens is no reason to stop, nor to wait.
inline void tell(std::string const& line) noexcept
try {
    constexpr std::size_t most = always_taken - 32;
    if (has_room(STDERR_FILENO, 0))
        std::fputs(("viaduct-proxy: " + line.substr(0, most) + '\n').c_str(), stderr);
    if (auto const also = second_listener()) also(line.substr(0, most).c_str());
} catch (std::exception const&) { // no memory: it is not said
}

/// A text that somebody else chose, without what a terminal would obey.
[[nodiscard]] inline std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

} // namespace viaduct_proxy

#endif

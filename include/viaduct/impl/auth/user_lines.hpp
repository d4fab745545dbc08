#ifndef VIADUCT_IMPL_AUTH_USER_LINES_HPP
#define VIADUCT_IMPL_AUTH_USER_LINES_HPP

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace viaduct::detail {

// Files with a user a line. Whatever is wrong with one is told with its name, and never with what it holds.

inline constexpr std::size_t max_user_file = 16u << 20; // octets
inline constexpr std::size_t max_user_line = 1024;

/// The content of a file that is not above the limit.
/** @param problem What is wrong, if nothing is returned. */
[[nodiscard]] inline std::optional<std::string> read_user_file(std::string const& path, std::string& problem)
{
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file{std::fopen(path.c_str(), "rbe"), &std::fclose};
    std::string text;
    std::array<char, 16384> some;
    if (file)
        while (text.size() <= max_user_file) {
            auto const n = std::fread(some.data(), 1, some.size(), file.get());
            if (n == 0) break;
            text.append(some.data(), n);
        }
    if (!file || std::ferror(file.get()))
        problem = path + ": " + std::generic_category().message(errno);
    else if (text.size() > max_user_file)
        problem = path + ": larger than 16 MiB";
    else
        return text;
    return std::nullopt;
}

/// Calls `take(line)` for each line that is neither empty nor a comment; it says what is wrong, or nothing.
/** @param problem `NAME:LINE: ...` for the first line that is wrong; false is returned then. */
template <class Take>
[[nodiscard]] bool for_each_user_line(std::string_view text, std::string const& name, std::string& problem,
                                      Take take)
{
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') continue;
        std::string_view const wrong =
            line.size() > max_user_line ? std::string_view{"longer than 1024 octets"} : take(line);
        if (wrong.empty()) continue;
        problem = name + ':' + std::to_string(number) + ": " + std::string{wrong};
        return false;
    }
    return true;
}

} // namespace viaduct::detail

#endif

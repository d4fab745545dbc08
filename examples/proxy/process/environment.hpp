#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_ENVIRONMENT_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_ENVIRONMENT_HPP

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <unistd.h>

namespace viaduct_proxy {

/// What a variable of the environment says; it is not there afterwards. Before there are threads only.
[[nodiscard]] inline std::optional<std::string> take_variable(char const* name)
{
    char const* const value = std::getenv(name);
    if (!value) return std::nullopt;
    std::optional<std::string> taken{value};
    ::unsetenv(name);
    return taken;
}

[[nodiscard]] inline std::optional<unsigned long long> to_number(std::optional<std::string> const& text)
{
    unsigned long long number = 0;
    if (!text) return std::nullopt;
    auto const* const end = text->data() + text->size();
    auto const [stop, ec] = std::from_chars(text->data(), end, number);
    return ec == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

/// Whether a service manager that says for whom it speaks means this process.
[[nodiscard]] inline bool is_own_process(std::optional<std::string> const& number)
{
    return !number || to_number(number) == static_cast<unsigned long long>(::getpid());
}

} // namespace viaduct_proxy

#endif

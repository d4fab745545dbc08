#ifndef VIADUCT_EXAMPLES_PROXY_SETTINGS_HPP
#define VIADUCT_EXAMPLES_PROXY_SETTINGS_HPP

#include <memory>
#include <string>
#include <utility>

namespace viaduct_proxy {

struct directive;

/// Something that the operator may choose, and where that was done: what mistakes are blamed on.
/** A flag and a directive of squid.conf that mean the same fill the same setting. */
template <class T>
struct setting
{
    T value{};
    std::string name{};   ///< The flag or the directive.
    std::string origin{}; ///< The file and the line, as in `squid.conf:12`; empty for a flag.

    /// The line as a whole, if it is one and nobody has taken it apart yet.
    std::shared_ptr<directive const> line{};

    /// Whether somebody has chosen it.
    [[nodiscard]] bool is_written() const noexcept { return !name.empty(); }

    /// How messages begin: `--http-access`, or `squid.conf:12: http_access`.
    [[nodiscard]] std::string where() const { return origin.empty() ? name : origin + ": " + name; }

    /// Where it is written, for those who know what: `--http-access`, or `squid.conf:12`.
    [[nodiscard]] std::string const& place() const noexcept { return origin.empty() ? name : origin; }
};

/// A setting as text, which has not been looked at yet.
using typed = setting<std::string>;

/// Another value from the same place.
template <class T, class U>
[[nodiscard]] setting<T> with_value(setting<U> const& from, T value)
{
    return {std::move(value), from.name, from.origin, {}};
}

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_SOURCE_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_SOURCE_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// The bounds of what is read; beyond them is a problem, never a part.
namespace config_bounds {
inline constexpr std::size_t file_octets = std::size_t{64} << 20U;
inline constexpr std::size_t line_octets = std::size_t{1} << 20U; ///< Of a directive, continuations joined.
inline constexpr unsigned includes_deep = 16;                     ///< Squid's.
inline constexpr std::size_t files = 4096;                        ///< Of one configuration.
inline constexpr std::size_t directives = 1'000'000;
inline constexpr std::size_t problems = 200; ///< What is told of one run, mistakes and notices each.
} // namespace config_bounds

/// Where the files of a configuration come from.
class config_source
{
public:
    struct content
    {
        std::string text;
        std::string trouble; ///< Why there is none; empty if there is.
    };

    virtual ~config_source() = default;

    /// The files that a pattern of an `include` names, in their order; none if there are none.
    [[nodiscard]] virtual std::vector<std::string> matching(std::string const& pattern) const = 0;

    /// A whole file, up to `config_bounds::file_octets`.
    [[nodiscard]] virtual content read(std::string const& path) const = 0;
};

/// Those of the disk. As with Squid, what is relative is so to the directory the program runs in, not to the
/// file that names it.
[[nodiscard]] config_source const& disk_source();

} // namespace viaduct_proxy

#endif

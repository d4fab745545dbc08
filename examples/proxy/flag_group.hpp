#ifndef VIADUCT_EXAMPLES_PROXY_FLAG_GROUP_HPP
#define VIADUCT_EXAMPLES_PROXY_FLAG_GROUP_HPP

#include "settings.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace viaduct_proxy {

/// Declares flags that stand together in the help. What they are written to outlives the parsing.
class flag_group
{
public:
    flag_group(CLI::App& app, char const* title) : app_{app}, title_{title} {}

    /// One that may be repeated, each time with one value; they come behind those that are there.
    void list(char const* flag, std::vector<typed>& to, char const* type, std::string const& help);

    void text(char const* flag, std::optional<typed>& to, char const* type, std::string const& help);

    /// One with a default, which the help shows.
    void text(char const* flag, typed& to, char const* type, std::string const& help);

    void seconds(char const* flag, setting<double>& to, std::string const& help);

    /// From 0.
    void number(char const* flag, setting<std::size_t>& to, std::string const& help);

    void on(char const* flag, setting<bool>& to, std::string const& help);

    /// One with several values behind it.
    void several(char const* flag, std::vector<std::string>& to, std::pair<int, int> how_many,
                 char const* type, std::string const& help);

private:
    CLI::App& app_;
    char const* title_;
};

} // namespace viaduct_proxy

#endif

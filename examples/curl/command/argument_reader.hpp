#ifndef VIADUCT_CURL_COMMAND_ARGUMENT_READER_HPP
#define VIADUCT_CURL_COMMAND_ARGUMENT_READER_HPP

#include "command/command_line.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// Takes one word after the other, of the command line or of a configuration file.
class argument_reader
{
public:
    explicit argument_reader(command_line& to) : to_{to} {}

    /// Takes a word that begins with a dash.
    /** @param next The word behind it, if there is one.
     * @return Whether that one belongs to it.
     * @throws failure for a switch that is unknown or cannot be taken. */
    bool take_switch(std::string_view word, std::optional<std::string_view> next);

    /// The last switch's value, where it may hold a password: a part of one of the two words. Or empty.
    [[nodiscard]] std::string_view secret() const noexcept { return secret_; }

    /// Takes a URL.
    void take_url(std::string_view word);

private:
    bool take_long(std::string_view word, std::optional<std::string_view> next);
    bool take_letters(std::string_view word, std::optional<std::string_view> next);

    command_line& to_;
    std::string_view secret_{};
};

/// The first target that lacks something, or a new one: what -o, -O, -T and URLs fill one after the other.
template <class Lacks>
[[nodiscard]] target& next_target(operation& of, Lacks const& lacks)
{
    for (auto& t : of.targets)
        if (lacks(t)) return t;
    return of.targets.emplace_back();
}

} // namespace viaduct_curl

#endif

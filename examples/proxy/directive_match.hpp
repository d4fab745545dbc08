#ifndef VIADUCT_EXAMPLES_PROXY_DIRECTIVE_MATCH_HPP
#define VIADUCT_EXAMPLES_PROXY_DIRECTIVE_MATCH_HPP

#include "config/config_file.hpp"
#include "settings.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {

/// Hands one directive of squid.conf to the setting that it is about: what `flag_group` is for flags.
/** Each member does nothing but for the directive of its name. */
class directive_match
{
public:
    explicit directive_match(std::shared_ptr<directive const> line) : line_{std::move(line)} {}

    /// One that may be repeated.
    directive_match& list(std::string_view name, std::vector<typed>& to);

    /// Of several lines, the last one counts.
    directive_match& text(std::string_view name, std::optional<typed>& to);
    directive_match& text(std::string_view name, typed& to);

    /// Squid's times: `30 seconds`, `1 minute`.
    directive_match& time(std::string_view name, setting<double>& to);

    /// A whole number from 0.
    directive_match& number(std::string_view name, setting<std::size_t>& to);

    /// `on` or `off`.
    directive_match& on(std::string_view name, setting<bool>& to);

    /// Any other: calls a function with the line as it was written.
    template <class Function>
    directive_match& each(std::string_view name, Function&& function)
    {
        if (matches(name)) std::forward<Function>(function)(as_typed());
        return *this;
    }

    [[nodiscard]] std::string where() const { return line_->where(); }

    /// Whether it was about any of them.
    [[nodiscard]] bool found() const noexcept { return found_; }

private:
    [[nodiscard]] bool matches(std::string_view name) noexcept;
    [[nodiscard]] typed as_typed() const;
    [[nodiscard]] typed as_value() const;

    std::shared_ptr<directive const> line_;
    bool found_ = false;
};

} // namespace viaduct_proxy

#endif

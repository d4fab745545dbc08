#ifndef VIADUCT_EXAMPLES_PROXY_PROGRAM_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_PROGRAM_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// What concerns the program as a whole.
class program_options
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

    /// What the proxy calls itself.
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

private:
    std::string name_ = "viaduct";
    bool hide_reasons_ = false;
    std::size_t workers_ = 1;
    std::optional<std::string> sharing_;
    std::vector<std::string> explain_;
};

} // namespace viaduct_proxy

#endif

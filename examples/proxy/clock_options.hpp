#ifndef VIADUCT_EXAMPLES_PROXY_CLOCK_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_CLOCK_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <cstddef>

namespace viaduct_proxy {

class directive_match;

/// How long everything may take.
class clock_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();
    void apply(proxy_options& to) const;

private:
    [[nodiscard]] setting<double> const& head() const noexcept;

    setting<double> head_{10, {}, {}, {}};
    setting<double> head_start_{0, {}, {}, {}}; // Squid's, for the first octet of it
    setting<double> resolve_{5, {}, {}, {}};
    setting<double> connect_{5, {}, {}, {}};
    setting<double> connect_to_parent_; // 0: as long as to anybody
    setting<double> connect_total_{15, {}, {}, {}};
    setting<double> idle_{900, {}, {}, {}};
    setting<double> half_close_{30, {}, {}, {}};
    setting<double> lifetime_{0, {}, {}, {}};
    setting<double> silence_{900, {}, {}, {}};
    setting<double> shutdown_{3, {}, {}, {}};
    setting<std::size_t> stagger_{250, {}, {}, {}}; // milliseconds
    setting<std::size_t> tries_{0, {}, {}, {}};
    setting<bool> keeps_half_closed_;
};

} // namespace viaduct_proxy

#endif

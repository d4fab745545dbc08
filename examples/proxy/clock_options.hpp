#ifndef VIADUCT_EXAMPLES_PROXY_CLOCK_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_CLOCK_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

namespace viaduct_proxy {

/// How long everything may take.
class clock_options
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

private:
    double head_ = 10;
    double resolve_ = 5;
    double connect_ = 5;
    double connect_total_ = 15;
    double idle_ = 900;
    double half_close_ = 30;
    double lifetime_ = 0;
    double shutdown_ = 3;
};

} // namespace viaduct_proxy

#endif

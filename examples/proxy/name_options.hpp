#ifndef VIADUCT_EXAMPLES_PROXY_NAME_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_NAME_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"
#include <viaduct/net/resolver.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// Who is asked for addresses, and how many answers are remembered.
class name_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();
    void apply(proxy_options& to) const;

private:
    [[nodiscard]] std::shared_ptr<viaduct::resolver> make_service() const;
    [[nodiscard]] std::shared_ptr<viaduct::resolver> make_cares() const;

    std::optional<typed> service_;
    std::vector<typed> servers_;
    setting<std::size_t> cache_{16384, {}, {}, {}};
    setting<double> kept_at_most_{21600, {}, {}, {}};
    setting<double> failure_kept_{60, {}, {}, {}};
    std::optional<typed> hosts_file_;
    bool asks_servers_ = false; // unless something else is said
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_PROGRAM_OPTIONS_HPP
#define VIADUCT_EXAMPLES_PROXY_PROGRAM_OPTIONS_HPP

#include "flag_group.hpp"
#include "proxy_options.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

class directive_match;

/// What concerns the program as a whole.
class program_options
{
public:
    void declare(CLI::App& app);
    void take(directive_match& line);
    void assume_squid();
    void apply(proxy_options& to) const;

private:
    [[nodiscard]] std::optional<wished_identity> user() const;

    typed name_{"viaduct", {}, {}, {}};
    setting<bool> hide_reasons_;
    setting<std::size_t> workers_{1, {}, {}, {}};
    std::optional<typed> sharing_;
    typed reject_policy_{"keep_alive_where_needed", {}, {}, {}};
    std::optional<typed> header_size_;
    typed pid_file_{"none", {}, {}, {}};
    std::optional<typed> user_;
    std::optional<typed> group_;
    setting<double> drain_delay_;
    bool is_squid_ = false;
    typed statuses_{"standard", {}, {}, {}};
    setting<std::size_t> descriptors_; // 0: as many as there are
    std::optional<typed> umask_;
    setting<bool> via_{true, {}, {}, {}};
    std::vector<std::string> explain_;
};

} // namespace viaduct_proxy

#endif

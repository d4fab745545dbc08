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

/// Who is asked for addresses, and how many answers are remembered.
class name_options
{
public:
    void declare(CLI::App& app);
    void apply(proxy_options& to) const;

private:
    [[nodiscard]] std::shared_ptr<viaduct::resolver> make_service() const;

    std::optional<std::string> service_;
    std::vector<std::string> servers_;
    std::size_t cache_ = 16384;
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_SERVER_PORT_POLICY_HPP
#define VIADUCT_SERVER_PORT_POLICY_HPP

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace viaduct {

/// The ports that a tunnel may lead to: 443 alone, unless told otherwise.
class port_policy
{
public:
    /// Replaces what is permitted by these ports.
    void permit_only(std::vector<std::uint16_t> ports)
    {
        ports_ = std::move(ports);
        all_ = false;
    }

    void permit_all() noexcept { all_ = true; }

    [[nodiscard]] bool permits(std::uint16_t port) const noexcept
    {
        return all_ || std::find(ports_.begin(), ports_.end(), port) != ports_.end();
    }

private:
    std::vector<std::uint16_t> ports_{443};
    bool all_ = false;
};

} // namespace viaduct

#endif

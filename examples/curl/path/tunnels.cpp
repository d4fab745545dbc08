#include "path/tunnels.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <random>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace viaduct_curl {
namespace {

[[nodiscard]] std::string random_name()
{
    std::random_device random;
    return fmt::format("viaduct-curl-{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

} // namespace

/// The bridge goes first: it uses the tunnel.
struct tunnels::passage
{
    passage(std::unique_ptr<path> to, std::string const& gate)
        : way{std::move(to)},
          into{way->context(), way->tunnel(), gate}
    {}

    std::unique_ptr<path> way;
    bridge into;
};

tunnels::tunnels() : prefix_{random_name()} {}

tunnels::~tunnels() = default;

std::string const& tunnels::gate_of(std::string const& route)
{
    auto const [at, is_new] = gates_.try_emplace(route);
    if (is_new) at->second = fmt::format("{}-{}", prefix_, gates_.size());
    return at->second;
}

curl_socket_t tunnels::admit(std::unique_ptr<path> way, std::string const& gate)
{
    auto made = std::make_unique<passage>(std::move(way), gate);
    auto const socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw std::system_error(errno, std::generic_category(), "socket");
    open_[socket] = std::move(made);
    return socket;
}

path const* tunnels::find(curl_socket_t socket) const
{
    auto const found = open_.find(socket);
    return found == open_.end() ? nullptr : found->second->way.get();
}

int tunnels::close(curl_socket_t socket) noexcept
{
    auto const result = ::close(socket); // first: what was sent last reaches the tunnel, and then its end
    open_.erase(socket);
    return result;
}

} // namespace viaduct_curl

#include "path/tunnels.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <random>
#include <sys/socket.h>
#include <sys/un.h>
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

/// Connections over abstract sockets are never used again by libcurl 7.88, which takes the zero in front of
/// their names for an address that is not known yet. So it is a file, where one can be.
[[nodiscard]] gate gate_prefix()
{
    auto name = random_name();
    char const* const wanted = std::getenv("TMPDIR");
    std::string const directory = wanted && *wanted != '\0' ? wanted : "/tmp";
    bool const has_room = directory.size() + name.size() + 8 < sizeof sockaddr_un{}.sun_path;
    if (!has_room || ::access(directory.c_str(), W_OK | X_OK) != 0) return {std::move(name), false};
    return {directory + '/' + name, true};
}

} // namespace

/// The bridge goes first: it uses the tunnel.
struct tunnels::passage
{
    passage(std::unique_ptr<path> to, gate const& at)
        : way{std::move(to)},
          into{way->context(), way->tunnel(), at}
    {}

    std::unique_ptr<path> way;
    bridge into;
};

tunnels::tunnels() : prefix_{gate_prefix()} {}

tunnels::~tunnels() = default;

gate const& tunnels::gate_of(std::string const& route)
{
    auto const [at, is_new] = gates_.try_emplace(route);
    if (is_new) at->second = {fmt::format("{}-{}", prefix_.name, gates_.size()), prefix_.is_file};
    return at->second;
}

curl_socket_t tunnels::admit(std::unique_ptr<path> way, gate const& at)
{
    auto made = std::make_unique<passage>(std::move(way), at);
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

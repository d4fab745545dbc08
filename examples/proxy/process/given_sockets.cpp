#include "given_sockets.hpp"

#include "../say.hpp"
#include "environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace viaduct_proxy {
namespace {

using viaduct::net::ip::tcp;

constexpr int first_given = 3;
constexpr unsigned long long most_given = 1024;

[[noreturn]] void fail(std::string const& what, std::string const& why)
{
    throw std::runtime_error(fmt::format("{}: {}", what, why));
}

[[nodiscard]] std::string called(int fd, std::string const& name)
{
    return fmt::format("LISTEN_FDS: descriptor {}{}", fd, name.empty() ? "" : " (" + printable(name) + ')');
}

/// The names, in order; `unknown` is what systemd calls those without one.
[[nodiscard]] std::vector<std::string> split(std::string_view names)
{
    std::vector<std::string> all;
    while (!names.empty()) {
        auto const end = std::min(names.find(':'), names.size());
        all.emplace_back(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return all;
}

[[nodiscard]] int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

[[nodiscard]] bool is_listening_tcp(int fd, int family)
{
    return (family == AF_INET || family == AF_INET6) && option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1 &&
           option_of(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
}

[[nodiscard]] std::string text_of(tcp::endpoint const& where)
{
    bool const v6 = where.address().is_v6();
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", where.address().to_string(), v6 ? "]" : "", where.port());
}

/// A duplicate for somebody who will close it.
[[nodiscard]] int duplicate(int fd)
{
    int const copy = ::fcntl(fd, F_DUPFD_CLOEXEC, first_given);
    if (copy < 0) fail("LISTEN_FDS", std::strerror(errno));
    return copy;
}

} // namespace

given_sockets::given given_sockets::look_at(int fd, std::string name)
{
    tcp::endpoint where{tcp::v6(), 0}; // room for either version
    auto size = static_cast<socklen_t>(where.capacity());
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        fail(called(fd, name), "the service manager says that it is there, but it is not");
    if (::getsockname(fd, where.data(), &size) != 0 || size > where.capacity() ||
        !is_listening_tcp(fd, where.data()->sa_family))
        fail(called(fd, name),
             "it is no TCP socket that listens: give ListenStream= a port, or an address and port");
    where.resize(size);
    bool const both = where.address().is_v6() && where.address().is_unspecified() &&
                      option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
    return {descriptor{fd}, std::move(name), where, both};
}

given_sockets given_sockets::from_environment()
{
    given_sockets made;
    auto const text = take_variable("LISTEN_FDS");
    auto const names = split(take_variable("LISTEN_FDNAMES").value_or(""));
    bool const is_for_us = is_own_process(take_variable("LISTEN_PID"));
    if (!text || !is_for_us) return made;
    auto const count = to_number(text);
    if (!count || *count > most_given) fail("LISTEN_FDS", fmt::format("'{}' is no count", printable(*text)));
    for (std::size_t i = 0; i != *count; ++i) {
        auto const name = i < names.size() && names[i] != "unknown" ? names[i] : "";
        made.sockets_.push_back(look_at(first_given + static_cast<int>(i), name));
    }
    return made;
}

given_sockets::given const* given_sockets::match(tcp::endpoint const& where) const
{
    auto const by = [this](auto const& fits) {
        auto const found = std::find_if(sockets_.begin(), sockets_.end(), fits);
        return found == sockets_.end() ? nullptr : &*found;
    };
    if (auto const* const exact = by([&](given const& each) { return each.where == where; })) return exact;
    return by([&](given const& each) {
        return each.has_both_versions && each.where.port() == where.port() && where.address().is_v4() &&
               where.address().is_unspecified();
    });
}

std::optional<int> given_sockets::find(tcp::endpoint const& where) const
{
    auto const* const found = match(where);
    return found ? std::optional{duplicate(found->socket.get())} : std::nullopt;
}

void given_sockets::give_to(std::vector<viaduct::service_listener>& listen) const
{
    bool const are_all =
        std::all_of(listen.begin(), listen.end(), [](auto const& each) { return each.pages_only; });
    for (auto const& each : sockets_) {
        auto const takes_it = [&](auto const& listener) { return match(listener.endpoint) == &each; };
        if (std::any_of(listen.begin(), listen.end(), takes_it)) continue;
        if (are_all)
            listen.emplace_back(each.where).name = each.name;
        else
            fail(called(each.socket.get(), each.name),
                 fmt::format(
                     "it listens on {}, and no http_port or https_port is there: write one, or take it "
                     "out of the socket unit",
                     text_of(each.where)));
    }
    for (auto& listener : listen)
        if (auto const socket = find(listener.endpoint)) listener.socket = *socket;
}

} // namespace viaduct_proxy

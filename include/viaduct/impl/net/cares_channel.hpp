#ifndef VIADUCT_IMPL_NET_CARES_CHANNEL_HPP
#define VIADUCT_IMPL_NET_CARES_CHANNEL_HPP

#include <viaduct/net/cares_resolver.hpp>

#include <algorithm>
#include <ares.h>
#include <cstring>
#include <limits>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/time.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// What an outcome of c-ares means to everybody else.
[[nodiscard]] inline error_code cares_error(int status) noexcept
{
    switch (status) {
    case ARES_SUCCESS: return {};
    case ARES_ENOTFOUND:
    case ARES_EBADNAME: return net::error::host_not_found;
    case ARES_ENODATA: return net::error::no_data;
    case ARES_ETIMEOUT: return errc::resolve_timeout;
    case ARES_ENOMEM: return net::error::no_memory;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION: return net::error::operation_aborted;
    case ARES_EFORMERR:
    case ARES_EBADRESP: return net::error::no_recovery;
    default: return net::error::host_not_found_try_again;
    }
}

[[nodiscard]] inline net::ip::address address_of(sockaddr const& from)
{
    if (from.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        return net::ip::address_v4{ntohl(v4.sin_addr.s_addr)};
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    net::ip::address_v6::bytes_type octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return net::ip::address_v6{octets};
}

/// The addresses, and the shortest of all times that led to them.
[[nodiscard]] inline resolution resolution_of(ares_addrinfo const& info)
{
    resolution result;
    int ttl = std::numeric_limits<int>::max();
    for (auto const* node = info.nodes; node; node = node->ai_next) {
        result.addresses.push_back(address_of(*node->ai_addr));
        ttl = std::min(ttl, node->ai_ttl);
    }
    for (auto const* alias = info.cnames; alias; alias = alias->next)
        ttl = std::min(ttl, alias->ttl);
    result.ttl = std::chrono::seconds{std::max(ttl, 0)};
    return result;
}

/// c-ares, with its sockets in a form that `poll` takes. Belongs to one thread at a time.
class cares_channel
{
public:
    explicit cares_channel(cares_options const& options)
    {
        static int const ready = ares_library_init(ARES_LIB_INIT_ALL); // once a process
        check(ready);
        start(options);
        if (auto const status = use(options.servers); status != ARES_SUCCESS) {
            ares_destroy(channel_);
            check(status);
        }
    }

    cares_channel(cares_channel const&) = delete;
    cares_channel& operator=(cares_channel const&) = delete;

    /// Ends all questions under way.
    ~cares_channel() { ares_destroy(channel_); }

    /// @param callback As `ares_getaddrinfo` calls it, which may be at once.
    void ask(std::string const& host, ares_addrinfo_callback callback, void* argument)
    {
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, callback, argument);
    }

    /// Waits for a server, for the next try, or for something else to become readable.
    /** Only the first failure to wait is told, as there is nothing else to be done about it. */
    void wait_beside(int other)
    {
        auto ready = watched_; // what happens now may change the original
        ready.push_back({other, POLLIN, 0});
        if (::poll(ready.data(), static_cast<nfds_t>(ready.size()), milliseconds_to_wait()) < 0)
            for (auto& each : ready)
                each.revents = 0;
        ready.pop_back();
        for (auto const& each : ready)
            if (each.revents != 0) process(each);
        ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // whose time is over
    }

private:
    static void check(int status)
    {
        if (status != ARES_SUCCESS)
            throw system_error{status == ARES_ENOMEM ? error_code{net::error::no_memory}
                                                     : error_code{net::error::invalid_argument},
                               ares_strerror(status)};
    }

    void start(cares_options const& from)
    {
        char files_first[] = "fb";
        char no_files[] = "b";
        ares_options options{};
        options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
        options.timeout =
            static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(from.timeout.count(), 1, 60000));
        options.tries = std::clamp(from.tries, 1, 100);
        options.ndots = 0;
        options.domains =
            nullptr; // also not those of /etc/resolv.conf: some versions look there all the same
        options.ndomains = 0;
        options.lookups = from.hosts_file ? files_first : no_files;
        options.sock_state_cb = &cares_channel::on_socket;
        options.sock_state_cb_data = this;
        check(ares_init_options(&channel_, &options,
                                ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
                                    ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB));
    }

    [[nodiscard]] int use(std::vector<net::ip::udp::endpoint> const& servers)
    {
        if (servers.empty()) return ARES_SUCCESS;
        std::vector<ares_addr_port_node> nodes(servers.size());
        for (std::size_t i = 0; i < servers.size(); ++i) {
            auto const& address = servers[i].address();
            nodes[i].next = i + 1 < servers.size() ? &nodes[i + 1] : nullptr;
            nodes[i].family = address.is_v4() ? AF_INET : AF_INET6;
            nodes[i].udp_port = nodes[i].tcp_port = servers[i].port();
            if (address.is_v4())
                std::memcpy(&nodes[i].addr.addr4, address.to_v4().to_bytes().data(), 4);
            else
                std::memcpy(&nodes[i].addr.addr6, address.to_v6().to_bytes().data(), 16);
        }
        return ares_set_servers_ports(channel_, nodes.data());
    }

    static void on_socket(void* self, ares_socket_t socket, int readable, int writable)
    {
        auto& watched = static_cast<cares_channel*>(self)->watched_;
        std::erase_if(watched, [&](auto const& each) { return each.fd == socket; });
        if (!readable && !writable) return; // closed
        auto const events = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0);
        watched.push_back({socket, static_cast<short>(events), 0});
    }

    /// c-ares finds out itself whether it still has such a socket.
    void process(pollfd const& ready)
    {
        bool const reads = (ready.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        bool const writes = (ready.revents & POLLOUT) != 0;
        ares_process_fd(channel_, reads ? ready.fd : ARES_SOCKET_BAD, writes ? ready.fd : ARES_SOCKET_BAD);
    }

    [[nodiscard]] int milliseconds_to_wait() const
    {
        timeval rest{};
        if (!ares_timeout(channel_, nullptr, &rest)) return -1; // nothing is under way
        auto const wait =
            rest.tv_sec * 1000L + rest.tv_usec / 1000L + 1; // never too early, which would be busy
        return static_cast<int>(std::clamp(wait, 0L, 60000L));
    }

    ares_channel channel_ = nullptr;
    std::vector<pollfd> watched_{};
};

} // namespace viaduct::detail

#endif

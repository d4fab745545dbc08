#ifndef VIADUCT_POLICY_REQUEST_FACTS_HPP
#define VIADUCT_POLICY_REQUEST_FACTS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/fields.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Who else is being served: what `maxconn` and `max_user_ip` ask about.
class population
{
public:
    population() = default;
    population(population const&) = delete;
    population& operator=(population const&) = delete;
    virtual ~population() = default;

    /// Requests and tunnels of a client, the one that is judged included.
    [[nodiscard]] virtual std::size_t tunnels_of(net::ip::address const& client) const = 0;

    /// Addresses that a user is being served at, that of `client` included.
    [[nodiscard]] virtual std::size_t addresses_of(std::string_view user,
                                                   net::ip::address const& client) const = 0;
};

/// What a helper says of a request (Squid's `external_acl_type`).
struct external_answer
{
    bool matches = false;
    std::string user{};    ///< Who it is, where the helper knows; may be empty.
    std::string message{}; ///< For people; may be empty.
    std::string tag{};     ///< For the log; may be empty.
};

/// What is known of a request when rules are asked about it.
/**
 * Nothing is copied: what is pointed at must outlive the question. What is not known yet is empty; a rule
 * that cannot do without it says so in its `verdict`, and is asked again when it is known.
 */
struct request_facts
{
    std::string_view method = "CONNECT";
    authority const* target = nullptr; ///< Never null when rules are asked.
    viaduct::fields const* fields = nullptr;

    net::ip::tcp::endpoint client{}; ///< Who asks.
    net::ip::tcp::endpoint local{};  ///< Where it was asked: the listener's side of the connection.
    std::string_view listener{};     ///< The listener's name; may be empty.

    /// Who the client has proved to be. Without a value nobody has looked at its credentials yet; an empty
    /// name is a client that has none, or none that hold.
    std::optional<std::string_view> user{};

    /// The addresses of the target, if it has been looked up; of a target that is an address, that one. A
    /// look-up that failed is an empty list.
    std::vector<net::ip::address> const* addresses = nullptr;

    /// What helpers have said, by the name of the ACL.
    std::map<std::string, external_answer, std::less<>> const* answers = nullptr;

    /// Whether the proxy itself is asked for a page (`GET /metrics`); `target` is the proxy then.
    bool is_management = false;
    std::string_view path{}; ///< Of that page; a CONNECT has none.

    /// How the request ended, for ACLs of a log; nothing of it is known when rules are asked.
    std::optional<unsigned> status{}; ///< What the client was answered.
    std::string_view hierarchy{};     ///< How the way was chosen, in Squid's words (`HIER_DIRECT`).

    population const* others = nullptr; ///< Null: nobody else is there.
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

} // namespace viaduct

#endif

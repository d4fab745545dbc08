#ifndef VIADUCT_NET_RESOLVER_HPP
#define VIADUCT_NET_RESOLVER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace viaduct {

/// Which addresses are of use.
enum class address_family : unsigned char
{
    any,
    v4, ///< Those of IPv4.
    v6  ///< Those of IPv6.
};

/// Whether an address is of this family.
[[nodiscard]] inline bool is_of(net::ip::address const& address, address_family family) noexcept
{
    return family == address_family::any || address.is_v4() == (family == address_family::v4);
}

/// What a name service says of a name.
struct resolution
{
    std::vector<net::ip::address> addresses{}; ///< In the order in which they are to be tried.

    /// How long that holds; a negative number where nobody knows.
    std::chrono::seconds ttl{-1};
};

/// A question to a name service, and whoever waits for its answer.
/** Shared between both; every member may be called from any thread. */
class name_query
{
public:
    name_query() = default;
    name_query(name_query const&) = delete;
    name_query& operator=(name_query const&) = delete;
    virtual ~name_query() = default;

    /// The name; never an address in text form.
    [[nodiscard]] virtual std::string const& host() const noexcept = 0;

    /// Whether anybody still waits: a question that nobody waits for need not be asked, nor answered.
    /** Once nobody does, nobody will: others may have turned to a question of their own by then. */
    [[nodiscard]] virtual bool is_wanted() const = 0;

    /// Gives the answer: the first one counts.
    /** @param found Not empty if there is no error. */
    virtual void answer(error_code ec, resolution found) = 0;

    /// Gives something to fall back on: what holds if there is no answer by then, such as what held before.
    /** A question that keeps no clock does not take it. */
    virtual void offer(resolution found, std::chrono::steady_clock::time_point from)
    {
        std::ignore = found;
        std::ignore = from;
    }
};

/// A name service: the interface behind `async_resolve`.
/**
 * Shared by everybody who looks up names; `ask` may be called from several threads at once. For operations
 * see `async_resolve`.
 */
class resolver
{
public:
    resolver() = default;
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;
    virtual ~resolver() = default;

    /// Takes a question. Never blocks; the answer comes on any thread, and may come before `ask` returns.
    /** A question that is still wanted is answered, if only with an error. */
    virtual void ask(std::shared_ptr<name_query> query) = 0;
};

} // namespace viaduct

#endif

#ifndef VIADUCT_SERVER_LIMITS_HPP
#define VIADUCT_SERVER_LIMITS_HPP

#include <viaduct/detail/account_book.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/policy/request_facts.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/server/limit_options.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace viaduct {

namespace detail {
class limit_state;
}

/// What one request, and then its tunnel, takes of the limits; it is given back with the ticket.
/**
 * Movable. It holds the limits alive, and may be given back by any thread, also after the `limits` object is
 * gone. Keep it until the relay is over.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class ticket
{
public:
    /// Holds nothing.
    ticket() = default;
    ticket(ticket&& other) noexcept { swap(other); }
    ticket& operator=(ticket&& other) noexcept
    {
        ticket{std::move(other)}.swap(*this);
        return *this;
    }
    ~ticket() { release(); }

    /// Gives everything back.
    VIADUCT_DECL void release() noexcept;

    /// Puts the rates and the meters of this tunnel into the options of its relay.
    /**
     * The relay's `a` is the client, and `b` the target. A rate per tunnel replaces that of the options;
     * meters are added to those that are there. Does nothing for a ticket that holds nothing.
     */
    VIADUCT_DECL void apply(relay_options& options) const;

    /// When to come again, if the last answer of the limits was a refusal: the value of Retry-After
    /// (RFC 9110 section 10.2.3), for `refusal_for`. One second at least; zero if nothing was refused.
    [[nodiscard]] std::chrono::seconds retry_after() const noexcept { return retry_after_; }

    /// Whether it holds anything.
    [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

private:
    friend class limits;
    using entry = detail::account_book::entry;

    void swap(ticket& other) noexcept
    {
        std::swap(state_, other.state_);
        std::swap(client_, other.client_);
        std::swap(user_, other.user_);
        std::swap(destination_, other.destination_);
        std::swap(retry_after_, other.retry_after_);
    }

    std::shared_ptr<detail::limit_state> state_;
    entry* client_ = nullptr;
    entry* user_ = nullptr;
    entry* destination_ = nullptr;
    std::chrono::seconds retry_after_{};
};

/// Keeps the clients of a proxy to their shares: how many tunnels, how often, how fast, how much.
/**
 * One object for all workers. It is asked when a request is there, and when it is known who asks and for
 * what; its rates and quotas work inside the relays. With no limit set it only counts, for rules that ask how
 * many others there are (`population`).
 *
 * A rate pushes back. Everything else refuses the request, or ends the tunnel, with an error of its own.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class limits : public population
{
public:
    using clock = std::chrono::steady_clock;

    VIADUCT_DECL explicit limits(limit_options const& options = {}, clock::time_point now = clock::now());

    /// From now on these are the limits; what is held and what has been used counts on.
    /**
     * So a change takes nobody's tunnels away, and gives nobody a new quota. Rates and quotas that clients,
     * users, or all tunnels share change for tunnels that are open as well, as far as there was such a limit
     * when they were opened; a rate of a tunnel of its own does not. Rates that are other ones begin with a
     * whole burst. Tunnels to a host count from when there is a limit for them. With other prefixes clients
     * begin anew.
     */
    VIADUCT_DECL void reload(limit_options const& options, clock::time_point now = clock::now());

    /// Those in force.
    [[nodiscard]] VIADUCT_DECL limit_options options() const;

    /// A request is there.
    /**
     * @param held Takes what the request holds from now on; if it is refused, nothing.
     * @return `errc::too_many_tunnels`, `too_many_tunnels_of_client`, `quota_exceeded` (the client's) or
     * `too_many_requests`.
     */
    [[nodiscard]] VIADUCT_DECL error_code enter(ticket& held, net::ip::address const& client,
                                                clock::time_point now = clock::now());

    /// It is known who asks, and for what; ask this before anything is looked up or dialled.
    /**
     * @param held The ticket of `enter`. If the request is refused it is given back as a whole, and holds
     * nothing: the refusal may take its time, and the next one need not wait for it. What an earlier answer
     * for the same ticket took of the user and the host is given back first.
     * @param user Who the client has proved to be; empty for nobody.
     * @param host In the form in which hosts are compared: lower case, no final dot, no port.
     * @return `errc::too_many_tunnels_of_user`, `quota_exceeded` (the user's) or
     * `too_many_tunnels_to_destination`.
     */
    [[nodiscard]] VIADUCT_DECL error_code admit(ticket& held, std::string_view user, std::string_view host,
                                                clock::time_point now = clock::now());

    /// Requests and tunnels at present, in all.
    [[nodiscard]] VIADUCT_DECL std::size_t tunnels() const noexcept;

    /// Clients, users and hosts that are remembered at present.
    [[nodiscard]] VIADUCT_DECL std::size_t tracked() const;

    [[nodiscard]] VIADUCT_DECL std::size_t tunnels_of(net::ip::address const& client) const override;

    /// @copydoc population::addresses_of
    /** Addresses that are one client are one address here. */
    [[nodiscard]] VIADUCT_DECL std::size_t addresses_of(std::string_view user,
                                                        net::ip::address const& client) const override;

private:
    [[nodiscard]] error_code refuse(ticket& held, error_code why, clock::time_point again,
                                    clock::time_point now) const;

    std::shared_ptr<detail::limit_state> state_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/limits.ipp>
#endif

#endif

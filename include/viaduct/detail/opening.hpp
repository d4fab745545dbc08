#ifndef VIADUCT_DETAIL_OPENING_HPP
#define VIADUCT_DETAIL_OPENING_HPP

#include <viaduct/detail/answer_wait.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/attempt_account.hpp>
#include <viaduct/detail/dialer_state.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/detail/unless_gone_op.hpp>
#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/server/admission.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/request.hpp>
#include <viaduct/server/routing.hpp>
#include <viaduct/server/tunnel_facts.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// What came of asking a helper.
struct helper_outcome
{
    error_code error{};
    external_answer says{};
};

/// What a request needs until its tunnel is open, or it has been refused. A tunnel that is open keeps none
/// of it.
struct opening
{
    /// @param told What the record will say; it outlives this.
    VIADUCT_DECL opening(request asked, egress const& leave, tunnel_facts& told);

    /// Whether the request may be looked at: loops, and the limits of its client.
    [[nodiscard]] VIADUCT_DECL error_code enter(ticket& held) const;

    /// Whether it may go on, now that it is known who asks: the limits of the user and the host.
    [[nodiscard]] VIADUCT_DECL error_code admit(ticket& held) const;

    /// Names are looked up, or connections made, from now on.
    void begin(request_phase phase)
    {
        if (facts->phase < phase) facts->phase = phase;
        began = std::chrono::steady_clock::now();
    }

    VIADUCT_DECL void on_looked_up(error_code ec);

    /// What was tried to reach the target has ended.
    VIADUCT_DECL void on_connect_ended(error_code ec);

    /// The direct way is open.
    VIADUCT_DECL void on_connected(net::ip::tcp::socket const& upstream);
    [[nodiscard]] VIADUCT_DECL std::vector<net::ip::address> addresses() const;

    /// Asks the helper of the ACL that is wanted; its answer ends the wait on `timer`.
    VIADUCT_DECL void ask_helper();

    /// Hands the helper's answer to the rules; an error if it has none, for then nobody can tell.
    [[nodiscard]] VIADUCT_DECL error_code on_helper();

    /// Who is asked for addresses.
    [[nodiscard]] resolver& names() const noexcept { return way->names ? *way->names : default_resolver(); }

    /// Chooses where the request goes; `errc::parent_unavailable` if there is no way.
    [[nodiscard]] VIADUCT_DECL error_code choose_way();

    /// Whether the parents are next, now that the direct way has not been tried or has failed.
    [[nodiscard]] bool parents_are_next() noexcept { return !out.direct_first && !out.parents.empty(); }

    /// Whether a look-up for the rules' sake has shown that no address of the target is allowed.
    [[nodiscard]] VIADUCT_DECL bool is_known_prohibited() const;

    /// The direct way is tried; parents that were asked before it have been asked in vain.
    VIADUCT_DECL void on_direct();

    /// Tells the record who it was and which rule decided; hands over the parent that the tunnel leads to.
    [[nodiscard]] VIADUCT_DECL parent_lease conclude();

    /// The parent that a dial has tried last.
    [[nodiscard]] parent_pick const& last_of(dial_report const& report) const
    {
        return out.parents[std::min(report.way, out.parents.size() - 1)];
    }

    /// Completes as `dialer::async_dial` does.
    template <class Handler>
    void ask_parents(Handler handler)
    {
        way->parents->async_ask(next.get_executor(), out.parents, next.head().fields, way->via_id,
                                leaves_with(endpoints), next.target(), std::move(handler));
    }

    /// What connections leave with.
    /** @param where Where the target has been found to be, if anybody has looked; empty if that is not known,
     * as for the parents that are next when the direct way has failed. */
    [[nodiscard]] VIADUCT_DECL outgoing_socket
    leaves_with(std::vector<net::ip::tcp::endpoint> const& where) const;

    /// What holds back the tunnel that is there now.
    [[nodiscard]] VIADUCT_DECL delay_pools::meters delays() const;

    /// Tells the record what a dial has tried, whatever came of it.
    VIADUCT_DECL void on_asked(error_code ec, dial_report const& report);

    /// Learns what it has shown of the parents.
    /** @return Whether the direct way is next. */
    [[nodiscard]] VIADUCT_DECL bool on_dialled(error_code ec, dial_report const& report);

    /// Why nothing comes of it any more, whatever has been found; none if nobody has given it up.
    [[nodiscard]] error_code end(bool cancelled) const noexcept
    {
        if (cancelled) return net::error::operation_aborted;
        return client_gone ? error_code{net::error::connection_reset} : error_code{};
    }

    /// Why the request is refused: a client that can be asked for nothing is not asked for credentials.
    [[nodiscard]] VIADUCT_DECL error_code settle(error_code why);

    /// What the client is told.
    [[nodiscard]] VIADUCT_DECL refusal answer_to(error_code why, std::chrono::seconds retry_after) const;

    /// The same for a stranger, who may have to do without the reason.
    [[nodiscard]] VIADUCT_DECL refusal veiled(refusal answer) const;

    /// Whether the connection is left open behind a refusal.
    [[nodiscard]] bool keeps_open(unsigned status) const noexcept
    {
        if (status != 407 || way->rejects == reject_policy::close) return false;
        return needs_connection || way->rejects == reject_policy::keep_alive_for_407;
    }

    /// The fields of the 200: what the client is to hear of its credentials.
    [[nodiscard]] VIADUCT_DECL fields acceptance() const;

    egress const* way;
    tunnel_facts* facts;
    request next;
    admission judge;
    net::steady_timer timer; // of look-ups and helpers
    std::vector<net::ip::tcp::endpoint> endpoints{};
    error_code not_found{}; // why a look-up has failed
    error_code refused{};   // why the client has been told no
    bool looked_up = false;
    bool client_gone = false; // while something was under way for it
    std::chrono::steady_clock::time_point began{};
    attempt_account attempts;
    route out{};          // what has not been tried yet of where it goes
    parent_lease lease{}; // of the parent that the tunnel leads through
    answer_wait_owner<helper_outcome> helper{};
    std::string scheme{};                  // by which the client has proved who it is
    std::vector<std::string> challenges{}; // for a 407
    bool needs_connection = false;         // for the next of them
    std::string info{};                    // for a 200
};

/// Looks the target up: completion signature `void(error_code)`.
template <class CompletionToken>
auto async_look_up(opening& open, CompletionToken&& token)
{
    open.begin(request_phase::decision);
    auto lookup = async_resolve_into(open.endpoints, open.names(), open.next.get_executor(),
                                     open.next.target(), deferred);
    return async_with_deadline(open.timer, open.way->resolve_timeout, errc::resolve_timeout,
                               std::move(lookup), std::forward<CompletionToken>(token));
}

/// The same, for a client that has nothing else to wait for: given up once it is gone.
template <class CompletionToken>
auto async_look_up_for_client(opening& open, CompletionToken&& token)
{
    return async_unless_gone(
        open.next, open.client_gone, [&open](auto handler) { async_look_up(open, std::move(handler)); },
        std::forward<CompletionToken>(token));
}

/// Completes as `async_connect_any` does, unless the client is gone before.
template <class CompletionToken>
auto async_connect(opening& open, net::ip::tcp::socket& socket, std::vector<net::ip::tcp::endpoint> where,
                   CompletionToken&& token)
{
    open.begin(request_phase::connecting);
    return async_unless_gone<net::ip::tcp::endpoint>(
        open.next, open.client_gone,
        [&open, &socket, where = std::move(where)](auto handler) mutable {
            auto const from = open.leaves_with(where);
            async_connect_any(socket, std::move(where), open.way->clocks, from, &open.attempts,
                              std::move(handler));
        },
        std::forward<CompletionToken>(token));
}

/// Completes as `dialer::async_dial` does, unless the client is gone before.
template <class CompletionToken>
auto async_ask_parents(opening& open, CompletionToken&& token)
{
    open.begin(request_phase::connecting);
    return async_unless_gone<tunnel>(
        open.next, open.client_gone, [&open](auto handler) { open.ask_parents(std::move(handler)); },
        std::forward<CompletionToken>(token));
}

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/opening.ipp>
#endif

#endif

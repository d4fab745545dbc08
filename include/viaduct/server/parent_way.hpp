#ifndef VIADUCT_SERVER_PARENT_WAY_HPP
#define VIADUCT_SERVER_PARENT_WAY_HPP

#include <viaduct/client/dialer.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/server/parents.hpp>
#include <viaduct/server/via.hpp>

#include <string>
#include <utility>
#include <vector>

namespace viaduct {

/// The parent proxies of a server, and how they are asked.
/**
 * Outlives the snapshots that refer to it, so that what is known of the parents is not lost with one.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class parent_way
{
public:
    /**
     * @param parents See there.
     * @param dialling How they are asked: clocks, TLS, schemes. Its own ways are not looked at. The ways
     * through dead parents are the table's business, so `demote_for` should be zero.
     * @param name Our own, for Via.
     */
    explicit parent_way(std::vector<parent> parents, dialer_options dialling = {},
                        std::string name = "viaduct")
        : table_{std::move(parents)},
          dialer_{net::system_executor{}, std::move(dialling)},
          name_{std::move(name)}
    {}

    [[nodiscard]] parent_table& table() noexcept { return table_; }

    /// Asks the parents that are given, one after the other until one can be reached, for a tunnel.
    /**
     * @param received The fields of the client's request; only Via is told on.
     * @param id Ours, for Via; see `make_via_id`. Empty: no Via.
     * @param from What the connections leave with.
     *
     * Completion signature and cancellation are those of `dialer::async_dial`.
     */
    template <class CompletionToken>
    auto async_ask(net::any_io_executor executor, std::vector<parent_pick> const& picks,
                   fields const& received, std::string const& id, outgoing_socket const& from,
                   authority const& target, CompletionToken&& token)
    {
        fields own;
        if (!id.empty()) own.set("Via", via_for(received.list(), via_member(name_, id)));
        return dialer_.on(std::move(executor))
            .async_dial(ways_through(picks, table_), std::move(own), from, target,
                        std::forward<CompletionToken>(token));
    }

private:
    parent_table table_;
    dialer dialer_;
    std::string name_;
};

} // namespace viaduct

#endif

#ifndef VIADUCT_TESTING_PROXY_BEHAVIOUR_HPP
#define VIADUCT_TESTING_PROXY_BEHAVIOUR_HPP

#include <viaduct/auth/verifier.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/server/authentication.hpp>
#include <viaduct/testing/proxy_requirement.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace viaduct::testing {

/// Where on the way of a request something goes wrong.
enum class proxy_point : unsigned char
{
    connection, ///< It has been accepted; nothing has been read, nor has TLS begun.
    head,       ///< The head of the request has been read; nothing has been answered.
    answer,     ///< Behind so many octets of the answer, those of a 1xx in front of it included.
    to_target,  ///< In the tunnel, behind so many octets from the client to the target.
    to_client   ///< In the tunnel, behind so many octets from the target to the client.
};

/// One thing that goes wrong, and where.
struct proxy_fault
{
    enum class kind : unsigned char
    {
        stall,  ///< Nothing goes on from there; in a tunnel, only the other direction does.
        close,  ///< The connection ends there, as if the proxy had left. TLS says no farewell.
        reset,  ///< The same with a TCP reset. What was sent last may be lost with it.
        corrupt ///< The octet that comes next has its lowest bit the other way round.
    };

    kind what = kind::stall;
    proxy_point where = proxy_point::head;
    std::uint64_t after = 0; ///< Octets that are still in order.
};

/// What a `proxy_server` does with a request; as it is, what a good proxy does.
/**
 * A value. It begins with one of the makers, and what shall go wrong is added; or it is written as the
 * aggregate that it is:
 *
 * @code
 * proxy.next(proxy_behaviour::refuse(503, {{"Retry-After", "5"}}));
 * proxy.next(proxy_behaviour::accept_to(origin).split_every(1));
 * proxy.next(proxy_behaviour::accept().reset_at(proxy_point::to_client, 1000));
 * proxy.next({.status = 407, .fields = {{"Proxy-Authenticate", "Basic realm=\"x\""}}});
 * @endcode
 */
struct proxy_behaviour
{
    using field = std::pair<std::string, std::string>;

    /// For `proxy_fault::after`: half of the answer.
    static constexpr std::uint64_t half = std::numeric_limits<std::uint64_t>::max();

    /// 2xx opens a tunnel; anything else is a refusal.
    unsigned status = 200;

    /// Sent as they are, so that they may also be wrong. A refusal gets `Content-Length` and `Connection`
    /// where they are not among them.
    std::vector<field> fields{};

    std::string body{}; ///< Of a refusal.

    /// Sent in place of the whole answer; then the connection ends.
    std::optional<std::string> garbage{};

    /// Statuses of answers that come before the answer: 1xx.
    std::vector<unsigned> interim{};

    /// Where the tunnel leads, whatever the target says: so that no test needs DNS. Otherwise where the
    /// server's usual behaviour leads, or to the target.
    std::optional<net::ip::tcp::endpoint> leads_to{};

    /// Who may pass; anybody if it is null. Who does not hears 407.
    std::shared_ptr<authentication> requirement{};

    /// Whether the first octets of the target are waited for, and sent with the 200 in one write.
    bool batch = false;

    /// Whether the client may ask again on the same connection after a refusal.
    bool keep_alive = false;

    /// No write, and no read of the tunnel, is of more octets than this; zero for no limit.
    std::size_t pieces_of = 0;

    /// How fast octets go, each way; zero for as fast as they can.
    std::uint64_t octets_per_second = 0;

    std::vector<proxy_fault> faults{};

    /// Opens the tunnel.
    [[nodiscard]] static proxy_behaviour accept() { return {}; }

    /// Opens a tunnel to an address, whatever the target says.
    [[nodiscard]] static proxy_behaviour accept_to(net::ip::tcp::endpoint where)
    {
        proxy_behaviour made;
        made.leads_to = std::move(where);
        return made;
    }

    /// Refuses. Nothing is added to `fields` but how long the body is, and that the connection ends.
    [[nodiscard]] static proxy_behaviour refuse(unsigned status, std::vector<field> fields = {},
                                                std::string body = {})
    {
        proxy_behaviour made;
        made.status = status;
        made.fields = std::move(fields);
        made.body = std::move(body);
        return made;
    }

    /// Answers with these octets, whatever they are, and ends the connection.
    [[nodiscard]] static proxy_behaviour answer_garbage(std::string octets)
    {
        proxy_behaviour made;
        made.garbage = std::move(octets);
        return made;
    }

    /// Opens the tunnel to whoever proves who it is, and answers 407 to all others.
    /**
     * For Basic, Bearer and any text see `require_basic`, `require_bearer`, `require_exactly`; for Digest,
     * which needs OpenSSL, `digest_requirement`.
     */
    [[nodiscard]] static proxy_behaviour require(std::shared_ptr<verifier> scheme)
    {
        proxy_behaviour made;
        made.requirement = make_requirement(std::move(scheme));
        return made;
    }

    /// Wants a user and a password (RFC 7617).
    [[nodiscard]] static proxy_behaviour require_basic(std::string user, std::string password)
    {
        return require(basic_requirement(std::move(user), std::move(password)));
    }

    /// Wants a token (RFC 6750).
    [[nodiscard]] static proxy_behaviour require_bearer(std::string token)
    {
        return require(bearer_requirement(std::move(token)));
    }

    /// Sends any challenge, and wants any answer to it, octet by octet.
    /**
     * @param challenge The value of Proxy-Authenticate: `Custom realm="x"`.
     * @param answer The value of Proxy-Authorization; nobody passes if it is empty.
     */
    [[nodiscard]] static proxy_behaviour require_exactly(std::string challenge, std::string answer = {})
    {
        return require(exact_requirement(std::move(challenge), std::move(answer)));
    }

    /// Each of the following returns a copy with one thing more.
    [[nodiscard]] proxy_behaviour leading_to(net::ip::tcp::endpoint where) const
    {
        return with([&](auto& made) { made.leads_to = std::move(where); });
    }
    [[nodiscard]] proxy_behaviour stall_at(proxy_point where, std::uint64_t after = 0) const
    {
        return with_fault({proxy_fault::kind::stall, where, after});
    }
    [[nodiscard]] proxy_behaviour close_at(proxy_point where, std::uint64_t after = 0) const
    {
        return with_fault({proxy_fault::kind::close, where, after});
    }
    [[nodiscard]] proxy_behaviour reset_at(proxy_point where, std::uint64_t after = 0) const
    {
        return with_fault({proxy_fault::kind::reset, where, after});
    }
    [[nodiscard]] proxy_behaviour corrupt_at(proxy_point where, std::uint64_t after = 0) const
    {
        return with_fault({proxy_fault::kind::corrupt, where, after});
    }
    [[nodiscard]] proxy_behaviour split_every(std::size_t octets) const
    {
        return with([&](auto& made) { made.pieces_of = octets; });
    }
    [[nodiscard]] proxy_behaviour slowed_to(std::uint64_t per_second) const
    {
        return with([&](auto& made) { made.octets_per_second = per_second; });
    }
    [[nodiscard]] proxy_behaviour after_interim(unsigned informational = 103) const
    {
        return with([&](auto& made) { made.interim.push_back(informational); });
    }
    [[nodiscard]] proxy_behaviour batched() const
    {
        return with([&](auto& made) { made.batch = true; });
    }
    [[nodiscard]] proxy_behaviour kept_alive() const
    {
        return with([&](auto& made) { made.keep_alive = true; });
    }
    [[nodiscard]] proxy_behaviour with_fault(proxy_fault const& fault) const
    {
        return with([&](auto& made) { made.faults.push_back(fault); });
    }

private:
    template <class Change>
    [[nodiscard]] proxy_behaviour with(Change change) const
    {
        auto made = *this;
        change(made);
        return made;
    }
};

} // namespace viaduct::testing

#endif

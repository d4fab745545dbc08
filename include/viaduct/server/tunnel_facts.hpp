#ifndef VIADUCT_SERVER_TUNNEL_FACTS_HPP
#define VIADUCT_SERVER_TUNNEL_FACTS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/record_wishes.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/connection_facts.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/request.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What few records have to say: a tunnel of which there is nothing of it to say has none.
struct rare_facts
{
    std::string user{};
    std::string scheme{};
    std::string parent{};
    std::string proxy_error{}; ///< As it was sent.
    std::optional<trace_context> trace{};
    fields request_fields{};
    fields answer_fields{};
    std::vector<net::ip::address> resolved{};
    std::vector<net::ip::address> tried{};
    net::ip::tcp::endpoint connection{}; ///< Unless it is the client's.
    net::ip::tcp::endpoint local{};
    net::ip::tcp::endpoint outgoing{};
};

/// A time since a connection was accepted, in half the memory: 35 minutes at most.
class short_time
{
public:
    using duration = request_times::duration;

    short_time() = default;
    explicit short_time(duration since) noexcept
        : value_{std::chrono::duration_cast<small>(std::clamp<duration>(since, small{0}, small::max()))}
    {}

    /// Whether it has come.
    [[nodiscard]] explicit operator bool() const noexcept { return value_.count() >= 0; }

    [[nodiscard]] duration get() const noexcept { return *this ? duration{value_} : request_times::never; }

    /// Adds to a time that may not have begun.
    void add(duration more) noexcept { *this = short_time{*this ? duration{value_} + more : more}; }

private:
    using small = std::chrono::duration<std::int32_t, std::micro>;
    small value_{-1};
};

/// When it had come how far before its tunnel was open: see `request_times`.
struct setup_times
{
    short_time head{};
    short_time decided{};
    short_time connected{};
    short_time answered{};
    short_time lookup{};
    short_time connect{};
};

/// What the record of a valid request will say: in little memory, for as long as the tunnel lasts.
struct tunnel_facts
{
    VIADUCT_DECL tunnel_facts(request const& asked, record_wishes wishes);

    /// The place for what is rare; made when it is needed.
    [[nodiscard]] VIADUCT_DECL rare_facts& rare();

    /// Rules and limits have nothing against it.
    void on_allowed() { times.decided = since_accepted(); }

    /// This is the answer.
    VIADUCT_DECL void on_refused(refusal const& answer, error_code why);

    /// The way is there, and the client is told so in so many octets.
    VIADUCT_DECL void on_accepted(std::size_t octets);

    /// So many octets of a refusal have been sent.
    void on_answered(std::size_t octets)
    {
        answer_size = static_cast<std::uint32_t>(octets);
        bytes_to_client = octets;
    }

    /// The tunnel is open, its client at the other end of this.
    VIADUCT_DECL void on_open(net::ip::tcp::socket const& from_client);

    /// The relay is over.
    VIADUCT_DECL void on_relayed(relay_result const& result);

    /// Everything is over, if nothing else was, because of this.
    VIADUCT_DECL void on_end(error_code why);

    /// The record, made now.
    [[nodiscard]] VIADUCT_DECL tunnel_record record(record_event event, error_code why) const;

    /// How long it has been since the connection was accepted.
    [[nodiscard]] short_time since_accepted() const
    {
        return short_time{std::chrono::steady_clock::now() - accepted};
    }

    net::ip::tcp::endpoint client;
    net::ip::tcp::endpoint peer{}; ///< Port 0 if nothing was tried.
    std::string target;
    std::string_view rule{};      ///< Of rules that outlive this.
    std::string_view reported{};  ///< Likewise.
    std::string_view hierarchy{}; ///< A literal.
    std::shared_ptr<std::string const> listener;
    std::shared_ptr<tls_client_facts const> tls;
    std::unique_ptr<rare_facts> more{}; ///< Null for most.
    std::chrono::steady_clock::time_point accepted;
    setup_times times{};
    relay_progress progress{}; ///< The client is `a`.
    std::uint64_t id;
    std::uint64_t bytes_to_client = 0; ///< Without those of the tunnel.
    std::uint64_t early_bytes = 0;
    std::uint32_t head_size;
    std::uint32_t answer_size = 0;
    std::uint32_t answer_content = 0;
    std::uint32_t attempts = 0;
    std::uint16_t status = 0;
    record_wishes wishes;
    bool minor_version;                                ///< HTTP/1.1, and not 1.0.
    request_outcome outcome = request_outcome::tunnel; ///< Unless it turns out otherwise.
    request_phase phase = request_phase::decision;
    tunnel_party ended_by = tunnel_party::nobody;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/tunnel_facts.ipp>
#endif

#endif

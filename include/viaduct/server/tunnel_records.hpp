#ifndef VIADUCT_SERVER_TUNNEL_RECORDS_HPP
#define VIADUCT_SERVER_TUNNEL_RECORDS_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct {

/// The record of a connection that brought no valid request.
[[nodiscard]] VIADUCT_DECL tunnel_record unread_record(net::ip::tcp::endpoint const& client,
                                                       std::chrono::steady_clock::time_point accepted,
                                                       connect_request const& head, error_code why);

/// What the record of a valid request will say: in little memory, for as long as the tunnel lasts.
struct tunnel_facts
{
    VIADUCT_DECL explicit tunnel_facts(request const& asked);

    /// The direct way is tried; parents that were asked before it have been asked in vain.
    VIADUCT_DECL void on_direct();

    /// This is the answer.
    VIADUCT_DECL void on_refused(refusal const& answer);

    /// The record, made now.
    [[nodiscard]] VIADUCT_DECL tunnel_record record(error_code why) const;

    net::ip::tcp::endpoint client;
    net::ip::tcp::endpoint peer{}; ///< Port 0 if nothing was tried.
    std::string target;
    std::string user{};
    std::string scheme{};
    std::string_view rule{};      ///< Of rules that outlive this.
    std::string_view reported{};  ///< Likewise.
    std::string_view hierarchy{}; ///< A literal.
    std::string parent{};
    std::string proxy_error{}; ///< As it was sent.
    bool has_content = false;  ///< The refusal that was sent.
    std::chrono::steady_clock::time_point accepted;
    std::chrono::steady_clock::time_point refused{};
    request_outcome outcome = request_outcome::tunnel; ///< Unless it turns out otherwise.
    unsigned status = 0;
    std::uint64_t bytes_to_client = 0;
    std::uint64_t bytes_from_client = 0;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/tunnel_records.ipp>
#endif

#endif

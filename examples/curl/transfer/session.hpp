#ifndef VIADUCT_CURL_TRANSFER_SESSION_HPP
#define VIADUCT_CURL_TRANSFER_SESSION_HPP

#include "command/command_line.hpp"
#include "failure.hpp"
#include "path/path.hpp"
#include "path/route.hpp"
#include "tell/verbose.hpp"
#include "tell/write_out.hpp"
#include "transfer/client.hpp"
#include "transfer/output.hpp"
#include "transfer/transfer.hpp"

#include <memory>
#include <optional>
#include <string>

namespace viaduct_curl {

/// One URL of the command line up to its last answer, redirects included: each chooses its route anew.
class session
{
public:
    /// All of them must outlive it.
    session(client& with, operation const& wanted, url const& to, output& out, verbose& log);

    /// Does everything. A failure is in the report.
    [[nodiscard]] report run();

private:
    void follow();
    [[nodiscard]] std::optional<url> fetch();
    [[nodiscard]] curl_socket_t open_tunnel(std::shared_ptr<route const> const& way,
                                            std::string const& gate) noexcept;
    [[nodiscard]] failure no_way(viaduct::error_code why, viaduct::dial_report const& report) const;
    void show_connect_heads(path const& way);
    [[nodiscard]] std::optional<url> perform(transfer& t);
    void collect(transfer const& t, clock::time_point began);
    void collect(path const& way);
    void collect_addresses(path const& way);
    void collect_tunnel(CURL* from);
    [[nodiscard]] failure describe(transfer const& t, CURLcode code) const;

    [[nodiscard]] clock::time_point connect_deadline() const;
    [[nodiscard]] std::chrono::milliseconds left(std::chrono::milliseconds limit) const;

    client& client_;
    operation const& wanted_;
    output& output_;
    verbose& log_;
    clock::time_point start_ = clock::now();
    clock::time_point connected_by_; // of the request under way
    request request_;
    bool uses_tunnel_ = false;         // the request under way
    std::optional<failure> no_tunnel_; // why libcurl got none
    report report_;
};

} // namespace viaduct_curl

#endif

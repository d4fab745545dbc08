#ifndef VIADUCT_CURL_TRANSFER_SESSION_HPP
#define VIADUCT_CURL_TRANSFER_SESSION_HPP

#include "command/command_line.hpp"
#include "failure.hpp"
#include "path/path.hpp"
#include "path/route.hpp"
#include "tell/verbose.hpp"
#include "tell/write_out.hpp"
#include "transfer/answer.hpp"
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
    session(client& with, operation const& wanted, request first, output& out, answer& goes, verbose& log);

    /// Does everything. A failure is in the report.
    [[nodiscard]] report run();

private:
    void follow();
    [[nodiscard]] std::optional<url> fetch();
    [[nodiscard]] curl_socket_t open_tunnel(std::shared_ptr<route const> const& way, gate const& at) noexcept;
    [[nodiscard]] failure no_way(viaduct::error_code why, viaduct::dial_report const& report) const;
    [[nodiscard]] std::optional<url> perform(transfer& t);
    void expect_allowed(url const& next);
    void collect(transfer const& t, clock::time_point began);
    void collect_head(CURL* from);
    void collect_connection(CURL* from);
    void collect_times(CURL* from, report::duration offset);
    void collect_rounds(CURL* from, report::duration offset);
    void note_scheme();
    void collect(path const& way);
    void collect_addresses(path const& way);
    void collect_reply(path const& way);
    void collect_attempts(path const& way);
    void note_route(route const& way, std::size_t which = 0);
    void collect_certificates(CURL* from);
    void collect_tunnel(CURL* from);
    [[nodiscard]] failure describe(transfer const& t, CURLcode code) const;

    [[nodiscard]] clock::time_point connect_deadline() const;
    [[nodiscard]] std::chrono::milliseconds left(std::chrono::milliseconds limit) const;

    client& client_;
    operation const& wanted_;
    output& output_;
    answer& answer_;
    verbose& log_;
    clock::time_point start_ = clock::now();
    clock::time_point request_start_; // of the request under way, as are the next ones
    clock::time_point connected_by_;
    request request_;
    bool uses_tunnel_ = false;
    bool has_dialled_ = false;
    std::optional<failure> no_tunnel_; // why libcurl got none
    report report_;
};

} // namespace viaduct_curl

#endif

#ifndef VIADUCT_CURL_SESSION_HPP
#define VIADUCT_CURL_SESSION_HPP

#include "command_line.hpp"
#include "failure.hpp"
#include "output.hpp"
#include "path.hpp"
#include "route.hpp"
#include "transfer.hpp"
#include "verbose.hpp"
#include "write_out.hpp"

#include <optional>
#include <string>

namespace viaduct_curl {

/// The command from its URL to the last answer, redirects included: each of them chooses its route anew.
class session
{
public:
    session(command_line const& command, url const& to, output& out, verbose& log);

    /// Does everything. A failure is in the report.
    [[nodiscard]] report run();

private:
    void follow();
    [[nodiscard]] std::optional<url> fetch();
    void reach(path& way, viaduct::proxy_url const& proxy);
    void open_tunnel(path& way);
    [[noreturn]] void fail(viaduct::error_code why, viaduct::dial_report report, std::string const& proxy);
    void show_connect_heads(path const& way);
    [[nodiscard]] std::optional<url> perform(transfer& t);
    void collect(transfer const& t, clock::time_point began);
    void collect(path const& way);
    [[nodiscard]] failure describe(transfer const& t, CURLcode code) const;
    void redirect_to(url next);

    [[nodiscard]] clock::time_point connect_deadline() const;
    [[nodiscard]] std::chrono::milliseconds left(std::chrono::milliseconds limit) const;

    command_line const& command_;
    output& output_;
    verbose& log_;
    clock::time_point start_ = clock::now();
    clock::time_point connected_by_; // of the request under way
    request request_;
    known_proxies known_;
    report report_;
};

} // namespace viaduct_curl

#endif

#ifndef VIADUCT_CURL_PATH_CROWD_TELLER_HPP
#define VIADUCT_CURL_PATH_CROWD_TELLER_HPP

#include "path/teller.hpp"
#include "tell/verbose.hpp"
#include <viaduct/client/dial_observer.hpp>
#include <viaduct/client/proxy_list.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace viaduct_curl {

/// Tells -v of dials that are under way at once: each line begins with the number of its dial.
class crowd_teller : public viaduct::dial_observer
{
public:
    /// @param log Must outlive it.
    crowd_teller(verbose const& log, viaduct::proxy_list ways) : log_{log}, ways_{std::move(ways)} {}

protected:
    using moment = viaduct::dial_moment;
    using error_code = viaduct::error_code;

    void on_resolving(moment const& now, viaduct::authority const& whom) override;
    void on_connecting(moment const& now, endpoint const& to) override;
    void on_connect_failed(moment const& now, endpoint const& to, error_code why) override;
    void on_connected(moment const& now, endpoint const& remote, endpoint const& local) override;
    void on_secured(moment const& now, viaduct::tls_facts const& facts, error_code ec) override;
    void on_asking(moment const& now, viaduct::authority const& target) override;
    void on_authorizing(moment const& now, std::string_view scheme) override;
    void on_request(moment const& now, viaduct::redacted_request const& request) override;
    void on_answer(moment const& now, std::string_view head, viaduct::connect_reply const& reply,
                   error_code ec) override;
    void on_reconnecting(moment const& now) override;
    void on_failed(moment const& now, viaduct::connect_failure const& what) override;
    void on_established(moment const& now, viaduct::dial_report const& report) override;

    /// The next lines are about this dial.
    [[nodiscard]] viaduct::dial_observer& about(moment const& now);

    verbose const& log_;

private:
    viaduct::proxy_list ways_;
    std::map<std::uint64_t, teller> tellers_; // of the dials that are under way
};

} // namespace viaduct_curl

#endif

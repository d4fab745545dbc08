#ifndef VIADUCT_CURL_PATH_TELLER_HPP
#define VIADUCT_CURL_PATH_TELLER_HPP

#include "tell/verbose.hpp"
#include <viaduct/client/dial_observer.hpp>
#include <viaduct/client/proxy_list.hpp>

#include <cstddef>
#include <string>

namespace viaduct_curl {

/// Tells -v of a dial, in curl's words, while it happens; counts what -w wants to know.
class teller : public viaduct::dial_observer
{
public:
    /// Both must outlive it.
    teller(verbose const& log, viaduct::proxy_list const& ways) : log_{log}, ways_{ways} {}

    /// The octets of all CONNECT requests.
    [[nodiscard]] std::size_t request_size() const noexcept { return request_size_; }

    /// The TCP connections that came about.
    [[nodiscard]] long connects() const noexcept { return connects_; }

private:
    using moment = viaduct::dial_moment;
    using error_code = viaduct::error_code;

    void on_resolving(moment const&, viaduct::authority const& whom) override;
    void on_connecting(moment const&, endpoint const& to) override;
    void on_connect_failed(moment const&, endpoint const& to, error_code why) override;
    void on_connected(moment const&, endpoint const& remote, endpoint const&) override;
    void on_secured(moment const&, viaduct::tls_facts const& facts, error_code ec) override;
    void on_asking(moment const& now, viaduct::authority const& target) override;
    void on_authorizing(moment const& now, std::string_view scheme) override;
    void on_request(moment const&, viaduct::redacted_request const& request) override;
    void on_answer(moment const&, std::string_view head, viaduct::connect_reply const& reply,
                   error_code ec) override;
    void on_reconnecting(moment const&) override;
    void on_failed(moment const&, viaduct::connect_failure const& what) override;
    void on_established(moment const&, viaduct::dial_report const& report) override;

    [[nodiscard]] std::string user_of(moment const& now) const;
    void announce();

    verbose const& log_;
    viaduct::proxy_list const& ways_;
    std::string target_;
    bool is_announced_ = false; // the request that comes next
    std::string stop_;          // the host that is being connected to
    std::size_t request_size_ = 0;
    long connects_ = 0;
};

} // namespace viaduct_curl

#endif

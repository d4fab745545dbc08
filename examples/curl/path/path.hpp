#ifndef VIADUCT_CURL_PATH_PATH_HPP
#define VIADUCT_CURL_PATH_PATH_HPP

#include "command/command_line.hpp"
#include "path/dial_settings.hpp"
#include "path/route.hpp"
#include "path/teller.hpp"
#include "tell/verbose.hpp"
#include <viaduct/client/dialer_options.hpp>
#include <viaduct/client/tunnel.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/http/authority.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace viaduct_curl {

using clock = std::chrono::steady_clock;

/// When everything began, and until when the way must be there.
struct schedule
{
    clock::time_point start;
    clock::time_point connected_by;
};

/// The connection that libcurl does not make: to a proxy, or through proxies to the origin.
class path
{
public:
    /// The operation and the log must outlive it.
    path(operation const& wanted, std::shared_ptr<route const> way, schedule when, verbose const& log);

    /// Opens a tunnel; a refusal is an outcome like any other.
    /** @param wish Where it is to lead, unless --connect-to says otherwise.
     * @param known Must outlive it.
     * @throws failure for options that cannot be used. */
    viaduct::error_code open(viaduct::authority const& wish, known_proxies& known);

    /// What came of it.
    [[nodiscard]] viaduct::dial_report const& report() const noexcept { return tunnel_.report(); }

    /// The size of all CONNECT requests.
    [[nodiscard]] std::size_t request_size() const noexcept { return teller_->request_size(); }

    /// How many TCP connections it took.
    [[nodiscard]] long connects() const noexcept { return teller_->connects(); }

    /// From the start of everything to the start of the dial: to be added to the report's times.
    [[nodiscard]] clock::duration offset() const noexcept { return began_ - when_.start; }

    [[nodiscard]] viaduct::net::io_context& context() noexcept { return context_; }
    [[nodiscard]] viaduct::tunnel& tunnel() noexcept { return tunnel_; }

private:
    operation const& wanted_;
    std::shared_ptr<route const> way_;
    schedule when_;
    clock::time_point began_ = clock::now();
    std::shared_ptr<teller> teller_;
    viaduct::net::io_context context_;
    viaduct::tunnel tunnel_;
};

} // namespace viaduct_curl

#endif

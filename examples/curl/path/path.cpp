#include "path/path.hpp"

#include "path/connection_settings.hpp"
#include <viaduct/client/dialer.hpp>

#include <algorithm>
#include <utility>

namespace viaduct_curl {

using namespace std::chrono_literals;
namespace net = viaduct::net;

path::path(operation const& wanted, std::shared_ptr<route const> way, schedule when, verbose const& log)
    : wanted_{wanted},
      way_{std::move(way)},
      when_{when},
      teller_{std::make_shared<teller>(log, way_->ways)}
{}

/// curl has one clock for all of it.
viaduct::error_code path::open(viaduct::authority const& wish, known_proxies& known)
{
    auto const target = connect_target(wanted_, wish);
    auto options = make_dialer_options(wanted_, way_->ways, known);
    set_connection(wanted_, way_->ways, target, options);
    viaduct::error_code ec;
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(when_.connected_by - clock::now());
    options.timeout = std::max(left, 1ms); // zero would be no limit
    options.resolve_timeout = options.tls_timeout = options.connect.timeout = 0ms;
    options.clocks.attempt = options.clocks.total = 0ms;
    options.observer = teller_;
    began_ = clock::now();
    tunnel_ = viaduct::dial(context_, target, options, ec);
    if (!ec) set_keep_alive(wanted_, tunnel_.lowest_layer());
    return ec;
}

} // namespace viaduct_curl

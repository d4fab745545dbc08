#include "path.hpp"

#include "failure.hpp"
#include <viaduct/client/connect_tunnel.hpp>
#include <viaduct/http/content_length.hpp>
#include <viaduct/net/connect_any.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;
namespace net = viaduct::net;

constexpr std::chrono::milliseconds attempt_limit = 5s; // for an address that has others behind it

} // namespace

std::string address_and_port(net::ip::tcp::endpoint const& endpoint)
{
    auto const address = endpoint.address().to_string();
    auto const host = endpoint.address().is_v6() ? '[' + address + ']' : address;
    return fmt::format("{}:{}", host, endpoint.port());
}

path::path(viaduct::proxy_url const& proxy, schedule when, verbose const& log)
    : proxy_{proxy},
      when_{when},
      log_{log},
      resolver_{1},
      socket_{context_}
{}

long long path::elapsed_ms() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed()).count();
}

std::chrono::milliseconds path::left() const
{
    auto const time =
        std::chrono::duration_cast<std::chrono::milliseconds>(when_.connected_by - clock::now());
    return std::max(time, 1ms); // zero would be no limit
}

path::endpoints path::resolve()
{
    std::optional<viaduct::error_code> outcome;
    endpoints found;
    resolver_.async_resolve(context_.get_executor(), proxy_.endpoint.host(), proxy_.endpoint.port(),
                            [&](viaduct::error_code ec, endpoints answer) {
                                outcome = ec;
                                found = std::move(answer);
                            });
    context_.run_until(when_.connected_by);
    if (!outcome)
        throw failure{CURLE_OPERATION_TIMEDOUT,
                      fmt::format("Resolving timed out after {} milliseconds", elapsed_ms())};
    if (*outcome)
        throw failure{CURLE_COULDNT_RESOLVE_PROXY,
                      fmt::format("Could not resolve proxy: {}", proxy_.endpoint.host())};
    resolved_ = elapsed();
    return found;
}

viaduct::error_code path::connect(net::ip::tcp::endpoint to, std::chrono::milliseconds limit)
{
    viaduct::error_code outcome;
    log_.note(fmt::format("  Trying {}...", address_and_port(to)));
    viaduct::async_connect_any(socket_, {to}, {limit, limit},
                               [&](viaduct::error_code ec, net::ip::tcp::endpoint const&) { outcome = ec; });
    context_.restart();
    context_.run();
    if (outcome)
        log_.note(fmt::format("connect to {} port {} failed: {}", to.address().to_string(), to.port(),
                              outcome.message()));
    return outcome;
}

void path::reach()
{
    viaduct::error_code outcome;
    auto const found = resolve();
    for (auto const& endpoint : found) {
        bool const last = &endpoint == &found.back();
        remote_ = endpoint;
        outcome = connect(endpoint, last ? left() : std::min(left(), attempt_limit));
        if (!outcome || clock::now() >= when_.connected_by) break;
    }
    auto const& host = proxy_.endpoint.host();
    auto const port = proxy_.endpoint.port();
    if (outcome == viaduct::errc::connect_timeout)
        throw failure{CURLE_OPERATION_TIMEDOUT,
                      fmt::format("Connection timed out after {} milliseconds", elapsed_ms())};
    if (outcome)
        throw failure{CURLE_COULDNT_CONNECT,
                      fmt::format("Failed to connect to {} port {} after {} ms: {}", host, port, elapsed_ms(),
                                  curl_easy_strerror(CURLE_COULDNT_CONNECT))};
    connected_ = elapsed();
    local_ = socket_.local_endpoint(outcome);
    log_.note(fmt::format("Connected to {} ({}) port {}", host, remote_.address().to_string(), port));
}

void path::tell_request(viaduct::authority const& target, viaduct::connect_options const& options)
{
    viaduct::client_handshake const same{target, options}; // for its text
    request_size_ = same.request().size();
    log_.note(fmt::format("Establishing HTTP proxy tunnel to {}", target.text()));
    if (options.who) log_.note(fmt::format("Proxy auth using Basic with user '{}'", options.who->user));
    log_.sent(same.request());
}

viaduct::error_code path::ask(viaduct::authority const& target, viaduct::connect_options options)
{
    viaduct::error_code outcome;
    if (!options.who) options.who = proxy_.who;
    options.timeout = left();
    options.max_body = 0; // as curl, which does not show it
    tell_request(target, options);
    viaduct::async_connect_tunnel(socket_, target, options,
                                  [&](viaduct::error_code ec, viaduct::connect_reply reply) {
                                      outcome = ec;
                                      reply_ = std::move(reply);
                                  });
    context_.restart();
    context_.run();
    if (!reply_.heads.empty()) log_.received(reply_.heads);
    auto const ignored = viaduct::content_length(reply_.fields.list());
    if (reply_.status == 407 && ignored) log_.note(fmt::format("Ignore {} bytes of response-body", *ignored));
    if (outcome) return outcome;
    established_ = elapsed();
    log_.note("CONNECT phase completed");
    log_.note(fmt::format("CONNECT tunnel established, response {}", reply_.status));
    return outcome;
}

} // namespace viaduct_curl

#include "transfer/session.hpp"

#include "path/dial_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;

[[nodiscard]] viaduct::authority target_of(url const& to)
{
    try {
        return {to.host, to.port};
    } catch (viaduct::system_error const& e) {
        throw failure{CURLE_URL_MALFORMAT,
                      fmt::format("{} is no host for a CONNECT: {}", to.host, e.code().message())};
    }
}

[[nodiscard]] std::chrono::milliseconds milliseconds(clock::duration time)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

/// Octets a second.
[[nodiscard]] std::int64_t speed(std::int64_t octets, report::duration time)
{
    if (time.count() <= 0) return 0;
    return static_cast<std::int64_t>(static_cast<double>(octets) / time.count());
}

} // namespace

session::session(client& with, operation const& wanted, request first, output& out, answer& goes,
                 verbose& log)
    : client_{with},
      wanted_{wanted},
      output_{out},
      answer_{goes},
      log_{log},
      request_{std::move(first)}
{}

report session::run()
{
    try {
        follow();
    } catch (failure const& e) {
        report_.exit_code = e.exit_code();
        report_.error = e.message();
    }
    report_.total = clock::now() - start_;
    report_.download_speed = speed(report_.downloaded, report_.total);
    report_.upload_speed = speed(report_.uploaded, report_.total);
    return report_;
}

void session::follow()
{
    while (auto next = fetch()) {
        if (wanted_.redirect.max >= 0 && report_.redirects >= wanted_.redirect.max)
            throw failure{CURLE_TOO_MANY_REDIRECTS,
                          fmt::format("Maximum ({}) redirects followed", wanted_.redirect.max)};
        ++report_.redirects;
        report_.redirect = clock::now() - start_;
        log_.note(fmt::format("Issue another request to this URL: '{}'",
                              next->user || next->password ? next->bare : next->text));
        expect_allowed(*next);
        redirect(request_, wanted_.redirect, report_.status, std::move(*next));
    }
    if (wanted_.answer.fail_with_body && report_.status >= 400)
        throw failure{CURLE_HTTP_RETURNED_ERROR,
                      fmt::format("The requested URL returned error: {}", report_.status)};
}

/// One request on its route; where the answer leads, if it is a redirect to be followed.
std::optional<url> session::fetch()
{
    report_.effective_url = request_.to.text;
    auto const way = std::make_shared<route const>(choose_route(wanted_, request_.to, log_));
    uses_tunnel_ = way->how == route::kind::tunnel;
    note_route(*way);
    has_dialled_ = false;
    log_.path_is_told(uses_tunnel_);
    request_start_ = clock::now();
    connected_by_ = connect_deadline();
    client_.use_cookies(wanted_.request.keeps_cookies());
    transfer t{client_.handle(), wanted_, request_, answer_, log_};
    report_.method = wanted_.request.method.value_or(request_.method);
    t.continue_at(wanted_.answer.continue_at.value_or(output_.initial_size()));
    if (!uses_tunnel_) t.use_network();
    if (way->how == route::kind::forward) t.use_proxy(way->proxy());
    if (!uses_tunnel_) return perform(t);
    auto const& at = client_.open_tunnels().gate_of(to_key(*way, wanted_));
    t.use_tunnels(at, client_.opened_by([this, way, at] { return open_tunnel(way, at); }));
    return perform(t);
}

void session::note_route(route const& way, std::size_t which)
{
    report_.proxy_used = way.how != route::kind::direct;
    report_.route.clear();
    if (report_.proxy_used)
        for (auto const& proxy : way.ways[which])
            report_.route.push_back(to_text(proxy));
    report_.route.push_back(fmt::format("{}:{}", request_.to.host, request_.to.port));
}

/// libcurl has no connection that it could use.
curl_socket_t session::open_tunnel(std::shared_ptr<route const> const& way, gate const& at) noexcept
try {
    auto tunnel = std::make_unique<path>(wanted_, way, schedule{request_start_, connected_by_}, log_);
    auto const why = tunnel->open(target_of(request_.to), client_.known());
    has_dialled_ = true;
    note_route(*way, tunnel->report().way);
    collect(*tunnel);
    if (!answer_.take_connect_heads(tunnel->report().reply.heads))
        throw failure{CURLE_WRITE_ERROR, answer_.error()};
    if (!why) return client_.open_tunnels().admit(std::move(tunnel), at);
    report_.connection_refused = why == viaduct::net::error::connection_refused;
    if (!answer_.take_refusal(tunnel->report().reply.body)) throw failure{CURLE_WRITE_ERROR, answer_.error()};
    no_tunnel_ = no_way(why, tunnel->report());
    log_.note(no_tunnel_->message());
    return CURL_SOCKET_BAD;
} catch (failure const& e) {
    no_tunnel_ = e;
    return CURL_SOCKET_BAD;
} catch (std::exception const& e) {
    no_tunnel_ = failure{CURLE_FAILED_INIT, e.what()};
    return CURL_SOCKET_BAD;
}

failure session::no_way(viaduct::error_code why, viaduct::dial_report const& report) const
{
    return viaduct_curl::describe(wanted_, {why, report}, milliseconds(clock::now() - start_));
}

std::optional<url> session::perform(transfer& t)
{
    auto const began = clock::now();
    t.set_clocks(left(wanted_.max_time), std::max(milliseconds(connected_by_ - began), 1ms));
    auto const code = t.run();
    collect(t, began);
    if (no_tunnel_) throw *no_tunnel_;
    if (code != CURLE_OK) throw describe(t, code);
    if (!wanted_.redirect.follow || report_.redirect_url.empty()) return std::nullopt;
    return parse_url(report_.redirect_url, wanted_.request);
}

void session::expect_allowed(url const& next)
{
    bool const is_allowed = next.is_https() ? wanted_.redirect.to_https : wanted_.redirect.to_http;
    if (is_allowed) return;
    report_.effective_url = next.text;
    report_.redirect_url.clear();
    throw failure{CURLE_UNSUPPORTED_PROTOCOL, fmt::format("Protocol \"{}\" not supported", next.scheme)};
}

failure session::describe(transfer const& t, CURLcode code) const
{
    if (answer_.failed()) return {CURLE_WRITE_ERROR, answer_.error()};
    auto const text = t.error(code);
    if (!text.starts_with("Operation timed out after ")) return {code, text};
    auto const rest = text.find(" milliseconds "); // libcurl does not know when everything began
    return {code, fmt::format("Operation timed out after {}{}", milliseconds(clock::now() - start_).count(),
                              rest == std::string::npos ? "" : text.substr(rest))};
}

clock::time_point session::connect_deadline() const
{
    auto const connect = wanted_.connect_timeout == 0ms ? std::chrono::minutes{5} : wanted_.connect_timeout;
    return clock::now() + (wanted_.max_time == 0ms ? connect : std::min(connect, left(wanted_.max_time)));
}

/// What is left of a limit that began with everything; zero stays no limit.
std::chrono::milliseconds session::left(std::chrono::milliseconds limit) const
{
    if (limit == 0ms) return limit;
    return std::max(limit - milliseconds(clock::now() - start_), 1ms);
}

} // namespace viaduct_curl

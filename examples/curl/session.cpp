#include "session.hpp"

#include "address_text.hpp"
#include "bridge.hpp"
#include "dial_failure.hpp"
#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;

constexpr long max_redirects = 50;

/// Whether a line of -H holds what is meant for the first origin only.
[[nodiscard]] bool is_secret(std::string const& line)
{
    auto const name = std::string_view{line}.substr(0, line.find_first_of(":;"));
    return viaduct::characters::iequals(name, "Authorization") ||
           viaduct::characters::iequals(name, "Cookie");
}

[[nodiscard]] request first_request(command_line const& command, url const& to)
{
    request result{.to = to, .body = command.body, .headers = command.headers};
    if (command.head)
        result.method = "HEAD";
    else if (command.body)
        result.method = "POST";
    result.user = to.user;
    result.password = to.password;
    if (to.user || !command.user) return result;
    auto const colon = std::min(command.user->find(':'), command.user->size());
    result.user = command.user->substr(0, colon);
    result.password = command.user->substr(std::min(colon + 1, command.user->size()));
    return result;
}

[[nodiscard]] viaduct::authority target_of(url const& to)
{
    try {
        return {to.host, to.port};
    } catch (viaduct::system_error const& e) {
        throw failure{CURLE_URL_MALFORMAT,
                      fmt::format("{} is no host for a CONNECT: {}", to.host, e.code().message())};
    }
}

} // namespace

session::session(command_line const& command, url const& to, output& out, verbose& log)
    : command_{command},
      output_{out},
      log_{log},
      request_{first_request(command, to)}
{
    report_.url = command.url;
}

report session::run()
{
    try {
        follow();
    } catch (failure const& e) {
        report_.exit_code = e.exit_code();
        report_.error = e.message();
    }
    report_.file_name = output_.name();
    report_.total = clock::now() - start_;
    return report_;
}

void session::follow()
{
    while (auto const next = fetch()) {
        if (report_.redirects == max_redirects)
            throw failure{CURLE_TOO_MANY_REDIRECTS,
                          fmt::format("Maximum ({}) redirects followed", max_redirects)};
        ++report_.redirects;
        report_.redirect = clock::now() - start_;
        log_.note(fmt::format("Issue another request to this URL: '{}'", next->text));
        redirect_to(*next);
    }
    if (!output_.touch()) throw failure{CURLE_WRITE_ERROR, output_.error()};
}

/// One request on its route; where the answer leads, if it is a redirect to be followed.
std::optional<url> session::fetch()
{
    report_.effective_url = request_.to.text;
    report_.scheme = request_.to.is_https() ? "HTTPS" : "HTTP";
    report_.method = command_.method.value_or(request_.method);
    auto const way = choose_route(command_, request_.to, log_);
    report_.proxy_used = way.how != route::kind::direct;
    bool const path_is_ours = way.how == route::kind::forward || way.how == route::kind::tunnel;
    log_.path_is_told(path_is_ours);
    connected_by_ = connect_deadline();
    if (!path_is_ours) {
        transfer whole{command_, request_, output_, log_};
        if (report_.proxy_used) whole.hand_over_to(way.proxy());
        return perform(whole);
    }
    path reached{command_, way, {start_, connected_by_}, log_};
    if (way.how == route::kind::forward) {
        reach(reached, way.proxy());
        transfer forwarded{command_, request_, output_, log_};
        auto const* const who = way.proxy().who ? &*way.proxy().who : nullptr;
        forwarded.use_proxy("http://" + address_and_port(reached.report().remote), who,
                            reached.tunnel().release().release());
        return perform(forwarded);
    }
    open_tunnel(reached);
    bridge const into_tunnel{reached.context(), reached.tunnel()};
    transfer tunnelled{command_, request_, output_, log_};
    tunnelled.use_bridge(into_tunnel.name());
    return perform(tunnelled);
}

void session::reach(path& way, viaduct::proxy_url const& proxy)
{
    auto const why = way.reach();
    collect(way);
    if (why) fail(why, way.report(), to_text(proxy));
}

void session::open_tunnel(path& way)
{
    auto const why = way.open(target_of(request_.to), known_);
    collect(way);
    show_connect_heads(way);
    if (why) fail(why, way.report(), way.report().hop);
}

/// Tells that there is no way to the origin.
void session::fail(viaduct::error_code why, viaduct::dial_report report, std::string const& proxy)
{
    report.hop = proxy;
    auto const after = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start_);
    auto const e = viaduct_curl::describe(command_, {why, std::move(report)}, after);
    log_.note(e.message());
    throw e;
}

void session::show_connect_heads(path const& way)
{
    if (!command_.include || command_.suppress_connect_headers) return;
    auto const& heads = way.report().reply.heads;
    if (heads.empty() || output_.write(output_.is_terminal() ? printable(heads) : heads)) return;
    throw failure{CURLE_WRITE_ERROR, output_.error()};
}

std::optional<url> session::perform(transfer& t)
{
    auto const began = clock::now();
    auto const connect = std::chrono::duration_cast<std::chrono::milliseconds>(connected_by_ - began);
    t.set_clocks(left(command_.max_time), std::max(connect, 1ms));
    auto const code = t.run();
    collect(t, began);
    if (code != CURLE_OK) throw describe(t, code);
    if (!command_.location || report_.redirect_url.empty()) return std::nullopt;
    return parse_url(report_.redirect_url);
}

failure session::describe(transfer const& t, CURLcode code) const
{
    if (output_.failed()) return {CURLE_WRITE_ERROR, output_.error()};
    auto const text = t.error(code);
    if (!text.starts_with("Operation timed out after ")) return {code, text};
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start_).count();
    auto const rest = text.find(" milliseconds "); // libcurl does not know of the way to it
    return {code, fmt::format("Operation timed out after {}{}", ms,
                              rest == std::string::npos ? "" : text.substr(rest))};
}

/// A POST becomes a GET as it does in browsers, and what was for the old origin stays there.
void session::redirect_to(url next)
{
    bool const becomes_get = request_.method == "POST" && (report_.status <= 303);
    if (becomes_get) {
        request_.method = "GET";
        request_.body.reset();
    }
    if (!next.same_origin(request_.to)) {
        request_.user.reset();
        request_.password.reset();
        std::erase_if(request_.headers, is_secret);
    }
    if (next.user) {
        request_.user = next.user;
        request_.password = next.password;
    }
    request_.to = std::move(next);
}

clock::time_point session::connect_deadline() const
{
    auto const connect = command_.connect_timeout == 0ms ? std::chrono::minutes{5} : command_.connect_timeout;
    return clock::now() + (command_.max_time == 0ms ? connect : std::min(connect, left(command_.max_time)));
}

/// What is left of a limit that began with everything; zero stays no limit.
std::chrono::milliseconds session::left(std::chrono::milliseconds limit) const
{
    if (limit == 0ms) return limit;
    auto const used = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start_);
    return std::max(limit - used, 1ms);
}

} // namespace viaduct_curl

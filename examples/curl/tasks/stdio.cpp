#include "tasks/stdio.hpp"

#include "command/values.hpp"
#include "failure.hpp"
#include "path/dial_failure.hpp"
#include "path/path.hpp"
#include "tasks/say.hpp"
#include "tasks/standard_streams.hpp"
#include "tasks/tunnel_target.hpp"
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/relay/relay.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;
namespace net = viaduct::net;
using local_socket = net::local::stream_protocol::socket;

/// One word, HOST:PORT, or two.
[[nodiscard]] viaduct::authority target_of(operation const& wanted)
{
    std::string text;
    for (auto const& word : wanted.targets) {
        if (!word.url) continue;
        if (!text.empty()) text += ':';
        text += *word.url;
    }
    if (text.empty()) misuse("--stdio: no HOST:PORT specified!");
    return read_tunnel_target(text);
}

[[nodiscard]] schedule make_schedule(operation const& wanted)
{
    auto const now = clock::now();
    std::chrono::milliseconds limit = wanted.connect_timeout == 0ms ? 5min : wanted.connect_timeout;
    if (wanted.max_time != 0ms) limit = std::min(limit, wanted.max_time);
    return {now, now + limit};
}

[[nodiscard]] std::chrono::milliseconds since(clock::time_point start)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start);
}

/// How a relay ended.
struct outcome
{
    viaduct::error_code error{};
    viaduct::relay_result result{};
};

/// @param lifetime Zero: as long as it takes. Silence is the business of those who talk.
[[nodiscard]] outcome relay(path& way, local_socket& local, std::chrono::milliseconds lifetime)
{
    viaduct::relay_options options;
    options.idle_timeout = options.half_close_timeout = 0ms;
    options.lifetime = lifetime;
    outcome came;
    auto const done = [&](viaduct::error_code ec, viaduct::relay_result const& result) {
        came = {ec, result};
    };
    auto& far = way.tunnel();
    if (far.is_plain())
        viaduct::async_relay(local, far.lowest_layer(), options, done);
    else
        viaduct::async_relay(local, far, options, done);
    way.context().restart();
    way.context().run();
    return came;
}

[[nodiscard]] failure timeout_after(std::chrono::milliseconds time)
{
    return {CURLE_OPERATION_TIMEDOUT, fmt::format("Operation timed out after {} milliseconds", time.count())};
}

[[nodiscard]] failure describe_end(outcome const& came, std::chrono::milliseconds after)
{
    if (came.error == viaduct::errc::lifetime_exceeded) return timeout_after(after);
    return {CURLE_RECV_ERROR, fmt::format("The tunnel broke: {}", came.error.message())};
}

/// Carries octets until both directions have ended.
/** @param limit For everything since the start; zero: none. */
void carry(path& way, std::chrono::milliseconds limit, clock::time_point start)
{
    local_socket near{way.context()};
    local_socket far{way.context()};
    net::local::connect_pair(near, far);
    standard_streams streams{far.release(), limit == 0ms ? std::nullopt : std::optional{start + limit}};
    auto const came = relay(way, near, limit == 0ms ? 0ms : std::max(limit - since(start), 1ms));
    viaduct::error_code ignored;
    near.close(ignored);
    way.tunnel().close(ignored);
    streams.finish();
    if (streams.timed_out()) throw timeout_after(since(start));
    if (streams.write_failed()) throw failure{CURLE_WRITE_ERROR, ""};
    if (came.error) throw describe_end(came, since(start));
}

void open_and_carry(operation const& wanted, viaduct::authority const& target, verbose const& log)
{
    auto const when = make_schedule(wanted);
    known_proxies known;
    path way{wanted, choose_tunnel(wanted, target, log), when, log};
    if (auto const why = way.open(target, known))
        throw describe(wanted, {why, way.report()}, since(when.start));
    carry(way, wanted.max_time, when.start);
}

} // namespace

int run_stdio(command_line const& command)
{
    auto const& wanted = command.operations.front();
    verbose const log{command.telling};
    auto const target = target_of(wanted);
    try {
        open_and_carry(wanted, target, log);
        return CURLE_OK;
    } catch (failure const& e) {
        tell(wanted, e);
        return e.exit_code();
    }
}

} // namespace viaduct_curl

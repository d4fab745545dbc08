#include "manager_pages.hpp"

#include "host_name.hpp"
#include "tunnel_list.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace viaduct_proxy {
namespace {

constexpr std::string_view list_of_tunnels = "/tunnels";
constexpr std::string_view json = "application/json";

[[nodiscard]] viaduct::page text(unsigned status, std::string_view what)
{
    return {.status = status, .content = std::string{what} + '\n'};
}

[[nodiscard]] viaduct::page not_allowed(std::string_view methods)
{
    auto page = text(405, "the page is not there for that");
    page.fields.add("Allow", methods);
    return page;
}

[[nodiscard]] viaduct::page not_found()
{
    return text(404, "there is no such page: / lists them");
}

[[nodiscard]] viaduct::page as_json(std::string content)
{
    return {.content_type = std::string{json}, .content = std::move(content)};
}

/// The page of what `/` lists.
constexpr std::string_view index_page = "/healthz      whether it runs\n"
                                        "/readyz       whether it takes tunnels: 503 while it drains\n"
                                        "/metrics      for Prometheus\n"
                                        "/tunnels      what is being served, as JSON; ?limit=N\n"
                                        "/tunnels/ID   one of them; DELETE ends it";

/// The identity of a tunnel as the log writes it: hexadecimal digits, 16 at most.
[[nodiscard]] std::optional<std::uint64_t> to_id(std::string_view digits)
{
    std::uint64_t id = 0;
    auto const* const end = digits.data() + digits.size();
    auto const read = std::from_chars(digits.data(), end, id, 16);
    bool const whole = read.ec == std::errc{} && read.ptr == end && digits.size() <= 16;
    return whole ? std::optional{id} : std::nullopt;
}

/// `limit=N`, and nothing else.
[[nodiscard]] std::optional<std::size_t> to_limit(std::string_view query)
{
    constexpr std::string_view key = "limit=";
    if (query.empty()) return default_tunnels;
    std::size_t limit = 0;
    if (!query.starts_with(key)) return std::nullopt;
    auto const* const end = query.data() + query.size();
    auto const read = std::from_chars(query.data() + key.size(), end, limit);
    bool const fits = read.ec == std::errc{} && read.ptr == end && limit != 0 && limit <= most_tunnels;
    return fits ? std::optional{limit} : std::nullopt;
}

} // namespace

void manager_pages::attach(viaduct::net::io_context& first, viaduct::worker_pool& proxy, std::size_t workers)
{
    metrics_.attach(proxy, workers);
    context_ = &first;
    proxy_ = &proxy;
}

void manager_pages::make(viaduct::page_request asked, answer reply)
{
    std::string_view const path{asked.path};
    if (!path.starts_with(list_of_tunnels)) return reply(at_once(asked));
    auto const rest = path.substr(list_of_tunnels.size());
    if (!rest.empty() && rest.front() != '/') return reply(not_found());
    // A page in a browser could have its own name lead here, and would be let in as whoever uses the browser.
    if (!is_addressed(asked))
        return reply(text(403, "ask by an address, localhost or the proxy's own name: the Host is another"));
    if (rest.empty()) return tunnels(asked, std::move(reply));
    tunnel(asked, rest.substr(1), std::move(reply));
}

viaduct::page manager_pages::at_once(viaduct::page_request const& asked) const
{
    auto const& path = asked.path;
    bool const is_page = path == "/" || path == "/healthz" || path == "/readyz" || path == "/metrics";
    if (!is_page) return not_found();
    if (asked.method == "DELETE") return not_allowed("GET, HEAD");
    if (path == "/metrics") return metrics_.make();
    if (path == "/readyz") return asked.draining || !ready_ ? text(503, "draining") : text(200, "ready");
    return text(200, path == "/" ? index_page : "ok");
}

bool manager_pages::is_addressed(viaduct::page_request const& asked) const
{
    auto const host = asked.fields.find("Host");
    return host && is_own_host(*host, names_);
}

template <class Ask>
void manager_pages::ask_pool(Ask ask)
{
    viaduct::net::post(*context_,
                       [self = shared_from_this(), ask = std::move(ask)]() mutable { ask(*self->proxy_); });
}

void manager_pages::tunnels(viaduct::page_request const& asked, answer reply)
{
    if (asked.method == "DELETE") return reply(not_allowed("GET, HEAD"));
    auto const limit = to_limit(asked.query);
    if (!limit) return reply(text(400, "the query is limit=N, with N from 1 to 10000"));
    ask_pool([most = *limit, reply = std::move(reply)](viaduct::worker_pool& proxy) mutable {
        proxy.async_tunnels(most + 1, [most, reply = std::move(reply)](auto all) {
            reply(as_json(to_json(std::move(all), most)));
        });
    });
}

void manager_pages::tunnel(viaduct::page_request const& asked, std::string_view digits, answer reply)
{
    auto const id = to_id(digits);
    auto const none = text(404, "there is no such tunnel");
    if (!id) return reply(none);
    bool const ends = asked.method == "DELETE";
    ask_pool([id = *id, none, ends, reply = std::move(reply)](viaduct::worker_pool& proxy) mutable {
        if (ends)
            return proxy.async_end_tunnel(id, [none, reply = std::move(reply)](bool was_there) {
                reply(was_there ? text(200, "it is being ended") : none);
            });
        proxy.async_find_tunnel(id, [none, reply = std::move(reply)](auto found) {
            reply(found ? as_json(to_json(*found)) : none);
        });
    });
}

} // namespace viaduct_proxy

#ifndef VIADUCT_CURL_PATH_HPP
#define VIADUCT_CURL_PATH_HPP

#include "verbose.hpp"
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/net/system_resolver.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace viaduct_curl {

using clock = std::chrono::steady_clock;

/// When everything began, and until when the way must be there.
struct schedule
{
    clock::time_point start;
    clock::time_point connected_by;
};

/// `host:port` of an address, with brackets where they are needed.
[[nodiscard]] std::string address_and_port(viaduct::net::ip::tcp::endpoint const& endpoint);

/// The connection to the proxy, made step by step, so that -v tells each step when it begins.
/** The steps are those of `viaduct::async_dial`, which reports once, at its end. */
class path
{
public:
    path(viaduct::proxy_url const& proxy, schedule when, verbose const& log);

    /// Looks the proxy up and connects to it.
    /** @throws failure with curl's codes: 5, 7 or 28. */
    void reach();

    /// Asks for a tunnel; a refusal is an outcome like any other.
    viaduct::error_code ask(viaduct::authority const& target, viaduct::connect_options options);

    [[nodiscard]] viaduct::connect_reply const& reply() const noexcept { return reply_; }

    /// The size of the CONNECT request.
    [[nodiscard]] std::size_t request_size() const noexcept { return request_size_; }

    [[nodiscard]] viaduct::net::io_context& context() noexcept { return context_; }
    [[nodiscard]] viaduct::net::ip::tcp::socket& socket() noexcept { return socket_; }
    [[nodiscard]] viaduct::net::ip::tcp::endpoint remote() const noexcept { return remote_; }
    [[nodiscard]] viaduct::net::ip::tcp::endpoint local() const noexcept { return local_; }

    // Since the start; zero for a step that was not completed.
    [[nodiscard]] clock::duration resolved() const noexcept { return resolved_; }
    [[nodiscard]] clock::duration connected() const noexcept { return connected_; }
    [[nodiscard]] clock::duration established() const noexcept { return established_; }

private:
    using endpoints = std::vector<viaduct::net::ip::tcp::endpoint>;

    [[nodiscard]] clock::duration elapsed() const { return clock::now() - when_.start; }
    [[nodiscard]] long long elapsed_ms() const;
    [[nodiscard]] std::chrono::milliseconds left() const;
    [[nodiscard]] endpoints resolve();
    [[nodiscard]] viaduct::error_code connect(viaduct::net::ip::tcp::endpoint to,
                                              std::chrono::milliseconds limit);
    void tell_request(viaduct::authority const& target, viaduct::connect_options const& options);

    viaduct::proxy_url proxy_;
    schedule when_;
    verbose const& log_;
    viaduct::net::io_context context_;
    viaduct::system_resolver resolver_;
    viaduct::net::ip::tcp::socket socket_;
    viaduct::net::ip::tcp::endpoint remote_;
    viaduct::net::ip::tcp::endpoint local_;
    viaduct::connect_reply reply_;
    std::size_t request_size_ = 0;
    clock::duration resolved_{};
    clock::duration connected_{};
    clock::duration established_{};
};

} // namespace viaduct_curl

#endif

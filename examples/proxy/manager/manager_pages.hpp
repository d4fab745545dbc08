#ifndef VIADUCT_EXAMPLES_PROXY_MANAGER_MANAGER_PAGES_HPP
#define VIADUCT_EXAMPLES_PROXY_MANAGER_MANAGER_PAGES_HPP

#include "metrics_page.hpp"
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/server/page.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {

/// The proxy's own pages: `/metrics`, `/healthz`, `/readyz`, `/tunnels`; `/` lists them.
/**
 * To be given to the service's options, and to be told of the pool before it starts: `attach`. Made by
 * `std::make_shared`. Any thread may ask for a page.
 */
class manager_pages final : public viaduct::page_source, public std::enable_shared_from_this<manager_pages>
{
public:
    /// @param names Those that the proxy goes by, beside its addresses and `localhost`.
    explicit manager_pages(std::vector<std::string> names) : names_{std::move(names)} {}

    /// What the pages tell of, and where it is asked: before the pool starts. The context is not to be run
    /// once the pool is gone.
    void attach(viaduct::net::io_context& first, viaduct::worker_pool& proxy, std::size_t workers);

    /// Whether new clients are welcome: for `/readyz`, which also knows of a drain.
    void set_ready(bool ready) noexcept { ready_ = ready; }

    /// The configuration has been read anew.
    void on_reload() noexcept { metrics_.on_reload(); }

    /// Counts for `/metrics`: to be among the logs; null if this build has none.
    [[nodiscard]] std::shared_ptr<viaduct::log_sink> counts() const { return metrics_.counts(); }

    void make(viaduct::page_request asked, std::function<void(viaduct::page)> reply) override;

private:
    using answer = std::function<void(viaduct::page)>;

    [[nodiscard]] viaduct::page at_once(viaduct::page_request const& asked) const;
    [[nodiscard]] bool is_addressed(viaduct::page_request const& asked) const;
    void tunnels(viaduct::page_request const& asked, answer reply);
    void tunnel(viaduct::page_request const& asked, std::string_view id, answer reply);

    /// Calls a function with the pool, on the first worker's context.
    template <class Ask>
    void ask_pool(Ask ask);

    std::vector<std::string> names_;
    std::atomic<bool> ready_ = true;
    metrics_page metrics_;
    viaduct::net::io_context* context_ = nullptr;
    viaduct::worker_pool* proxy_ = nullptr;
};

} // namespace viaduct_proxy

#endif

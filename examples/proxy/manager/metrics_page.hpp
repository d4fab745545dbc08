#ifndef VIADUCT_EXAMPLES_PROXY_MANAGER_METRICS_PAGE_HPP
#define VIADUCT_EXAMPLES_PROXY_MANAGER_METRICS_PAGE_HPP

#include <viaduct/log/log_sink.hpp>
#include <viaduct/server/page.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

#if defined(VIADUCT_PROXY_METRICS)
#include <viaduct/log/metrics_sink.hpp>
#endif

namespace viaduct_proxy {

/// The page `/metrics`: what records tell, and how things stand. Any thread may ask for it.
class metrics_page
{
public:
    metrics_page();

    void attach(viaduct::worker_pool const& proxy, std::size_t workers) noexcept;
    void on_reload() noexcept { reloads_.fetch_add(1); }

    /// Null without prometheus-cpp.
    [[nodiscard]] std::shared_ptr<viaduct::log_sink> counts() const;

    [[nodiscard]] viaduct::page make() const;

private:
    viaduct::worker_pool const* proxy_ = nullptr; // and both before any thread but one
    std::size_t workers_ = 0;
    std::atomic<std::size_t> reloads_ = 0;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
#if defined(VIADUCT_PROXY_METRICS)
    void add_gauges();

    std::shared_ptr<viaduct::metrics_sink> sink_ = std::make_shared<viaduct::metrics_sink>();
#endif
};

} // namespace viaduct_proxy

#endif

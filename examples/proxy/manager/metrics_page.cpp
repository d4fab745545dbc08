#include "metrics_page.hpp"

#include <viaduct/version.hpp>

#include <fmt/format.h>

#include <dirent.h>
#include <string>
#include <sys/resource.h>

namespace viaduct_proxy {

void metrics_page::attach(viaduct::worker_pool const& proxy, std::size_t workers) noexcept
{
    workers_ = workers;
    proxy_ = &proxy;
}

#if defined(VIADUCT_PROXY_METRICS)
namespace {

/// As a library for Prometheus counts them; none where there is no /proc.
[[nodiscard]] double open_descriptors()
{
    auto* const all = ::opendir("/proc/self/fd");
    if (!all) return 0;
    double count = -3; // `.`, `..` and the one that reads them
    while (::readdir(all))
        ++count;
    ::closedir(all);
    return count;
}

[[nodiscard]] double most_descriptors()
{
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

[[nodiscard]] std::string build_info()
{
    return fmt::format("# HELP viaduct_build_info What runs here; always 1.\n"
                       "# TYPE viaduct_build_info gauge\n"
                       "viaduct_build_info{{version=\"{}\"}} 1\n",
                       viaduct::version);
}

} // namespace

metrics_page::metrics_page()
{
    add_gauges();
}

/// The names of what every process has are Prometheus' own.
void metrics_page::add_gauges()
{
    auto const of_proxy = [this](std::size_t (viaduct::worker_pool::*count)() const noexcept) {
        return [this, count] { return proxy_ ? static_cast<double>((proxy_->*count)()) : 0; };
    };
    sink_->add_gauge("viaduct_requests_active", "Requests that are being served now.",
                     of_proxy(&viaduct::worker_pool::active));
    sink_->add_gauge("viaduct_tunnels_open", "Tunnels that are open now.",
                     of_proxy(&viaduct::worker_pool::open_tunnels));
    sink_->add_gauge("viaduct_workers", "Threads that serve.",
                     [this] { return static_cast<double>(workers_); });
    sink_->add_gauge("viaduct_uptime_seconds", "Since the program has started.", [this] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    });
    sink_->add_gauge("viaduct_reloads", "How often the configuration has been read anew.",
                     [this] { return static_cast<double>(reloads_.load()); });
    sink_->add_gauge("process_open_fds", "Descriptors that are open.", open_descriptors);
    sink_->add_gauge("process_max_fds", "Descriptors that may be open.", most_descriptors);
}

std::shared_ptr<viaduct::log_sink> metrics_page::counts() const
{
    return sink_;
}

viaduct::page metrics_page::make() const
{
    return {.content_type = std::string{viaduct::metrics_sink::content_type},
            .content = sink_->text() + build_info()};
}

#else

metrics_page::metrics_page() = default;

std::shared_ptr<viaduct::log_sink> metrics_page::counts() const
{
    return nullptr;
}

viaduct::page metrics_page::make() const
{
    return {.status = 501, .content = "this build has no metrics: it was made without prometheus-cpp\n"};
}

#endif

} // namespace viaduct_proxy

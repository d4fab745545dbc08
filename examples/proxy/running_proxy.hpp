#ifndef VIADUCT_EXAMPLES_PROXY_RUNNING_PROXY_HPP
#define VIADUCT_EXAMPLES_PROXY_RUNNING_PROXY_HPP

#include "log_closer.hpp"
#include "log_watch.hpp"
#include "manager/manager_pages.hpp"
#include "process/privileges.hpp"
#include "proxy_log.hpp"
#include "proxy_options.hpp"
#include "shortage_notice.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/server/limits.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace viaduct_proxy {

/// A proxy at work, with all that one configuration after the other hands on to the next.
/** To be used on the thread that runs its context. */
class running_proxy
{
public:
    /// Opens logs and ports.
    /**
     * @param whom Whose the files of logs are.
     * @throws mistake if a log cannot be opened.
     * @throws viaduct::system_error if a port cannot be.
     */
    running_proxy(proxy_options options, std::shared_ptr<log_watch> watch, identity const& whom);
    running_proxy(running_proxy const&) = delete;
    running_proxy& operator=(running_proxy const&) = delete;

    /// Ends everything; the logs are flushed and closed.
    ~running_proxy();

    /// Begins to accept, and tells where.
    void start();

    /// From now on everything is as in these options, but for what only a new start can change, which is
    /// told. No connection is lost.
    /** @throws as the constructor; then everything is as it was. */
    void reload(proxy_options next);

    void rotate_logs() noexcept { log_.rotate(); }

    [[nodiscard]] viaduct::net::io_context& context() noexcept { return context_; }
    [[nodiscard]] viaduct::worker_pool& pool() noexcept { return *pool_; }
    [[nodiscard]] proxy_options const& options() const noexcept { return options_; }

    /// Whether new clients are welcome: for those who ask before they send some. From any thread.
    [[nodiscard]] bool is_ready() const noexcept { return ready_; }
    void set_ready(bool ready) noexcept
    {
        ready_ = ready;
        pages_->set_ready(ready);
    }

private:
    using ports = std::vector<viaduct::net::ip::tcp::endpoint>;

    void complete(proxy_options& options);
    void put_in_force(proxy_options& next);
    void swap_everything(proxy_options& next, std::shared_ptr<viaduct::log_sink> const& logs);
    void retire(std::shared_ptr<helper_programs> helpers);

    [[nodiscard]] std::shared_ptr<viaduct::log_sink> open(log_plan const& plan);

    std::shared_ptr<log_watch> watch_;
    std::shared_ptr<manager_pages> pages_;
    log_closer closer_;
    proxy_log log_;
    shortage_notice shortage_;
    proxy_options options_;
    std::shared_ptr<viaduct::limits> limits_; // go on whatever else changes
    std::atomic<bool> ready_ = false;
    viaduct::net::io_context context_{viaduct::detail::one_thread_for_io};
    std::list<std::shared_ptr<helper_programs>> retired_; // somebody may ask them still
    std::optional<viaduct::worker_pool> pool_;
};

} // namespace viaduct_proxy

#endif

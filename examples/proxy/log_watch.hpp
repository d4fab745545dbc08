#ifndef VIADUCT_EXAMPLES_PROXY_LOG_WATCH_HPP
#define VIADUCT_EXAMPLES_PROXY_LOG_WATCH_HPP

#include "say.hpp"
#include <viaduct/log/sink_health.hpp>

#include <functional>
#include <mutex>
#include <utility>

namespace viaduct_proxy {

/// Tells what is wrong with the logs, and sees to the end of the program where that is wanted
/// (`on-error=die`).
/** Called from the threads of the logs. */
class log_watch
{
public:
    void hear(viaduct::log_trouble const& trouble)
    {
        tell(trouble.text());
        if (!trouble.fatal) return;
        std::lock_guard const lock{mutex_};
        died_ = true;
        if (on_death_) on_death_();
    }

    /// What is to be done when a log wants the program to end; at once, if one has wanted that already.
    void on_death(std::function<void()> done)
    {
        std::lock_guard const lock{mutex_};
        on_death_ = std::move(done);
        if (died_ && on_death_) on_death_();
    }

    [[nodiscard]] bool has_died() const
    {
        std::lock_guard const lock{mutex_};
        return died_;
    }

private:
    mutable std::mutex mutex_;
    std::function<void()> on_death_;
    bool died_ = false;
};

} // namespace viaduct_proxy

#endif

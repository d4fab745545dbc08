#ifndef VIADUCT_EXAMPLES_PROXY_RARE_NOTICE_HPP
#define VIADUCT_EXAMPLES_PROXY_RARE_NOTICE_HPP

#include "say.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace viaduct_proxy {

/// Says what every request may run into, so that nobody fills the operator's journal with it: the same again
/// once in a minute, and something else once in a second.
/** Called from any thread. */
class rare_notice
{
public:
    void say(std::string const& what)
    {
        using namespace std::chrono_literals;
        auto const now = std::chrono::steady_clock::now();
        {
            std::lock_guard const lock{mutex_};
            bool const is_first = last_.empty();
            if (!is_first && now - said_at_ < (what == last_ ? 60s : 1s)) return;
            last_ = what;
            said_at_ = now;
        }
        tell(what);
    }

private:
    std::mutex mutex_;
    std::string last_{};
    std::chrono::steady_clock::time_point said_at_{};
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_HELPER_PROGRAMS_HPP
#define VIADUCT_EXAMPLES_PROXY_HELPER_PROGRAMS_HPP

#include "settings.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/helpers/helper_pool.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace viaduct_proxy {

/// All helper programs of a configuration, on a thread of their own: whatever they do, no tunnel waits for
/// it.
/** A pool keeps the thread going, so it may be asked for as long as somebody has it, until `stop`. */
class helper_programs
{
public:
    helper_programs() = default;
    helper_programs(helper_programs const&) = delete;
    helper_programs& operator=(helper_programs const&) = delete;
    ~helper_programs() { stop(); }

    /// Prepares the processes of one program; nothing is started yet.
    /** @param what For the message, if the program cannot be run. */
    [[nodiscard]] std::shared_ptr<viaduct::helper_pool>
    add(typed const& what, std::vector<std::string> command, viaduct::helper_limits const& limits);

    void start();

    /// Ends each program as soon as nobody has its pool any more.
    /**
     * @param done Called when all have ended, as the last act of their thread.
     * @return Whether `done` will be called; if not, there is nothing to wait for.
     */
    [[nodiscard]] bool retire(std::function<void()> done);

    /// Ends all of them, and waits for that.
    void stop();

private:
    using context = viaduct::net::io_context;

    struct program;

    std::shared_ptr<context> context_ = std::make_shared<context>(1);
    std::vector<std::shared_ptr<program>> held_{}; // until they are retired
    std::vector<std::weak_ptr<program>> all_{};
    std::mutex mutex_{};
    std::function<void()> done_{}; // under the mutex
    std::thread thread_{};
};

/// Takes one `startup=N`, `idle=N`, `concurrency=N` or `queue-size=N` into the limits; false if it is none.
[[nodiscard]] bool read_helper_setting(typed const& what, std::string_view key, std::string_view text,
                                       viaduct::helper_limits& to);

} // namespace viaduct_proxy

#endif

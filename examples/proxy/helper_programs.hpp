#ifndef VIADUCT_EXAMPLES_PROXY_HELPER_PROGRAMS_HPP
#define VIADUCT_EXAMPLES_PROXY_HELPER_PROGRAMS_HPP

#include "settings.hpp"
#include <viaduct/detail/asio.hpp>
#include <viaduct/helpers/helper_pool.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace viaduct_proxy {

/// All helper programs, on a thread of their own: whatever they do, no tunnel waits for it.
/** It outlives everything that asks them. */
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

    /// Ends all of them, and waits for that.
    void stop();

private:
    using work = viaduct::net::executor_work_guard<viaduct::net::io_context::executor_type>;

    viaduct::net::io_context context_{1};
    work busy_{context_.get_executor()};                       // until stop()
    std::vector<std::shared_ptr<viaduct::helper_pool>> pools_; // of the context
    std::thread thread_;
};

/// Takes one `startup=N`, `idle=N`, `concurrency=N` or `queue-size=N` into the limits; false if it is none.
[[nodiscard]] bool read_helper_setting(typed const& what, std::string_view key, std::string_view text,
                                       viaduct::helper_limits& to);

} // namespace viaduct_proxy

#endif

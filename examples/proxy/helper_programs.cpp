#include "helper_programs.hpp"

#include "say.hpp"
#include "words.hpp"

#include <unistd.h>
#include <utility>

namespace viaduct_proxy {

std::shared_ptr<viaduct::helper_pool> helper_programs::add(typed const& what,
                                                           std::vector<std::string> command,
                                                           viaduct::helper_limits const& limits)
{
    if (command.empty() || !command.front().starts_with('/'))
        reject(what, "the program is missing: write its absolute path, then its arguments");
    if (::access(command.front().c_str(), X_OK) != 0)
        reject(what, "'" + command.front() + "' is no program that can be run");
    viaduct::helper_options options;
    options.command = std::move(command);
    options.limits = limits;
    options.on_notice = [](viaduct::helper_notice const& notice) {
        tell("helper " + notice.program + ": " + notice.text);
    };
    auto const pool = std::make_shared<viaduct::helper_pool>(context_.get_executor(), std::move(options));
    pools_.push_back(pool);
    return pool;
}

void helper_programs::start()
{
    if (pools_.empty()) return;
    for (auto const& pool : pools_)
        pool->start();
    thread_ = std::thread{[this] { context_.run(); }};
}

void helper_programs::stop()
{
    for (auto const& pool : pools_)
        pool->stop();
    busy_.reset();
    if (thread_.joinable()) thread_.join();
}

bool read_helper_setting(typed const& what, std::string_view key, std::string_view text,
                         viaduct::helper_limits& to)
{
    if (key != "startup" && key != "idle" && key != "concurrency" && key != "queue-size") return false;
    auto const number = to_count(what, text, 10000);
    if (key == "startup") to.startup_children = number;
    if (key == "idle") to.idle_children = number;
    if (key == "concurrency") to.concurrency = number;
    if (key == "queue-size") to.queue_size = number;
    return true;
}

} // namespace viaduct_proxy

#include "helper_programs.hpp"

#include "say.hpp"
#include "words.hpp"

#include <optional>
#include <unistd.h>
#include <utility>

namespace viaduct_proxy {

/// One of them; what is destroyed last lives longest.
struct helper_programs::program
{
    program(std::shared_ptr<context> const& runs, viaduct::helper_options options)
        : where{runs},
          busy{std::in_place, runs->get_executor()},
          pool{runs->get_executor(), std::move(options)}
    {}

    std::shared_ptr<context> where;
    std::optional<viaduct::net::executor_work_guard<context::executor_type>>
        busy; // until it has been stopped
    viaduct::helper_pool pool;
};

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
    auto const added = std::make_shared<program>(context_, std::move(options));
    held_.push_back(added);
    all_.push_back(added);
    return {added, &added->pool};
}

void helper_programs::start()
{
    if (held_.empty()) return;
    for (auto const& each : held_)
        each->pool.start();
    thread_ = std::thread{[this] {
        context_->run();
        std::lock_guard const lock{mutex_};
        if (done_) done_();
    }};
}

bool helper_programs::retire(std::function<void()> done)
{
    {
        std::lock_guard const lock{mutex_};
        done_ = std::move(done);
    }
    held_.clear();
    return thread_.joinable();
}

void helper_programs::stop()
{
    for (auto const& each : all_)
        if (auto const still = each.lock()) {
            still->pool.stop();
            still->busy.reset();
        }
    held_.clear();
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

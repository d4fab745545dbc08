#ifndef VIADUCT_IMPL_HELPERS_HELPER_POOL_STATE_HPP
#define VIADUCT_IMPL_HELPERS_HELPER_POOL_STATE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/helpers/helper_options.hpp>
#include <viaduct/impl/helpers/helper_child.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// What is behind a pool. All of it runs on its executor, but for `new_reservation`.
class helper_pool_state final : public helper_child_owner,
                                public std::enable_shared_from_this<helper_pool_state>
{
public:
    helper_pool_state(net::any_io_executor executor, helper_options options)
        : executor_{std::move(executor)},
          options_{std::move(options)},
          schedule_{options_.limits},
          timer_{executor_}
    {}

    /// Does something on the executor; from any thread.
    template <class Work>
    void post(Work work)
    {
        net::post(executor_, [self = shared_from_this(), work = std::move(work)]() mutable {
            work(*self);
            self->perform_all();
        });
    }

    [[nodiscard]] std::uint64_t new_reservation() noexcept { return ++last_reservation_; }

    void start() { schedule_.start(now()); }

    void submit(std::uint64_t reservation, bool continues, std::string line, helper_completion done)
    {
        if (!is_helper_request(line)) return done(net::error::invalid_argument, {});
        line += '\n';
        jobs_.emplace(++last_request_, job{std::move(line), std::move(done)});
        schedule_.submit(last_request_, reservation, continues, now());
    }

    void release(std::uint64_t reservation) { schedule_.release(reservation); }

    void stop()
    {
        schedule_.close();
        for (auto const& [id, child] : std::exchange(children_, {}))
            child->end();
    }

    void on_line(std::uint64_t child, std::string_view line) override
    {
        answer(child, line);
        perform_all();
    }

    void on_too_long(std::uint64_t child) override
    {
        schedule_.misbehaved(child);
        perform_all();
    }

    void on_gone(std::uint64_t child) override
    {
        children_.erase(child);
        schedule_.ended(child, now());
        perform_all();
    }

    void on_reaped(std::uint64_t child, std::string const& end) override
    {
        if (child == awaited_end_) notify("ends as soon as it is started, at last with " + end);
    }

private:
    struct job
    {
        std::string line;
        helper_completion done;
    };

    [[nodiscard]] static std::chrono::steady_clock::time_point now()
    {
        return std::chrono::steady_clock::now();
    }

    void answer(std::uint64_t child, std::string_view line)
    {
        std::uint32_t channel = 0;
        if (options_.limits.concurrency != 0) {
            auto const given = take_helper_channel(line);
            if (!given) return schedule_.misbehaved(child);
            channel = *given;
        }
        auto const request = schedule_.reply(child, channel, now());
        if (!request) return;
        error_code ec;
        auto reply = parse_helper_reply(line, ec);
        complete(*request, ec, std::move(reply));
    }

    void complete(std::uint64_t request, error_code ec, helper_reply reply)
    {
        auto const found = jobs_.extract(request);
        if (found) found.mapped().done(ec, std::move(reply));
    }

    void perform_all()
    {
        while (auto const command = schedule_.next(now()))
            perform(*command);
        set_timer();
    }

    void perform(helper_command const& command)
    {
        switch (command.what) {
        case helper_command::kind::start: return start_child(command.child);
        case helper_command::kind::send: return send(command);
        case helper_command::kind::answer: return complete(command.request, command.error, {});
        case helper_command::kind::kill:
            if (auto const found = children_.extract(command.child)) found.mapped()->kill();
            return;
        case helper_command::kind::give_up:
            if (start_error_)
                notify("cannot be started: " + start_error_.message());
            else
                awaited_end_ = command.child; // its status is known in a moment
            return;
        }
    }

    void start_child(std::uint64_t id)
    {
        auto const child =
            std::make_shared<helper_child>(executor_, id, weak_from_this(), options_.shutdown_grace);
        start_error_ = child->start(options_.command);
        if (start_error_)
            schedule_.ended(id, now());
        else
            children_.emplace(id, child);
    }

    void send(helper_command const& command)
    {
        auto const child = children_.find(command.child);
        auto const found = jobs_.find(command.request);
        if (child == children_.end() || found == jobs_.end()) return; // the schedule speaks of none such
        auto const& line = found->second.line;
        child->second->write(options_.limits.concurrency == 0 ? line
                                                              : std::to_string(command.channel) + ' ' + line);
    }

    void notify(std::string const& what)
    {
        awaited_end_ = 0;
        if (options_.on_notice)
            options_.on_notice({options_.command.empty() ? "" : options_.command[0],
                                what + "; not tried again for " +
                                    std::to_string(helper_schedule::given_up_for.count()) + " s"});
    }

    void set_timer()
    {
        auto const next = schedule_.next_event(now());
        if (next == timer_for_) return;
        timer_for_ = next;
        if (!next) return void(timer_.cancel());
        timer_.expires_at(*next);
        timer_.async_wait([weak = weak_from_this()](error_code ec) {
            if (auto const self = weak.lock(); self && !ec) self->on_timer();
        });
    }

    void on_timer()
    {
        timer_for_.reset();
        schedule_.tick(now());
        perform_all();
    }

    net::any_io_executor executor_;
    helper_options options_;
    helper_schedule schedule_;
    net::steady_timer timer_;
    std::optional<std::chrono::steady_clock::time_point> timer_for_;
    std::map<std::uint64_t, std::shared_ptr<helper_child>> children_;
    std::map<std::uint64_t, job> jobs_;
    error_code start_error_;
    std::uint64_t awaited_end_ = 0; // of whom the operator is to be told how it ended
    std::uint64_t last_request_ = 0;
    std::atomic<std::uint64_t> last_reservation_{0};
};

} // namespace viaduct::detail

#endif

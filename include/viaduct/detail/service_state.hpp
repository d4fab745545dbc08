#ifndef VIADUCT_DETAIL_SERVICE_STATE_HPP
#define VIADUCT_DETAIL_SERVICE_STATE_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/service_options.hpp>
#include <viaduct/server/tunnel_watch.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A port that a service listens on.
struct open_port
{
    net::ip::tcp::endpoint asked; ///< Its port may be 0.
    acceptor source;
    bool pages_only = false; ///< Open until a drain is over.

    [[nodiscard]] net::ip::tcp::endpoint local() const { return source.local_endpoint(); }
};

/// What a service's loops and tunnels share; lives until the last of them has ended.
class service_state : public std::enable_shared_from_this<service_state>
{
public:
    VIADUCT_DECL service_state(net::any_io_executor executor, service_options options);

    VIADUCT_DECL void start();
    /// What serves pages only stays open until the last tunnel has ended.
    VIADUCT_DECL void stop_accepting();
    VIADUCT_DECL void close_page_listeners();
    /// @param why What the records say of tunnels that end of it.
    VIADUCT_DECL void end_tunnels(error_code why);
    VIADUCT_DECL bool end_tunnel(std::uint64_t id);
    [[nodiscard]] VIADUCT_DECL std::optional<tunnel_record> find_tunnel(std::uint64_t id) const;
    [[nodiscard]] VIADUCT_DECL std::vector<tunnel_record> list_tunnels(std::size_t limit) const;

    /// From now on requests leave in this way; tunnels that are open keep theirs.
    VIADUCT_DECL void reload(egress way);

    /// The same with everything else, ports included; if one cannot be opened everything stays as it was.
    VIADUCT_DECL void reload(service_options next);

    [[nodiscard]] net::any_io_executor const& executor() const noexcept { return executor_; }
    [[nodiscard]] std::vector<open_port> const& ports() const noexcept { return ports_; }
    [[nodiscard]] std::size_t active() const noexcept { return active_.load(std::memory_order_relaxed); }

    [[nodiscard]] std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

    /// Whether nothing is under way: no tunnel, and no page.
    [[nodiscard]] bool is_idle() const noexcept { return tunnels_.empty() && pages_.empty(); }

    /// A timer that `drain_op` waits on; it is cancelled whenever nothing is under way any more.
    [[nodiscard]] net::steady_timer& idle() noexcept { return idle_; }

private:
    using time_point = std::chrono::steady_clock::time_point;

    /// A request that is being served.
    struct live_tunnel final : tunnel_watch
    {
        live_tunnel(service_state& owner, std::shared_ptr<egress const> goes) noexcept
            : service{&owner},
              way{std::move(goes)}
        {}

        void on_open() override { service->on_open(*this); }

        service_state* service;
        net::cancellation_signal end;
        std::shared_ptr<egress const> way;  // how its request goes, until its tunnel is open
        time_point due = time_point::max(); // the next record of its progress
    };
    using tunnels = std::list<live_tunnel>;

    /// What is called when a tunnel is over, and cancels it before.
    struct served
    {
        using cancellation_slot_type = net::cancellation_slot;
        [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
        {
            return who->end.slot();
        }

        void operator()(error_code, tunnel_record record, request again)
        {
            service->on_served(who, std::move(record), std::move(again));
        }

        std::shared_ptr<service_state> service;
        tunnels::iterator who;
    };

    /// The same of a page.
    struct page_served : served
    {
        void operator()(error_code, tunnel_record record, request)
        {
            service->on_page_served(who, std::move(record));
        }
    };

    void serve_page(request next);
    void on_page_served(tunnels::iterator who, tunnel_record record);
    void forget_page(tunnels::iterator who);

    struct change;
    [[nodiscard]] change prepare(service_options& next) const;
    void begin();
    void serve(request next, std::shared_ptr<egress const> const& way);
    void serve_again(request next, live_tunnel const& before);
    void forget_ended_ports();
    void on_open(live_tunnel& who);
    void tell(live_tunnel const& who, record_event event) noexcept;
    void watch();
    void report_progress();
    void on_served(tunnels::iterator who, tunnel_record record, request again);
    void give_up(request const& late);
    void forget(tunnels::iterator who);
    void note_reason(tunnel_record& record);

    net::any_io_executor executor_;
    service_options options_;
    std::shared_ptr<egress const> way_; // the snapshot in use
    std::vector<open_port> ports_;
    std::list<std::vector<open_port>> retired_; // those before a change: they read what they have accepted
    tunnels tunnels_;
    tunnels pages_;                       // requests for them, which nobody waits for but the end of a drain
    std::atomic<std::size_t> active_ = 0; // their number, for other threads
    std::atomic<std::size_t> open_ = 0;   // that of those among them which are open
    net::steady_timer idle_;
    net::steady_timer watch_; // of records of progress
    error_code ended_by_ = net::error::operation_aborted;
    std::vector<std::uint64_t> ended_; // which of them the operator has ended
    bool started_ = false;
    bool draining_ = false;
};

/// Waits for the last tunnel, then for those that had to be ended.
class drain_op
{
public:
    drain_op(std::shared_ptr<service_state> state, std::chrono::milliseconds limit)
        : state_{std::move(state)},
          limit_{limit}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        state_->stop_accepting();
        auto& idle = state_->idle();
        if (state_->is_idle())
            idle.expires_at(net::steady_timer::time_point::min());
        else
            idle.expires_after(limit_);
        idle.async_wait(std::move(self));
    }

    template <class Self>
    void operator()(Self& self, error_code)
    {
        if (state_->is_idle())
            return self.complete(forced_ ? make_error_code(errc::shutdown_timeout) : error_code{});
        auto& state = *state_;
        if (!std::exchange(late_, true)) {
            forced_ = state.active() != 0; // that nobody takes a page is no reason to complain
            state.end_tunnels(errc::shutdown_timeout);
        }
        state.idle().expires_at(net::steady_timer::time_point::max());
        state.idle().async_wait(std::move(self));
    }

private:
    std::shared_ptr<service_state> state_;
    std::chrono::milliseconds limit_;
    bool late_ = false;
    bool forced_ = false;
};

} // namespace viaduct::detail

#endif

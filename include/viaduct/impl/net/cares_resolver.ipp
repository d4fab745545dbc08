#ifndef VIADUCT_IMPL_NET_CARES_RESOLVER_IPP
#define VIADUCT_IMPL_NET_CARES_RESOLVER_IPP

#include <viaduct/detail/signals_blocked.hpp>
#include <viaduct/impl/net/cares_channel.hpp>
#include <viaduct/net/cares_resolver.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <signal.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace viaduct {
namespace detail {

/// A pipe whose reading end becomes readable when somebody rings.
class doorbell
{
public:
    doorbell()
    {
        if (::pipe(ends_.data()) != 0) throw system_error{{errno, net::error::get_system_category()}, "pipe"};
        for (auto const end : ends_) {
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
            ::fcntl(end, F_SETFL, O_NONBLOCK);
        }
    }
    doorbell(doorbell const&) = delete;
    doorbell& operator=(doorbell const&) = delete;
    ~doorbell()
    {
        for (auto const end : ends_)
            ::close(end);
    }

    /// A pipe that is full has been rung.
    void ring() noexcept
    {
        char const octet = 0;
        [[maybe_unused]] auto const sent = ::write(ends_[1], &octet, 1);
    }
    void silence() noexcept
    {
        std::array<char, 256> octets{};
        while (::read(ends_[0], octets.data(), octets.size()) > 0) {
        }
    }
    [[nodiscard]] int descriptor() const noexcept { return ends_[0]; }

private:
    std::array<int, 2> ends_{};
};

/// The thread that c-ares runs on, and the way there.
class cares_thread
{
public:
    explicit cares_thread(cares_options const& options) : channel_{options}, max_{options.max_under_way}
    {
        signals_blocked const inherited;
        thread_ = std::thread{[this] { run(); }};
    }
    cares_thread(cares_thread const&) = delete;
    cares_thread& operator=(cares_thread const&) = delete;

    ~cares_thread()
    {
        stopped_ = true;
        bell_.ring();
        thread_.join();
        for (auto const& query : inbox_)
            query->answer(net::error::operation_aborted, {});
    }

    void submit(std::shared_ptr<name_query> query)
    {
        if (under_way_.fetch_add(1) >= max_) {
            --under_way_;
            return query->answer(errc::resolver_overloaded, {});
        }
        bool first = false;
        {
            std::lock_guard const lock{mutex_};
            first = inbox_.empty();
            inbox_.push_back(std::move(query));
        }
        if (first) bell_.ring();
    }

private:
    struct question
    {
        cares_thread* thread;
        std::shared_ptr<name_query> query;
    };

    void run()
    {
        while (!stopped_) {
            channel_.wait_beside(bell_.descriptor());
            bell_.silence();
            for (auto& query : take())
                ask(std::move(query));
        }
    }

    [[nodiscard]] std::deque<std::shared_ptr<name_query>> take()
    {
        std::lock_guard const lock{mutex_};
        return std::exchange(inbox_, {});
    }

    void ask(std::shared_ptr<name_query> query)
    {
        if (!query->is_wanted()) { // given up on the way here
            --under_way_;
            return;
        }
        auto asked = std::make_unique<question>(question{this, std::move(query)});
        auto const& host = asked->query->host();
        channel_.ask(host, &cares_thread::on_answer, asked.release());
    }

    static void on_answer(void* asked, int status, int, ares_addrinfo* info)
    {
        std::unique_ptr<question> const done{static_cast<question*>(asked)};
        std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> const owned{info, &ares_freeaddrinfo};
        --done->thread->under_way_;
        auto found = info ? resolution_of(*info) : resolution{};
        auto const ec = cares_error(status);
        if (!ec && found.addresses.empty()) return done->query->answer(net::error::no_data, {});
        done->query->answer(ec, ec ? resolution{} : std::move(found));
    }

    doorbell bell_;
    std::mutex mutex_; // of the inbox
    std::deque<std::shared_ptr<name_query>> inbox_{};
    std::atomic<std::size_t> under_way_{0};
    std::atomic<bool> stopped_{false};
    cares_channel channel_; // of the thread, while that runs; its end answers what is under way
    std::size_t max_;
    std::thread thread_;
};

} // namespace detail

VIADUCT_DECL cares_resolver::cares_resolver(cares_options const& options)
    : thread_{std::make_unique<detail::cares_thread>(options)}
{}

VIADUCT_DECL cares_resolver::~cares_resolver() = default;

VIADUCT_DECL void cares_resolver::ask(std::shared_ptr<name_query> query)
{
    thread_->submit(std::move(query));
}

} // namespace viaduct

#endif

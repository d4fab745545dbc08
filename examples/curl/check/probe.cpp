#include "probe.hpp"

#include "answers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace viaduct_curl::check {
namespace {

using namespace std::chrono_literals;
using viaduct::error_code;
using clock = std::chrono::steady_clock;
namespace net = viaduct::net;

constexpr std::size_t most_octets = std::size_t{32} * 1024;
constexpr auto quiet_time = 1s;        // a proxy that has said nothing for so long has said it all
constexpr auto quiet_time_inside = 2s; // a target is farther away
constexpr auto trickle_pause = 1s;

class probe : public std::enable_shared_from_this<probe>
{
public:
    probe(net::any_io_executor const& executor, proxy_place const& proxy, probe_plan plan,
          std::function<void(observation)> done)
        : proxy_{proxy},
          plan_{std::move(plan)},
          done_{std::move(done)},
          socket_{executor},
          clock_{executor},
          pause_{executor}
    {}

    void start()
    {
        until(began_ + plan_.limit);
        socket_.async_connect(proxy_.address,
                              [self = shared_from_this()](error_code ec) { self->on_connect(ec); });
    }

private:
    void on_connect(error_code ec)
    {
        if (over_) return;
        if (ec) return finish(ending::unreachable, ec);
        socket_.set_option(net::ip::tcp::no_delay{true}, ec); // it would only be slower without
        viaduct::any_stream plain{std::move(socket_)};
        if (!proxy_.tls) return on_stream(std::move(plain));
        auto done = [self = shared_from_this()](error_code why, viaduct::any_stream secure,
                                                viaduct::tls_facts) {
            if (self->over_) return;
            if (why) return self->finish(ending::unreachable, why);
            self->on_stream(std::move(secure));
        };
        proxy_.tls->async_handshake(
            std::move(plain), proxy_.host,
            viaduct::tls_connector::completion{std::move(done), clock_.get_executor()});
    }

    void on_stream(viaduct::any_stream stream)
    {
        stream_ = std::move(stream);
        read();
        if (plan_.trickles) return trickle();
        send(plan_.octets.first, plan_.ends && plan_.octets.inside.empty());
    }

    /// What cannot be sent shows in what comes back.
    void send(std::string_view octets, bool then_end)
    {
        if (octets.empty()) return;
        net::async_write(stream_, net::buffer(octets),
                         [self = shared_from_this(), then_end](error_code ec, std::size_t) {
                             if (!ec && then_end && !self->over_) self->end_sending();
                         });
    }

    void end_sending()
    {
        goodbye_ = stream_.end_sending();
        if (goodbye_.empty()) return;
        net::async_write(stream_.next_layer(), net::buffer(goodbye_),
                         [self = shared_from_this()](error_code, std::size_t) {});
    }

    void trickle()
    {
        if (trickled_ == plan_.octets.first.size()) return;
        send(std::string_view{plan_.octets.first}.substr(trickled_++, 1), false);
        pause_.expires_after(trickle_pause);
        pause_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec && !self->over_) self->trickle();
        });
    }

    void read()
    {
        stream_.async_read_some(
            net::buffer(part_),
            [self = shared_from_this()](error_code ec, std::size_t size) { self->on_read(ec, size); });
    }

    void on_read(error_code ec, std::size_t size)
    {
        if (over_) return;
        seen_.received.append(part_.data(), size);
        if (seen_.received.size() > most_octets) return finish(ending::seen_enough);
        if (ec) return finish(ec == net::error::connection_reset ? ending::reset : ending::closed);
        look();
        if (!over_) read();
    }

    /// Whether to go on, and with what.
    void look()
    {
        auto const answers = read_answers(seen_.received);
        if (answers.empty()) return;
        if (!plan_.watches) return finish(ending::seen_enough);
        auto const& last = answers.back();
        if (answers.size() > 1 || (last.accepts() && !last.rest.empty())) return finish(ending::seen_enough);
        if (last.accepts() && !inside_) {
            inside_ = true;
            send(plan_.octets.inside, plan_.ends);
        }
        until(std::min(began_ + plan_.limit, clock::now() + (inside_ ? quiet_time_inside : quiet_time)));
    }

    void until(clock::time_point when)
    {
        clock_.expires_at(when); // which ends the wait before
        clock_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->finish(self->seen_.received.empty() ? ending::silent : ending::kept_open);
        });
    }

    void finish(ending how, error_code why = {})
    {
        if (std::exchange(over_, true)) return;
        if (how == ending::silent && !stream_.is_open()) how = ending::unreachable;
        seen_.end = how;
        if (how == ending::unreachable) seen_.problem = why ? why.message() : "no connection in time";
        seen_.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began_);
        clock_.cancel();
        pause_.cancel();
        error_code ignored;
        socket_.close(ignored);
        stream_.close(ignored);
        net::post(clock_.get_executor(),
                  [self = shared_from_this()] { self->done_(std::move(self->seen_)); });
    }

    proxy_place proxy_;
    probe_plan plan_;
    std::function<void(observation)> done_;
    net::ip::tcp::socket socket_; // until it is connected
    viaduct::any_stream stream_;  // from then on
    net::steady_timer clock_;
    net::steady_timer pause_;
    clock::time_point began_ = clock::now();
    std::array<char, 4096> part_{};
    observation seen_;
    std::string goodbye_;
    std::size_t trickled_ = 0;
    bool inside_ = false;
    bool over_ = false;
};

} // namespace

void start_probe(net::any_io_executor const& executor, proxy_place const& proxy, probe_plan plan,
                 std::function<void(observation)> done)
{
    std::make_shared<probe>(executor, proxy, std::move(plan), std::move(done))->start();
}

} // namespace viaduct_curl::check

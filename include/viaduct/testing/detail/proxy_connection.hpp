#ifndef VIADUCT_TESTING_DETAIL_PROXY_CONNECTION_HPP
#define VIADUCT_TESTING_DETAIL_PROXY_CONNECTION_HPP

#include <viaduct/detail/close_stream.hpp>
#include <viaduct/net/linger_close.hpp>
#include <viaduct/net/resolver.hpp>
#include <viaduct/net/tls_acceptor.hpp>
#include <viaduct/server/connect_request.hpp>
#include <viaduct/testing/detail/fault_stream.hpp>
#include <viaduct/testing/detail/proxy_book.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace viaduct::testing::detail {

/// What all connections of a server share.
struct proxy_shared
{
    proxy_book book{};
    std::shared_ptr<tls_acceptor> tls{};
    std::shared_ptr<resolver> names{};
    request_options reading{};
};

/// Both sides of one connection, and all ways in which it ends.
class proxy_connection : public std::enable_shared_from_this<proxy_connection>
{
public:
    proxy_connection(net::ip::tcp::socket accepted, std::shared_ptr<proxy_shared> with)
        : with_{std::move(with)},
          executor_{accepted.get_executor()},
          target_{executor_},
          hold_{executor_},
          client_{any_stream{std::move(accepted)}}
    {
        error_code gone;
        client_.lowest_layer().set_option(net::ip::tcp::no_delay{true}, gone);
    }

    /// Closes everything; steps under way run no more.
    void stop()
    {
        stopped_ = true;
        end_tunnel(proxy_tunnel_end::stopped, {});
        cancel_.emit(net::cancellation_type::terminal);
        hold_.cancel();
        close();
    }

protected:
    ~proxy_connection() = default;

    /// Does what a fault is: the connection is at its end, or stands still until it is stopped.
    void strike(proxy_fault::kind how)
    {
        if (how == proxy_fault::kind::stall) {
            hold_.expires_at(std::chrono::steady_clock::time_point::max());
            return hold_.async_wait([self = shared_from_this()](error_code) {});
        }
        end_tunnel(proxy_tunnel_end::broken, {});
        if (how == proxy_fault::kind::reset) return reset();
        close_target();
        async_linger_close(
            client_.lowest_layer(), farewell_time,
            net::bind_cancellation_slot(cancel_.slot(), [self = shared_from_this()](error_code) {}));
    }

    /// Ends the connection in order, and so that what was said arrives.
    void leave()
    {
        end_tunnel(proxy_tunnel_end::failed, {});
        close_target();
        viaduct::detail::async_close_stream(
            client_.next_layer(),
            net::bind_cancellation_slot(cancel_.slot(), [self = shared_from_this()] {}));
    }

    void close()
    {
        client_.stop();
        close_target();
    }

    void end_tunnel(proxy_tunnel_end how, error_code why)
    {
        if (tunnel_) with_->book.end(*tunnel_, how, why);
    }

    std::shared_ptr<proxy_shared> with_;
    net::any_io_executor executor_;
    net::ip::tcp::socket target_;
    net::steady_timer hold_;
    fault_stream client_;
    net::cancellation_signal cancel_; // of the step under way
    std::optional<std::size_t> tunnel_{};
    bool stopped_ = false;

private:
    static constexpr std::chrono::milliseconds farewell_time = std::chrono::seconds{2};

    void reset()
    {
        error_code ignored;
        client_.lowest_layer().set_option(net::socket_base::linger{true, 0}, ignored);
        close();
    }

    void close_target()
    {
        error_code ignored;
        target_.close(ignored);
    }
};

} // namespace viaduct::testing::detail

#endif

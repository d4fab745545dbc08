#ifndef VIADUCT_IMPL_HELPERS_HELPER_CHILD_HPP
#define VIADUCT_IMPL_HELPERS_HELPER_CHILD_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/child_process.hpp>
#include <viaduct/helpers/helper_protocol.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Who is told what a helper does.
class helper_child_owner
{
public:
    virtual void on_line(std::uint64_t child, std::string_view line) = 0;
    virtual void on_too_long(std::uint64_t child) = 0;
    virtual void on_gone(std::uint64_t child) = 0; // nothing more will come from it
    virtual void on_reaped(std::uint64_t child, std::string const& end) = 0;

protected:
    ~helper_child_owner() = default;
};

/// One helper: its process, and the socket to it. Lives as long as it has steps under way, and does not keep
/// its owner.
class helper_child : public std::enable_shared_from_this<helper_child>
{
public:
    helper_child(net::any_io_executor const& executor, std::uint64_t id,
                 std::weak_ptr<helper_child_owner> owner, std::chrono::milliseconds grace)
        : owner_{std::move(owner)},
          socket_{executor},
          timer_{executor},
          id_{id},
          grace_{grace}
    {}

    [[nodiscard]] error_code start(std::vector<std::string> const& command)
    {
        int problem = 0;
        int const descriptor = process_.start(command, problem);
        if (problem != 0) return {problem, net::error::get_system_category()};
        error_code ec;
        socket_.assign(net::local::stream_protocol{}, descriptor, ec);
        if (ec)
            ::close(descriptor);
        else
            read();
        return ec;
    }

    void write(std::string_view line)
    {
        next_ += line;
        if (writing_.empty()) write_next();
    }

    /// Lets it end by itself, then asks it to, then makes it.
    void end()
    {
        if (std::exchange(ending_, true)) return;
        error_code ignored;
        socket_.shutdown(socket_.shutdown_send, ignored);
        term_at_ = std::chrono::steady_clock::now() + grace_;
        kill_at_ = term_at_ + grace_;
        reap(std::chrono::milliseconds{0});
    }

    void kill()
    {
        process_.signal(SIGKILL);
        error_code ignored;
        socket_.close(ignored);
        end();
    }

private:
    void read()
    {
        socket_.async_read_some(
            net::buffer(octets_),
            [self = shared_from_this()](error_code ec, std::size_t n) { self->on_read(ec, n); });
    }

    void on_read(error_code ec, std::size_t n)
    {
        if (ec) return gone();
        if (!ending_) take(std::string_view{octets_.data(), n});
        if (socket_.is_open()) read(); // what it says at its end must not hold it up
    }

    void take(std::string_view octets)
    {
        auto const owner = owner_.lock();
        if (!owner) return;
        auto const ec = lines_.feed(octets);
        while (!ec && !ending_) {
            auto const line = lines_.next();
            if (!line) return;
            owner->on_line(id_, *line);
        }
        if (ec) owner->on_too_long(id_);
    }

    void write_next()
    {
        writing_ = std::exchange(next_, {});
        net::async_write(socket_, net::buffer(writing_),
                         [self = shared_from_this()](error_code ec, std::size_t) {
                             self->writing_.clear();
                             if (ec) return self->gone();
                             if (!self->next_.empty()) self->write_next();
                         });
    }

    void gone()
    {
        if (ending_) return;
        if (auto const owner = owner_.lock()) owner->on_gone(id_);
        end();
    }

    /// Looks whether it has ended, ever less often. There is no signal for that which a library could take.
    void reap(std::chrono::milliseconds pause)
    {
        timer_.expires_after(pause);
        timer_.async_wait([self = shared_from_this(), pause](error_code) { self->on_time_to_reap(pause); });
    }

    void on_time_to_reap(std::chrono::milliseconds pause)
    {
        if (process_.has_ended()) {
            error_code ignored;
            socket_.close(ignored);
            if (auto const owner = owner_.lock()) owner->on_reaped(id_, process_.end_text());
            return;
        }
        auto const now = std::chrono::steady_clock::now();
        if (now >= kill_at_)
            process_.signal(SIGKILL);
        else if (now >= term_at_)
            process_.signal(SIGTERM);
        reap(std::min(pause * 2 + std::chrono::milliseconds{1}, std::chrono::milliseconds{50}));
    }

    std::weak_ptr<helper_child_owner> owner_;
    child_process process_;
    net::local::stream_protocol::socket socket_;
    net::steady_timer timer_;
    std::array<char, 4096> octets_{};
    helper_lines lines_;
    std::string writing_;
    std::string next_;
    std::uint64_t id_;
    std::chrono::milliseconds grace_;
    std::chrono::steady_clock::time_point term_at_{};
    std::chrono::steady_clock::time_point kill_at_{};
    bool ending_ = false;
};

} // namespace viaduct::detail

#endif

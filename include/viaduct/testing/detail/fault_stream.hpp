#ifndef VIADUCT_TESTING_DETAIL_FAULT_STREAM_HPP
#define VIADUCT_TESTING_DETAIL_FAULT_STREAM_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/testing/detail/octet_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace viaduct::testing::detail {

/// One direction of a `fault_stream`.
struct fault_lane
{
    explicit fault_lane(net::any_io_executor const& executor) : timer{executor} {}

    octet_plan plan{};
    net::steady_timer timer;
    bool stalled = false;
    char flipped = 0;
};

/// One read or one write: waits until it may go, goes, and counts.
template <bool Writes, class Stream, class Buffer>
class fault_op
{
public:
    fault_op(Stream* stream, Buffer buffer) noexcept : stream_{stream}, buffer_{buffer} {}

    template <class Self>
    void operator()(Self& self, error_code ec = {}, std::size_t n = 0)
    {
        switch (std::exchange(step_, next_of(step_))) {
        case step::wait: return wait(self);
        case step::go:
            if (stream_->is_over()) ec = net::error::operation_aborted;
            return ec ? self.complete(ec, 0) : go(self);
        default:
            if (ec || n == 0) return self.complete(ec, n);
            if (!Writes && lane().plan.flips_next()) flip(buffer_.data());
            stream_->pass(lane(), n);
            return self.complete(ec, n);
        }
    }

private:
    enum class step : unsigned char
    {
        wait,
        go,
        count
    };

    [[nodiscard]] static step next_of(step s) { return s == step::wait ? step::go : step::count; }
    [[nodiscard]] fault_lane& lane() { return Writes ? stream_->writes_ : stream_->reads_; }

    template <class Self>
    void wait(Self& self)
    {
        auto& here = lane();
        if (stream_->is_over()) return net::post(stream_->executor_, std::move(self));
        auto const until = here.stalled ? octet_plan::clock::time_point::max() : here.plan.ready_at();
        if (until <= octet_plan::clock::now()) return (*this)(self);
        here.timer.expires_at(until);
        here.timer.async_wait(std::move(self));
    }

    template <class Self>
    void go(Self& self)
    {
        auto const size = lane().plan.at_most(buffer_.size());
        if constexpr (Writes) {
            if (size != 0 && lane().plan.flips_next()) {
                lane().flipped = *static_cast<char const*>(buffer_.data());
                flip(&lane().flipped);
                return stream_->next_.async_write_some(net::buffer(&lane().flipped, 1), std::move(self));
            }
            stream_->next_.async_write_some(net::buffer(buffer_, size), std::move(self));
        } else {
            stream_->next_.async_read_some(net::buffer(buffer_, size), std::move(self));
        }
    }

    static void flip(void const*) {}
    static void flip(void* octet)
    {
        *static_cast<char*>(octet) = static_cast<char>(*static_cast<char*>(octet) ^ 1);
    }

    Stream* stream_;
    Buffer buffer_;
    step step_ = step::wait;
};

/// A connection on which octets go as two plans want it: in pieces, late, wrong, or no further.
/** A direction that is stalled waits for `stop`. After a `struck` close or reset nothing goes any more; to
 * close or reset the connection is left to its owner. */
class fault_stream
{
public:
    using executor_type = net::any_io_executor;
    using lowest_layer_type = any_stream::lowest_layer_type;
    using next_layer_type = any_stream;

    explicit fault_stream(any_stream next)
        : next_{std::move(next)},
          executor_{next_.get_executor()},
          reads_{executor_},
          writes_{executor_}
    {}

    [[nodiscard]] executor_type get_executor() const { return executor_; }
    [[nodiscard]] any_stream& next_layer() noexcept { return next_; }
    [[nodiscard]] lowest_layer_type& lowest_layer() { return next_.lowest_layer(); }

    /// What comes behind a stall does not go, and the end of the stream least of all.
    [[nodiscard]] std::string end_sending() { return writes_.stalled ? std::string{} : next_.end_sending(); }

    void begin_writing(octet_plan plan) { begin(writes_, std::move(plan)); }
    void begin_reading(octet_plan plan) { begin(reads_, std::move(plan)); }

    [[nodiscard]] std::uint64_t read() const noexcept { return reads_.plan.passed(); }
    [[nodiscard]] std::uint64_t written() const noexcept { return writes_.plan.passed(); }

    /// What the plans have ended the connection with, if they have.
    [[nodiscard]] std::optional<proxy_fault::kind> struck() const noexcept { return struck_; }

    /// Called whenever octets have gone, and behind `struck`.
    void on_progress(std::function<void()> tell) { tell_ = std::move(tell); }

    /// Ends what waits. Nothing goes any more.
    void stop()
    {
        stopped_ = true;
        reads_.timer.cancel();
        writes_.timer.cancel();
        error_code ignored;
        next_.close(ignored);
    }

    template <class MutableBufferSequence, class CompletionToken>
    auto async_read_some(MutableBufferSequence const& buffers, CompletionToken&& token)
    {
        net::mutable_buffer const first = *net::buffer_sequence_begin(buffers);
        return net::async_compose<CompletionToken, void(error_code, std::size_t)>(
            fault_op<false, fault_stream, net::mutable_buffer>{this, first}, token, executor_);
    }

    template <class ConstBufferSequence, class CompletionToken>
    auto async_write_some(ConstBufferSequence const& buffers, CompletionToken&& token)
    {
        net::const_buffer const first = *net::buffer_sequence_begin(buffers);
        return net::async_compose<CompletionToken, void(error_code, std::size_t)>(
            fault_op<true, fault_stream, net::const_buffer>{this, first}, token, executor_);
    }

private:
    template <bool, class, class>
    friend class fault_op;

    [[nodiscard]] bool is_over() const noexcept { return stopped_ || struck_; }

    void begin(fault_lane& lane, octet_plan plan)
    {
        lane.plan = std::move(plan);
        strike(lane);
    }

    void pass(fault_lane& lane, std::size_t octets)
    {
        lane.plan.pass(octets);
        strike(lane);
        if (tell_) tell_();
    }

    void strike(fault_lane& lane)
    {
        auto const due = lane.plan.due();
        if (due == proxy_fault::kind::stall)
            lane.stalled = true;
        else if (due && !struck_)
            struck_ = due;
    }

    any_stream next_;
    executor_type executor_;
    fault_lane reads_;
    fault_lane writes_;
    std::function<void()> tell_{};
    std::optional<proxy_fault::kind> struck_{};
    bool stopped_ = false;
};

} // namespace viaduct::testing::detail

#endif

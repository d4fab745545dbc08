#ifndef VIADUCT_TESTING_DETAIL_MEMORY_PIPE_HPP
#define VIADUCT_TESTING_DETAIL_MEMORY_PIPE_HPP

#include <viaduct/detail/asio.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace viaduct::testing::detail {

/// How far one side of a pipe has come.
enum class pipe_end : unsigned char
{
    open,
    finished, // shut down, with the stream still open
    closed,   // in good order
    reset
};

/// One direction: a bounded buffer, and two timers that never expire for those who wait.
struct memory_pipe
{
    memory_pipe(net::any_io_executor const& executor, std::size_t limit)
        : capacity{limit},
          readable{executor, net::steady_timer::time_point::max()},
          writable{executor, net::steady_timer::time_point::max()}
    {}

    void end_writing(pipe_end how)
    {
        if (writer_state < how) writer_state = how;
        wake();
    }

    void end_reading(pipe_end how)
    {
        if (reader_state < how) reader_state = how;
        wake();
    }

    void wake()
    {
        readable.cancel();
        writable.cancel();
    }

    std::string held;
    std::size_t capacity;
    pipe_end writer_state = pipe_end::open;
    pipe_end reader_state = pipe_end::open;
    net::steady_timer readable;
    net::steady_timer writable;
};

/// The part that reading and writing share: try, wait, try again; complete through the executor.
template <class Derived>
class pipe_op
{
public:
    pipe_op(std::shared_ptr<memory_pipe> pipe, std::size_t limit, error_code fate)
        : pipe_{std::move(pipe)},
          limit_{limit},
          fate_{fate}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        viaduct::detail::end_on_cancellation(self);
        if (fate_ || static_cast<Derived&>(*this).is_ready(*pipe_)) {
            auto const executor = self.get_executor();
            return net::post(executor, viaduct::detail::prepend(std::move(self), error_code{}));
        }
        wait(self);
    }

    template <class Self>
    void operator()(Self& self, error_code)
    {
        if (viaduct::detail::cancelled(self)) return self.complete(net::error::operation_aborted, 0);
        if (fate_) return self.complete(fate_, 0);
        auto& derived = static_cast<Derived&>(*this);
        if (!derived.is_ready(*pipe_)) return wait(self);
        auto const pipe = std::move(pipe_);
        auto const [ec, n] = derived.move_octets(*pipe, limit_);
        if (n != 0) pipe->wake();
        self.complete(ec, n);
    }

private:
    template <class Self>
    void wait(Self& self)
    {
        auto& timer = Derived::event(*pipe_);
        timer.async_wait(std::move(self));
    }

    std::shared_ptr<memory_pipe> pipe_;
    std::size_t limit_;
    error_code fate_;
};

using moved = std::pair<error_code, std::size_t>;

template <class Buffers>
class pipe_read_op : public pipe_op<pipe_read_op<Buffers>>
{
public:
    pipe_read_op(std::shared_ptr<memory_pipe> pipe, Buffers buffers, std::size_t limit, error_code fate)
        : pipe_op<pipe_read_op>{std::move(pipe), limit, fate},
          buffers_{std::move(buffers)}
    {}

    [[nodiscard]] static net::steady_timer& event(memory_pipe& pipe) { return pipe.readable; }

    [[nodiscard]] bool is_ready(memory_pipe const& pipe) const
    {
        return !pipe.held.empty() || pipe.writer_state != pipe_end::open ||
               pipe.reader_state != pipe_end::open || net::buffer_size(buffers_) == 0;
    }

    [[nodiscard]] moved move_octets(memory_pipe& pipe, std::size_t limit) const
    {
        if (pipe.reader_state != pipe_end::open) return {net::error::operation_aborted, 0};
        if (pipe.writer_state == pipe_end::reset) return {net::error::connection_reset, 0};
        if (pipe.held.empty() && net::buffer_size(buffers_) != 0) return {net::error::eof, 0};
        auto const n = net::buffer_copy(buffers_, net::buffer(pipe.held), limit);
        pipe.held.erase(0, n);
        return {{}, n};
    }

private:
    Buffers buffers_;
};

template <class Buffers>
class pipe_write_op : public pipe_op<pipe_write_op<Buffers>>
{
public:
    pipe_write_op(std::shared_ptr<memory_pipe> pipe, Buffers buffers, std::size_t limit, error_code fate)
        : pipe_op<pipe_write_op>{std::move(pipe), limit, fate},
          buffers_{std::move(buffers)}
    {}

    [[nodiscard]] static net::steady_timer& event(memory_pipe& pipe) { return pipe.writable; }

    [[nodiscard]] bool is_ready(memory_pipe const& pipe) const
    {
        return pipe.held.size() < pipe.capacity || pipe.writer_state != pipe_end::open ||
               pipe.reader_state != pipe_end::open || net::buffer_size(buffers_) == 0;
    }

    [[nodiscard]] moved move_octets(memory_pipe& pipe, std::size_t limit) const
    {
        if (pipe.writer_state >= pipe_end::closed) return {net::error::operation_aborted, 0};
        if (pipe.writer_state == pipe_end::finished) return {net::error::broken_pipe, 0};
        if (pipe.reader_state == pipe_end::reset) return {net::error::connection_reset, 0};
        if (pipe.reader_state == pipe_end::closed) return {net::error::broken_pipe, 0};
        auto const n = std::min({net::buffer_size(buffers_), limit, pipe.capacity - pipe.held.size()});
        auto const old = pipe.held.size();
        pipe.held.resize(old + n);
        net::buffer_copy(net::buffer(pipe.held.data() + old, n), buffers_);
        return {{}, n};
    }

private:
    Buffers buffers_;
};

} // namespace viaduct::testing::detail

#endif

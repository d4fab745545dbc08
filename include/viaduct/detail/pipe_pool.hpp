#ifndef VIADUCT_DETAIL_PIPE_POOL_HPP
#define VIADUCT_DETAIL_PIPE_POOL_HPP

#if defined(__linux__)

#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// The two ends of a kernel pipe.
class pipe_ends
{
public:
    /// A new pipe that holds `octets`, or as much as the system grants; nothing if it grants none.
    [[nodiscard]] static std::optional<pipe_ends> open(int octets)
    {
        int ends[2];
        if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
        ::fcntl(ends[1], F_SETPIPE_SZ, octets); // a smaller pipe is a pipe
        return pipe_ends{ends[0], ends[1]};
    }

    pipe_ends(pipe_ends&& other) noexcept
        : out_{std::exchange(other.out_, -1)},
          in_{std::exchange(other.in_, -1)}
    {}
    pipe_ends& operator=(pipe_ends&& other) noexcept
    {
        std::swap(out_, other.out_);
        std::swap(in_, other.in_);
        return *this;
    }
    ~pipe_ends()
    {
        if (out_ < 0) return;
        ::close(out_);
        ::close(in_);
    }

    [[nodiscard]] int out() const noexcept { return out_; } ///< Octets come out here.
    [[nodiscard]] int in() const noexcept { return in_; }   ///< They go in here.

private:
    pipe_ends(int out, int in) noexcept : out_{out}, in_{in} {}

    int out_;
    int in_;
};

/// The empty pipes of a thread. A direction takes one while octets are in flight, and gives it back empty.
class pipe_pool
{
public:
    static constexpr int pipe_size = 512 * 1024;
    static constexpr std::size_t max_free = 16;

    [[nodiscard]] static pipe_pool& mine()
    {
        thread_local pipe_pool instance;
        return instance;
    }

    [[nodiscard]] std::optional<pipe_ends> take()
    {
        if (free_.empty()) return pipe_ends::open(pipe_size);
        std::optional<pipe_ends> pipe{std::move(free_.back())};
        free_.pop_back();
        return pipe;
    }

    void give_back(pipe_ends pipe)
    {
        if (free_.size() < max_free) free_.push_back(std::move(pipe));
    }

private:
    pipe_pool() { free_.reserve(max_free); }

    std::vector<pipe_ends> free_;
};

} // namespace viaduct::detail

#endif

#endif

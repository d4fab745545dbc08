#ifndef VIADUCT_RELAY_READ_SIZE_HPP
#define VIADUCT_RELAY_READ_SIZE_HPP

#include <algorithm>
#include <cstddef>

namespace viaduct {

/// How much memory the next read of a stream deserves: little for one that is silent, more while it is busy.
/**
 * A stream that cannot be asked whether it is readable must be given memory to wait with. So a direction
 * waits with a small buffer, reads on with a larger one after each read that filled it, and goes back by
 * steps once its reads have become small.
 */
class read_size
{
public:
    static constexpr std::size_t least = 1024;
    static constexpr std::size_t factor = 4;

    /// @param most Octets that a direction may hold.
    explicit read_size(std::size_t most) noexcept
        : most_{std::max<std::size_t>(most, 1)},
          size_{std::min(least, most_)}
    {}

    [[nodiscard]] std::size_t get() const noexcept { return size_; }

    /// A read into that many octets brought `n`.
    void on_read(std::size_t n) noexcept
    {
        if (n >= size_)
            size_ = std::min(size_ * factor, most_);
        else if (n < size_ / factor)
            size_ = std::max(size_ / factor, std::min(least, most_));
    }

private:
    std::size_t most_;
    std::size_t size_;
};

} // namespace viaduct

#endif

#ifndef VIADUCT_DETAIL_BUFFER_POOL_HPP
#define VIADUCT_DETAIL_BUFFER_POOL_HPP

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A block of memory that goes back to its thread's pool.
class pooled_buffer
{
public:
    pooled_buffer() = default;
    explicit pooled_buffer(std::size_t size) : memory_{take(size)}, size_{size} {}
    pooled_buffer(pooled_buffer&& other) noexcept
        : memory_{std::move(other.memory_)},
          size_{std::exchange(other.size_, 0)}
    {}
    pooled_buffer& operator=(pooled_buffer&& other) noexcept
    {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~pooled_buffer()
    {
        if (memory_) give_back(std::move(memory_), size_);
    }

    [[nodiscard]] std::span<char> span() const noexcept { return {memory_.get(), size_}; }

private:
    using block = std::unique_ptr<char[]>;

    /// The free blocks of one size. A thread mostly relays with one size, so a change of size just starts
    /// afresh.
    struct pool
    {
        ~pool() { gone() = true; }

        std::size_t block_size = 0;
        std::vector<block> free;
    };

    static constexpr std::size_t max_free = 64; // a megabyte a thread, at the default size

    [[nodiscard]] static pool& mine()
    {
        thread_local pool instance;
        return instance;
    }

    [[nodiscard]] static block take(std::size_t size)
    {
        auto& [block_size, free] = mine();
        if (block_size != size || free.empty())
            return block{new char[size]}; // not initialised: it is read into
        auto memory = std::move(free.back());
        free.pop_back();
        return memory;
    }

    /// Whether the thread is ending and has no pool any more, although buffers may come back.
    [[nodiscard]] static bool& gone() noexcept
    {
        thread_local bool flag = false;
        return flag;
    }

    static void give_back(block memory, std::size_t size) noexcept
    {
        if (gone()) return;
        auto& [block_size, free] = mine();
        if (block_size != size) {
            free.clear();
            free.reserve(max_free);
            block_size = size;
        }
        if (free.size() < max_free) free.push_back(std::move(memory));
    }

    block memory_;
    std::size_t size_ = 0;
};

} // namespace viaduct::detail

#endif

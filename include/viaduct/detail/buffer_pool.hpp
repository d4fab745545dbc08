#ifndef VIADUCT_DETAIL_BUFFER_POOL_HPP
#define VIADUCT_DETAIL_BUFFER_POOL_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A block of memory that goes back to its thread's pool.
class pooled_buffer
{
public:
    pooled_buffer() = default;
    explicit pooled_buffer(std::size_t size) : memory_{take(size)}, size_{size} {}

    /// A copy of these octets; nothing for none.
    explicit pooled_buffer(std::string_view octets) : pooled_buffer{octets.size()}
    {
        octets.copy(data(), octets.size());
    }

    pooled_buffer(pooled_buffer&& other) noexcept
        : memory_{std::move(other.memory_)},
          size_{std::exchange(other.size_, 0)}
    {}
    pooled_buffer& operator=(pooled_buffer&& other) noexcept
    {
        pooled_buffer{std::move(*this)}; // goes back before anything else is taken
        memory_ = std::move(other.memory_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~pooled_buffer()
    {
        if (memory_) give_back(std::move(memory_), size_);
    }

    [[nodiscard]] char* data() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Becomes a block of another size; what was in it is gone.
    void resize(std::size_t size)
    {
        if (size == size_) return;
        *this = {};
        *this = pooled_buffer{size};
    }

private:
    using block = std::unique_ptr<char[]>;

    static constexpr std::size_t least = 1024;
    static constexpr std::size_t classes = 8;              // 1, 2, 4 ... 128 KiB; larger ones are not kept
    static constexpr std::size_t kept_octets = 512 * 1024; // of each class, a thread

    /// The free blocks of a thread.
    struct pool
    {
        ~pool() { gone() = true; }

        std::array<std::vector<block>, classes> free;
    };

    [[nodiscard]] static pool& mine()
    {
        thread_local pool instance;
        return instance;
    }

    /// Whether the thread is ending and has no pool any more, although buffers may come back.
    [[nodiscard]] static bool& gone() noexcept
    {
        thread_local bool flag = false;
        return flag;
    }

    [[nodiscard]] static std::size_t rounded(std::size_t size) noexcept
    {
        return std::bit_ceil(std::max(size, least));
    }
    [[nodiscard]] static std::size_t class_of(std::size_t block_size) noexcept
    {
        return static_cast<std::size_t>(std::countr_zero(block_size) - std::countr_zero(least));
    }

    [[nodiscard]] static block take(std::size_t size)
    {
        if (size == 0) return {};
        auto const wanted = rounded(size);
        if (class_of(wanted) >= classes) return block{new char[size]}; // not initialised: it is written into
        auto& free = mine().free[class_of(wanted)];
        if (free.empty()) return block{new char[wanted]};
        auto memory = std::move(free.back());
        free.pop_back();
        return memory;
    }

    static void give_back(block memory, std::size_t size) noexcept
    {
        auto const taken = rounded(size);
        if (gone() || class_of(taken) >= classes) return;
        auto& free = mine().free[class_of(taken)];
        if (free.size() >= kept_octets / taken) return;
        try {
            free.push_back(std::move(memory));
        } catch (std::bad_alloc const&) { // then it is freed
        }
    }

    block memory_;
    std::size_t size_ = 0;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_LINE_QUEUE_HPP
#define VIADUCT_DETAIL_LINE_QUEUE_HPP

#include <viaduct/detail/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace viaduct::detail {

/// What is to be done at one place between the lines of a queue.
struct queue_mark
{
    std::uint64_t at = 0;     ///< After so many octets of lines.
    std::uint64_t ticket = 0; ///< Rises from mark to mark.
    std::uint64_t lost = 0;   ///< Lines that should have stood here.
    bool is_reopen = false;
    bool is_rotation = false;
    bool is_flush = false;
};

/// A queue of lines and marks between them, in memory that is allocated once: a rule without locks.
/**
 * Lines lie in a ring one behind the other as they will be written, so that many of them are taken out by one
 * copy. There is room for 32 marks; further ones are merged into the last.
 */
class line_queue
{
public:
    explicit line_queue(std::size_t capacity)
        : octets_{std::make_unique_for_overwrite<char[]>(capacity)},
          size_{capacity}
    {}

    [[nodiscard]] std::size_t capacity() const noexcept { return size_; }
    [[nodiscard]] std::size_t used() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    [[nodiscard]] bool has_marks() const noexcept { return marks_ > 0; }
    [[nodiscard]] bool is_empty() const noexcept { return used() == 0 && !has_marks(); }

    /// Octets that a line needs: one more if it lacks its line feed.
    [[nodiscard]] static std::size_t needed(std::string_view line) noexcept
    {
        return line.size() + (line.empty() || line.back() != '\n' ? 1 : 0);
    }
    [[nodiscard]] bool has_room(std::size_t octets) const noexcept { return octets <= size_ - used(); }

    /// Puts a line behind the others, with a line feed; there must be room for it.
    VIADUCT_DECL void push(std::string_view line) noexcept;

    /// Puts a mark behind the lines.
    /** @return Its ticket. */
    VIADUCT_DECL std::uint64_t push(queue_mark mark) noexcept;

    /// Drops lines at the front until there is room for so many octets, at most the capacity.
    /** @return How many were dropped. */
    VIADUCT_DECL std::uint64_t drop_until_room(std::size_t octets) noexcept;

    /// Takes the first mark, if no line stands before it.
    [[nodiscard]] VIADUCT_DECL bool pop(queue_mark& mark) noexcept;

    /// Takes lines up to the first mark: about as many octets as are wanted, and at least one line.
    /**
     * @param batch Has room for the capacity.
     * @return How many octets of `batch` are used; 0 if there is no line before the first mark.
     */
    [[nodiscard]] VIADUCT_DECL std::size_t pop(char* batch, std::size_t wanted) noexcept;

private:
    [[nodiscard]] VIADUCT_DECL std::string_view first_piece() const noexcept;
    VIADUCT_DECL void put(std::string_view octets) noexcept;
    VIADUCT_DECL void copy(char* batch, std::size_t n) const noexcept;
    VIADUCT_DECL void drop_line() noexcept;

    std::unique_ptr<char[]> octets_;
    std::size_t size_;
    std::uint64_t begin_ = 0; // octets that were ever taken out; modulo the size it is the place
    std::uint64_t end_ = 0;   // octets that were ever put in

    std::array<queue_mark, 32> ring_of_marks_{};
    std::size_t first_mark_ = 0;
    std::size_t marks_ = 0;
    std::uint64_t ticket_ = 0;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/line_queue.ipp>
#endif

#endif

#ifndef VIADUCT_DETAIL_HEAD_READER_HPP
#define VIADUCT_DETAIL_HEAD_READER_HPP

#include <viaduct/http/head.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// The memory of a head that is being read, and its parser: what both handshakes have in common.
class head_reader
{
public:
    explicit head_reader(head_limits const& limits, head_syntax syntax = {})
        : limits_{limits},
          syntax_{syntax},
          parser_{limits, syntax}
    {}

    /// Where to put the next octets: never empty, and not much more than the limit.
    [[nodiscard]] std::span<char> prepare()
    {
        // One octet above the limit shows that it is exceeded; no limit at all must not wrap around.
        auto const most = std::max(limits_.head, limits_.head + 1);
        if (size_ == memory_.size()) memory_.resize(std::min(std::max(2 * size_, first_size), most));
        return std::span{memory_}.subspan(size_);
    }

    /// Takes `n` octets that were put there.
    head_state commit(std::size_t n)
    {
        size_ += n;
        auto const state = parser_.parse(received());
        surplus_ = state == head_state::complete ? size_ - parser_.size() : 0;
        size_ -= surplus_;
        return state;
    }

    /// Forgets the head, to read another one; the surplus of the last commit stays what it was.
    void restart()
    {
        parser_ = head_parser{limits_, syntax_};
        size_ = 0;
    }

    /// How many of the octets of the last commit lie behind the head; they were not taken.
    [[nodiscard]] std::size_t surplus() const noexcept { return surplus_; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool has_start_line() const noexcept { return parser_.has_start_line(); }
    [[nodiscard]] error_code error() const noexcept { return parser_.error(); }
    [[nodiscard]] std::string_view start_line() const { return parser_.start_line(received()); }
    [[nodiscard]] field_list fields() const { return parser_.fields(received()); }

    /// All octets taken so far; after the head is complete, the head.
    [[nodiscard]] std::string_view received() const noexcept
    {
        return std::string_view{memory_}.substr(0, size_);
    }

    /// Those of them that make whole lines which are in order, as far as a head is by itself.
    [[nodiscard]] std::string_view lines() const noexcept { return received().substr(0, parser_.size()); }

    /// The start line, and what is in front of it, as they came.
    [[nodiscard]] std::string_view opening() const noexcept
    {
        return received().substr(0, parser_.fields_start());
    }

private:
    static constexpr std::size_t first_size = 1024; // most heads fit; a slow one should not own more

    head_limits limits_;
    head_syntax syntax_;
    head_parser parser_;
    std::string memory_;
    std::size_t size_ = 0;
    std::size_t surplus_ = 0;
};

} // namespace viaduct::detail

#endif

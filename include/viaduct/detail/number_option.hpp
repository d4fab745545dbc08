#ifndef VIADUCT_DETAIL_NUMBER_OPTION_HPP
#define VIADUCT_DETAIL_NUMBER_OPTION_HPP

#include <cstddef>

namespace viaduct::detail {

/// A number as an option of a socket, as Asio wants one to be.
struct number_option
{
    int level_;
    int name_;
    int value_;

    template <class Protocol>
    [[nodiscard]] int level(Protocol const&) const noexcept
    {
        return level_;
    }
    template <class Protocol>
    [[nodiscard]] int name(Protocol const&) const noexcept
    {
        return name_;
    }
    template <class Protocol>
    [[nodiscard]] int const* data(Protocol const&) const noexcept
    {
        return &value_;
    }
    template <class Protocol>
    [[nodiscard]] std::size_t size(Protocol const&) const noexcept
    {
        return sizeof value_;
    }
};

} // namespace viaduct::detail

#endif

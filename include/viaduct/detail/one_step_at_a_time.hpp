#ifndef VIADUCT_DETAIL_ONE_STEP_AT_A_TIME_HPP
#define VIADUCT_DETAIL_ONE_STEP_AT_A_TIME_HPP

#include <viaduct/detail/asio.hpp>

namespace viaduct::detail {

/// An implementation that has one step under way at a time, and cancels it through its slot.
class one_step_at_a_time
{
public:
    void cancel() { step_.emit(net::cancellation_type::terminal); }

    template <class Tag>
    [[nodiscard]] net::cancellation_slot slot(Tag) noexcept
    {
        return step_.slot();
    }

private:
    net::cancellation_signal step_;
};

} // namespace viaduct::detail

#endif

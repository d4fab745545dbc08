#ifndef VIADUCT_CLIENT_CONNECT_ERROR_HPP
#define VIADUCT_CLIENT_CONNECT_ERROR_HPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/error.hpp>

#include <string>
#include <utility>

namespace viaduct {

/// What `dial` and `connect_tunnel` throw when there is no tunnel: the error and all that is known about it.
/** Completion tokens that throw, such as `use_awaitable`, throw the bare `system_error`: `as_tuple` keeps the
 * report. */
class connect_error : public system_error
{
public:
    explicit connect_error(connect_failure failure)
        : system_error{failure.error},
          text_{failure.message()},
          failure_{std::move(failure)}
    {}

    /// `connect_failure::message`.
    [[nodiscard]] char const* what() const noexcept override { return text_.c_str(); }

    [[nodiscard]] connect_failure const& failure() const noexcept { return failure_; }

    /// The proxy's answer; its status is 0 if none came.
    [[nodiscard]] connect_reply const& reply() const noexcept { return failure_.report.reply; }

private:
    std::string text_;
    connect_failure failure_;
};

} // namespace viaduct

#endif

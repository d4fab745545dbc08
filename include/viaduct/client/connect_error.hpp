#ifndef VIADUCT_CLIENT_CONNECT_ERROR_HPP
#define VIADUCT_CLIENT_CONNECT_ERROR_HPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/error.hpp>

#include <utility>

namespace viaduct {

/// What the throwing forms throw when there is no tunnel: the error and all that is known about it.
class connect_error : public system_error
{
public:
    explicit connect_error(connect_failure failure)
        : system_error{failure.error, failure.message()},
          failure_{std::move(failure)}
    {}

    [[nodiscard]] connect_failure const& failure() const noexcept { return failure_; }

    /// The proxy's answer; its status is 0 if none came.
    [[nodiscard]] connect_reply const& reply() const noexcept { return failure_.report.reply; }

private:
    connect_failure failure_;
};

} // namespace viaduct

#endif

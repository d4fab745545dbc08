#ifndef VIADUCT_CLIENT_CONNECT_ERROR_HPP
#define VIADUCT_CLIENT_CONNECT_ERROR_HPP

#include <viaduct/client/connect_reply.hpp>
#include <viaduct/error.hpp>

#include <utility>

namespace viaduct {

/// What the throwing forms throw when there is no tunnel: the error and all that the proxy said.
class connect_error : public system_error
{
public:
    connect_error(error_code ec, connect_reply reply) : system_error{ec, "CONNECT"}, reply_{std::move(reply)}
    {}

    /// The proxy's answer; its status is 0 if none came.
    [[nodiscard]] connect_reply const& reply() const noexcept { return reply_; }

private:
    connect_reply reply_;
};

} // namespace viaduct

#endif

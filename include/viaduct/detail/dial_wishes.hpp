#ifndef VIADUCT_DETAIL_DIAL_WISHES_HPP
#define VIADUCT_DETAIL_DIAL_WISHES_HPP

#include <viaduct/client/proxy_list.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/net/outgoing_socket.hpp>

#include <optional>

namespace viaduct::detail {

/// What is wanted of one dial alone.
struct dial_wishes
{
    std::optional<proxy_list> ways{}; // in place of those of the options
    fields proxy_fields{};            // besides those of the options
    bool plain_only = false;
    outgoing_socket from{};
};

} // namespace viaduct::detail

#endif

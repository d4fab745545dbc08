#ifndef VIADUCT_IMPL_CLIENT_DIAL_OBSERVER_IPP
#define VIADUCT_IMPL_CLIENT_DIAL_OBSERVER_IPP

#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/dial_observer.hpp>

namespace viaduct {

VIADUCT_DECL redacted_request::redacted_request(client_handshake const& request)
    : text_{request.redacted_request()},
      size_{request.request().size()}
{}

} // namespace viaduct

#endif

#ifndef VIADUCT_VIADUCT_HPP
#define VIADUCT_VIADUCT_HPP

// Everything but the test kit.

#include <viaduct/action.hpp>
#include <viaduct/auth/auth_scheme.hpp>
#include <viaduct/auth/authenticator.hpp>
#include <viaduct/auth/basic.hpp>
#include <viaduct/auth/basic_authenticator.hpp>
#include <viaduct/auth/bearer.hpp>
#include <viaduct/client/connect_tunnel.hpp>
#include <viaduct/client/dial.hpp>
#include <viaduct/client/environment.hpp>
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/client/proxy_health.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/client/proxy_selection.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/client/socks5_handshake.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/http/head.hpp>
#include <viaduct/http/proxy_status.hpp>
#include <viaduct/http/status.hpp>
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/log_sink.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/stream_line_sink.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/net/address_order.hpp>
#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/connect_race.hpp>
#include <viaduct/net/proxy_protocol.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/acceptor.hpp>
#include <viaduct/server/address_guard.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/serve_tunnel.hpp>
#include <viaduct/server/service.hpp>
#include <viaduct/server/worker_pool.hpp>

#endif

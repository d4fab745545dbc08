// The compiled library: every function that is not a template, once. Those of dialling, which take the
// compiler as long as all others together, are in viaduct_dial.cpp.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/auth/basic.ipp>
#include <viaduct/impl/auth/basic_authenticator.ipp>
#include <viaduct/impl/auth/bearer.ipp>
#include <viaduct/impl/client/client_handshake.ipp>
#include <viaduct/impl/client/connect_conversation.ipp>
#include <viaduct/impl/client/connect_failure.ipp>
#include <viaduct/impl/client/dial_observer.ipp>
#include <viaduct/impl/client/environment.ipp>
#include <viaduct/impl/client/no_proxy.ipp>
#include <viaduct/impl/client/proxy_auth.ipp>
#include <viaduct/impl/client/proxy_health.ipp>
#include <viaduct/impl/client/proxy_list.ipp>
#include <viaduct/impl/client/proxy_selection.ipp>
#include <viaduct/impl/client/proxy_url.ipp>
#include <viaduct/impl/client/refusal_body.ipp>
#include <viaduct/impl/client/refusal_error.ipp>
#include <viaduct/impl/client/socks5_handshake.ipp>
#include <viaduct/impl/condition.ipp>
#include <viaduct/impl/detail/account_book.ipp>
#include <viaduct/impl/detail/account_table.ipp>
#include <viaduct/impl/detail/arrivals.ipp>
#include <viaduct/impl/detail/auth_wait.ipp>
#include <viaduct/impl/detail/dial_plan.ipp>
#include <viaduct/impl/error.ipp>
#include <viaduct/impl/http/authority.ipp>
#include <viaduct/impl/http/challenge.ipp>
#include <viaduct/impl/http/fields.ipp>
#include <viaduct/impl/http/head.ipp>
#include <viaduct/impl/http/proxy_status.ipp>
#include <viaduct/impl/log/file_line_sink.ipp>
#include <viaduct/impl/log/formatted_log.ipp>
#include <viaduct/impl/log/squid_native.ipp>
#include <viaduct/impl/net/address_order.ipp>
#include <viaduct/impl/net/any_stream.ipp>
#include <viaduct/impl/net/caching_resolver.ipp>
#include <viaduct/impl/net/connect_race.ipp>
#include <viaduct/impl/net/lookup_pool.ipp>
#include <viaduct/impl/net/pending_query.ipp>
#include <viaduct/impl/net/proxy_header.ipp>
#include <viaduct/impl/net/proxy_protocol.ipp>
#include <viaduct/impl/net/resolver_cache.ipp>
#include <viaduct/impl/net/system_resolver.ipp>
#include <viaduct/impl/policy/access_list.ipp>
#include <viaduct/impl/policy/acl_set.ipp>
#include <viaduct/impl/policy/explain.ipp>
#include <viaduct/impl/policy/policy.ipp>
#include <viaduct/impl/relay/relay_clock.ipp>
#include <viaduct/impl/relay/relay_direction.ipp>
#include <viaduct/impl/relay/socket_direction.ipp>
#include <viaduct/impl/relay/token_bucket.ipp>
#include <viaduct/impl/relay/traffic_meter.ipp>
#include <viaduct/impl/server/acceptor.ipp>
#include <viaduct/impl/server/address_guard.ipp>
#include <viaduct/impl/server/limits.ipp>
#include <viaduct/impl/server/refusal.ipp>
#include <viaduct/impl/server/request_bucket.ipp>
#include <viaduct/impl/server/server_handshake.ipp>
#include <viaduct/impl/server/service.ipp>
#include <viaduct/impl/server/tunnel_records.ipp>
#include <viaduct/impl/server/worker_pool.ipp>

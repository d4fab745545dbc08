// The compiled library's part for serving, which takes the compiler as long as the rest.

#if !defined(VIADUCT_SEPARATE_COMPILATION)
#error "lib/viaduct_server.cpp is for the compiled mode: define VIADUCT_SEPARATE_COMPILATION"
#endif

#include <viaduct/impl/detail/opening.ipp>
#include <viaduct/impl/detail/serve_page_op.ipp>
#include <viaduct/impl/detail/service_change.ipp>
#include <viaduct/impl/detail/service_pages.ipp>
#include <viaduct/impl/detail/shortage.ipp>
#include <viaduct/impl/server/acceptor.ipp>
#include <viaduct/impl/server/serve_tunnel.ipp>
#include <viaduct/impl/server/service.ipp>
#include <viaduct/impl/server/worker_pool.ipp>

#ifndef VIADUCT_IMPL_LOG_NAMED_FORMATS_IPP
#define VIADUCT_IMPL_LOG_NAMED_FORMATS_IPP

#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/json_lines.hpp>
#include <viaduct/log/named_formats.hpp>

namespace viaduct {

VIADUCT_DECL record_format_ptr format_named(std::string_view name)
{
    if (name == "envoy") return envoy_default();
    if (name == "istio") return istio_default();
    if (name == "haproxy") return haproxy_tcp();
    if (name == "json") return json_flat();
    if (name == "ecs") return json_ecs();
    if (name == "otlp") return json_otlp();
    return nullptr;
}

} // namespace viaduct

#endif

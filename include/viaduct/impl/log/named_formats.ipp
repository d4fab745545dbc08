#ifndef VIADUCT_IMPL_LOG_NAMED_FORMATS_IPP
#define VIADUCT_IMPL_LOG_NAMED_FORMATS_IPP

#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/json_lines.hpp>
#include <viaduct/log/named_formats.hpp>
#include <viaduct/log/squid_formats.hpp>
#include <viaduct/log/squid_native.hpp>

#include <algorithm>
#include <array>

namespace viaduct {
namespace detail {

struct named_format
{
    std::string_view name;
    record_format_ptr (*make)();
};

inline constexpr std::array<named_format, 11> named_formats{{
    {"squid", [] { return squid_native(); }},
    {"common", [] { return squid_common(); }},
    {"combined", [] { return squid_combined(); }},
    {"referrer", [] { return squid_referrer(); }},
    {"useragent", [] { return squid_useragent(); }},
    {"envoy", [] { return envoy_default(); }},
    {"istio", [] { return istio_default(); }},
    {"haproxy", [] { return haproxy_tcp(); }},
    {"json", [] { return json_flat(); }},
    {"ecs", [] { return json_ecs(); }},
    {"otlp", [] { return json_otlp(); }},
}};

} // namespace detail

VIADUCT_DECL std::vector<std::string_view> format_names()
{
    std::vector<std::string_view> names;
    for (auto const& each : detail::named_formats)
        names.push_back(each.name);
    return names;
}

VIADUCT_DECL record_format_ptr format_named(std::string_view name)
{
    auto const& all = detail::named_formats;
    auto const found =
        std::find_if(all.begin(), all.end(), [name](auto const& each) { return each.name == name; });
    return found == all.end() ? nullptr : found->make();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_CONDITION_IPP
#define VIADUCT_IMPL_CONDITION_IPP

#include <viaduct/condition.hpp>
#include <viaduct/detail/system_code.hpp>

#include <cerrno>
#include <string>

namespace viaduct {
namespace detail {

/// What one of our own errors is a case of; zero for most.
[[nodiscard]] inline condition condition_of(errc e) noexcept
{
    switch (e) {
    case errc::head_timeout:
    case errc::target_timeout:
    case errc::authentication_timeout:
    case errc::tls_timeout:
    case errc::resolve_timeout:
    case errc::connect_timeout:
    case errc::handshake_timeout:
    case errc::idle_timeout:
    case errc::half_close_timeout:
    case errc::lifetime_exceeded:
    case errc::shutdown_timeout:
    case errc::dial_timeout:
    case errc::helper_timeout:
    case errc::proxy_header_timeout:
    case errc::client_tls_timeout: return condition::timed_out;
    case errc::destination_prohibited:
    case errc::port_prohibited:
    case errc::request_denied:
    case errc::authentication_required:
    case errc::authentication_failed:
    case errc::proxy_denied:
    case errc::proxy_auth_required:
    case errc::proxy_auth_rejected:
    case errc::proxy_auth_unsupported:
    case errc::socks_auth_unsupported:
    case errc::socks_auth_rejected:
    case errc::socks_denied: return condition::permission_denied;
    case errc::destination_unresolvable:
    case errc::target_unreachable:
    case errc::parent_unavailable:
    case errc::socks_host_unreachable:
    case errc::socks_network_unreachable:
    case errc::socks_ttl_expired: return condition::unreachable;
    case errc::proxy_refused:
    case errc::socks_connection_refused: return condition::refused;
    default: return condition{};
    }
}

[[nodiscard]] inline bool is_any_system_error(error_code ec, std::initializer_list<int> values) noexcept
{
    for (auto const value : values)
        if (is_system_error(ec, value)) return true;
    return false;
}

/// Whether one of the system's errors is a case of a condition.
[[nodiscard]] inline bool is_system_case(error_code ec, condition c) noexcept
{
    switch (c) {
    case condition::refused: return is_system_error(ec, ECONNREFUSED);
    case condition::timed_out: return is_system_error(ec, ETIMEDOUT);
    case condition::permission_denied: return is_any_system_error(ec, {EACCES, EPERM});
    case condition::unreachable:
        return is_of_name_service(ec) || is_any_system_error(ec, {EHOSTUNREACH, ENETUNREACH, ENETDOWN});
    }
    return false;
}

// See the other category, in error.ipp.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

class condition_category_type final : public error_category
{
public:
    char const* name() const noexcept override { return "viaduct.condition"; }

    std::string message(int value) const override
    {
        switch (static_cast<condition>(value)) {
        case condition::refused: return "refused";
        case condition::timed_out: return "timed out";
        case condition::permission_denied: return "permission denied";
        case condition::unreachable: return "unreachable";
        }
        return "unknown condition";
    }

    using error_category::equivalent;
    bool equivalent(error_code const& ec, int value) const noexcept override
    {
        auto const wanted = static_cast<condition>(value);
        if (ec.category() == viaduct_category()) return condition_of(static_cast<errc>(ec.value())) == wanted;
        return is_system_case(ec, wanted);
    }
};

#pragma GCC diagnostic pop

} // namespace detail

VIADUCT_DECL error_category const& condition_category() noexcept
{
    static detail::condition_category_type const instance;
    return instance;
}

} // namespace viaduct

#endif

#ifndef VIADUCT_CONDITION_HPP
#define VIADUCT_CONDITION_HPP

#include <viaduct/error.hpp>

#include <type_traits>

namespace viaduct {

/// The usual questions about a failure, whoever has reported it: Viaduct, the system or the name service.
/**
 * @code
 * if (ec == viaduct::condition::timed_out) try_again_later();
 * @endcode
 *
 * `std::errc` does not do for this: the codes of Asio by itself do not compare with it.
 */
enum class condition
{
    refused = 1,       ///< A proxy or a target does not want the connection, or does not listen.
    timed_out,         ///< A clock has run out: one of Viaduct's, the system's, or the proxy's.
    permission_denied, ///< A proxy or its rules forbid it, or want other credentials.
    unreachable        ///< There is no address, no route or no answer to the host.
};

/// The category of `condition`; its name is "viaduct.condition".
[[nodiscard]] VIADUCT_DECL error_category const& condition_category() noexcept;

/// Found by argument-dependent look-up, so that `ec == condition::x` works.
[[nodiscard]] inline error_condition make_error_condition(condition c) noexcept
{
    return {static_cast<int>(c), condition_category()};
}

} // namespace viaduct

#if defined(VIADUCT_BOOST_ASIO)
template <>
struct boost::system::is_error_condition_enum<viaduct::condition> : std::true_type
{};
#else
template <>
struct std::is_error_condition_enum<viaduct::condition> : std::true_type
{};
#endif

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/condition.ipp>
#endif

#endif

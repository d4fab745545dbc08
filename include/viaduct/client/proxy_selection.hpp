#ifndef VIADUCT_CLIENT_PROXY_SELECTION_HPP
#define VIADUCT_CLIENT_PROXY_SELECTION_HPP

#include <viaduct/client/environment.hpp>
#include <viaduct/client/no_proxy.hpp>
#include <viaduct/client/proxy_list.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// Which ways lead to which targets.
struct proxy_settings
{
    proxy_list proxies{
        proxy_route{}};      ///< The ways to all targets that are not excepted; at first the direct one.
    no_proxy_rules except{}; ///< The targets that are reached directly, whatever `proxies` says.

    /// The ways to a target.
    /**
     * The direct way alone if `except` matches the target, and otherwise `proxies`. An empty list is no way
     * at all, so that the list of a parser whose error was overlooked leads nowhere. Valid as long as the
     * settings.
     */
    [[nodiscard]] VIADUCT_DECL proxy_list const& select(authority const& target) const;

    /// The entry of `except` that keeps a target from the proxies, as it was written; nothing if none does.
    /** Valid as long as the settings. */
    [[nodiscard]] std::optional<std::string_view> explain(authority const& target) const
    {
        return except.explain(target.host(), target.port());
    }
};

/// The settings of the environment, by curl's rules: see `find_proxy_variable` and `no_proxy_rules`.
/**
 * The variable holds one URL, as it does for other programs, or `direct`; it is no list, for a password may
 * hold a comma. An entry of NO_PROXY that makes no sense is no error: see `no_proxy_rules::invalid_entries`.
 *
 * @param scheme Of the URLs that one would fetch; for a tunnel of one's own `https` is the usual one.
 * @param variables Where to look.
 * @param ec What `parse_proxy_url` reports; success where no variable names a proxy.
 * @param variable The name of the variable that `ec` is about, for a message. Its value is not told, for it
 * may hold a password. Empty on a success.
 * @return The settings; the direct way if no variable names a proxy. On an error there is no way in them.
 */
[[nodiscard]] VIADUCT_DECL proxy_settings proxies_from_environment(std::string_view scheme,
                                                                   environment const& variables,
                                                                   error_code& ec, std::string& variable);

/// The same for whom the error is enough.
[[nodiscard]] VIADUCT_DECL proxy_settings proxies_from_environment(std::string_view scheme,
                                                                   environment const& variables,
                                                                   error_code& ec);

/// The same, with the error as an exception that tells the variable's name.
/** @throws system_error */
[[nodiscard]] VIADUCT_DECL proxy_settings proxies_from_environment(
    std::string_view scheme = "https", environment const& variables = process_environment());

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_selection.ipp>
#endif

#endif

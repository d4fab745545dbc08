#ifndef VIADUCT_EXAMPLES_PROXY_PARENT_VALUES_HPP
#define VIADUCT_EXAMPLES_PROXY_PARENT_VALUES_HPP

#include "settings.hpp"
#include <viaduct/server/parents.hpp>

#include <optional>
#include <string>

namespace viaduct_proxy {

/// What `--cache-peer` expects, for its help.
inline constexpr char cache_peer_syntax[] = "'URL [OPTION]...'";

/// How TLS is spoken with a parent: names of files, and words of OpenSSL.
struct parent_tls
{
    std::string ca{};
    std::string ca_path{};
    std::string certificate{};
    std::string key{};
    std::string ciphers{};
    std::string verify_host{};
    std::string min_version{};

    friend bool operator==(parent_tls const&, parent_tls const&) = default;
};

/// A parent as it was written.
struct typed_parent
{
    typed what{}; ///< Without passwords, for messages.
    viaduct::parent parent;
    std::optional<parent_tls> tls{}; ///< Only if something was said about it.
    bool negotiates = false;         ///< Whether we prove who we are by Kerberos.
};

/// Reads a value of `--cache-peer`.
[[nodiscard]] typed_parent read_parent(typed const& what);

/// Reads a `cache_peer` of squid.conf: `HOST TYPE HTTP-PORT ICP-PORT [OPTION]...`; nothing for a sibling, of
/// which a tunnel has no use.
[[nodiscard]] std::optional<typed_parent> read_cache_peer(typed const& what);

} // namespace viaduct_proxy

#endif

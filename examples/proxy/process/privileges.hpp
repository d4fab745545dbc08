#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_PRIVILEGES_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_PRIVILEGES_HPP

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace viaduct_proxy {

/// Who the program becomes if root starts it, as Squid's `cache_effective_user` and `cache_effective_group`.
struct wished_identity
{
    std::optional<std::string> user{};  ///< A name; nothing: `proxy`, or else `nobody`.
    std::optional<std::string> group{}; ///< A name or a number: this group alone, not those of the user.
};

/// The same as numbers, looked up.
struct identity
{
    std::string name{}; ///< The user's; empty if the program stays who it is.
    uid_t user = 0;
    gid_t group = 0;
    bool has_own_groups = true; ///< Whether it is in all groups of its user.
};

/// Looks up who to become. Changes nothing.
/** Whoever is not root stays who he is; that a user is wished all the same who is another one is told.
 * @throws std::runtime_error that names the user or the group that does not exist. */
[[nodiscard]] identity find_identity(wished_identity const& wish);

/// Is that user for files, for as long as it lives: logs and the like must belong to who writes them later.
/** Does nothing for an identity without a name, and for root's. */
class acting_as
{
public:
    /** @throws std::runtime_error that names the user. */
    explicit acting_as(identity const& whom);
    acting_as(acting_as const&) = delete;
    acting_as& operator=(acting_as const&) = delete;
    ~acting_as();

private:
    std::optional<uid_t> user_{};
    gid_t group_ = 0;
    std::vector<gid_t> groups_{};
};

/// Becomes that user for good; does nothing for an identity without a name, and for root's.
/**
 * To be called when everything is open that only root may open, and before there are threads, as threads keep
 * their capabilities. With libcap the right to listen on ports below 1024 stays, for what is read anew later;
 * programs that are started do not inherit it.
 *
 * PR_SET_NO_NEW_PRIVS is not set: helpers such as Squid's basic_pam_auth are setuid programs, and a
 * configuration that is read anew may be the first that has one. Whoever has none sets it from outside
 * (NoNewPrivileges=).
 *
 * @throws std::runtime_error that names the user, if not everything was given up.
 */
void drop_privileges(identity const& whom);

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_POLICY_ACL_SET_HPP
#define VIADUCT_POLICY_ACL_SET_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/policy/acl.hpp>
#include <viaduct/policy/acl_problem.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What an ACL of type `external` asks: which class of helpers, and with what arguments.
struct external_use
{
    std::string helper{};
    std::vector<std::string> arguments{};
};

/// Whether an ACL may have no values at all.
enum class no_values : unsigned char
{
    refused, ///< It is taken for a slip.
    accepted ///< It matches nothing: its values come from a file, which may be empty.
};

/// ACLs by their names: the `acl` lines of a squid.conf.
/**
 * Types, with the flags that may precede their values (`--` ends the flags):
 *
 *   port, localport             443  1024-65535
 *   method                      CONNECT
 *   src, localip                192.0.2.1  192.0.2.0/24  10.0.0.0/255.0.0.0  192.0.2.1-192.0.2.9
 *                               2001:db8::/32  all  ipv4  ipv6
 *   dst [-n]                    the same, of the target's addresses: one that matches is enough. -n looks at
 *                               targets that are addresses only, so that nothing is looked up
 *   dstdomain [-n]              host.example  .example (the domain and all below it)  192.0.2.1
 *   dstdom_regex [-n] [-i]      regular expressions
 *   myportname                  names of listeners
 *   proxy_auth [-i]             names of users, or REQUIRED for any
 *   proxy_auth_regex [-i]       regular expressions, or REQUIRED
 *   time                        SMTWHFA (D: Monday to Friday) 9:00-17:30, in local time; 17:30:59 matches
 *   maxconn                     a number; matches a client with more requests and tunnels than that
 *   max_user_ip [-s]            a number; matches a user at more addresses than that
 *   req_header NAME [-i]        regular expressions; several lines of that name are one, joined by `, `
 *   browser, referer_regex      the same of User-Agent and Referer
 *   url_regex [-i]              regular expressions; the URL of a CONNECT is `host.example:443` or
 *                               `[2001:db8::1]:443`, in small letters and without a dot at the end
 *   urlpath_regex [-i]          regular expressions; a CONNECT has no path, and nothing matches it
 *   proto                       NONE, which is the scheme of every CONNECT; others are taken, and match none
 *   ext_user [-i]               names of users that helpers have told, or REQUIRED for any
 *   ext_user_regex [-i]         regular expressions, or REQUIRED
 *   external                    CLASS arguments; see `declare_helper`
 *   any-of, all-of              [!]ACL...; several lines of all-of are alternatives
 *   http_status                 407  400-499  500-       of logs only: see `acl::asks_outcome`
 *   hier_code                   HIER_DIRECT  HIER_NONE   of logs only
 *   has                         request, ALE, which is always so; response, when the request has ended
 *
 * Predefined, as in Squid: `all`, `localhost`, `to_localhost`, `to_linklocal`, `CONNECT`, and `manager`,
 * which matches where the proxy itself is asked for a page, however a line may describe its URLs.
 *
 * What differs from Squid: nothing is looked up backwards, so that an address as target is compared with the
 * text of `dstdomain` and `dstdom_regex` only, and names in `src` and `dst` are refused; `max_user_ip` is
 * always strict, since the addresses that count are those in use; a mask with gaps, `*.example` and an ACL
 * without values are refused, where Squid guesses, or says nothing, or warns. `random` is not there: rules
 * may be asked about one request more than once, and should not change their mind.
 *
 * Regular expressions are POSIX's extended ones (regcomp), compared with regard to case unless `-i` precedes
 * them; `+i` undoes it. An expression may be as costly as whoever writes it wants.
 *
 * Movable. Distinct objects: safe. Shared objects: safe while nothing is added: ACLs that rules refer to are
 * the very ones in here, and a line that adds values to one changes those rules too, as in Squid.
 */
class acl_set
{
public:
    /// The predefined ones.
    VIADUCT_DECL acl_set();

    /// Adds the ACL of one line, or values to one that is there.
    /**
     * @param words What follows `acl` on the line: NAME TYPE [flags] values. A file in quotes is not opened
     * here; the caller puts its items in its place.
     * @param problem Where the answer is false: what is wrong, and with which word.
     * @return Whether the line was taken; if not, nothing has changed.
     */
    [[nodiscard]] VIADUCT_DECL bool add(std::vector<std::string> const& words, acl_problem& problem,
                                        no_values if_none = no_values::refused);

    /// Adds an ACL of the program's own.
    /** False if the name is taken, empty, or begins with `!`. Throws nothing but `std::bad_alloc`. */
    VIADUCT_DECL bool add(std::shared_ptr<acl> one);

    /// Makes a class of helpers known (`external_acl_type`), before the `external` ACLs that use it.
    /**
     * @param asks_user Whether its helpers are told who the user is (`%LOGIN`), so that the client must have
     * shown credentials that hold before they are asked.
     */
    VIADUCT_DECL void declare_helper(std::string name, bool asks_user);

    /// The ACL of this name; null if there is none.
    [[nodiscard]] VIADUCT_DECL std::shared_ptr<acl const> find(std::string_view name) const;

    /// What an ACL of type `external` asks its helper; null if it is none. Valid as long as the ACL.
    [[nodiscard]] VIADUCT_DECL external_use const* find_external(std::string_view name) const;

    /// Reads `[!]NAME`.
    /** The result's ACL is null if there is none of that name; `problem` has no word then. */
    [[nodiscard]] VIADUCT_DECL acl_term read_term(std::string_view text, acl_problem& problem) const;

private:
    std::map<std::string, std::shared_ptr<acl>, std::less<>> all_;
    std::map<std::string, bool, std::less<>> helpers_; // whether they ask who the user is
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/policy/acl_set.ipp>
#endif

#endif

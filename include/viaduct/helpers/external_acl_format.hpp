#ifndef VIADUCT_HELPERS_EXTERNAL_ACL_FORMAT_HPP
#define VIADUCT_HELPERS_EXTERNAL_ACL_FORMAT_HPP

#include <viaduct/policy/request_facts.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What a helper of an external ACL is told of a request: the FORMAT of Squid's `external_acl_type`.
/**
 * Words between blanks, with these codes; everything that is put in their place is escaped as
 * `escape_helper_word` does, and is `-` where it is not known or empty.
 *
 *   - `%LOGIN`, `%ul`, `%un`: the user;
 *   - `%SRC`, `%>a`; `%SRCPORT`, `%>p`: the client's address and port;
 *   - `%MYADDR`, `%la`; `%MYPORT`, `%lp`: the proxy's side of the connection;
 *   - `%DST`, `%>rd`; `%PORT`, `%>rP`; `%URI`, `%ru`, `%>ru`: the target's host, port, or both;
 *   - `%METHOD`, `%rm`, `%>rm`;
 *   - `%>{Name}`, `%{Name}`, `%>ha{Name}`, `%{Name}>h`, `%>h{Name}`: the first field of that name;
 *   - `%ACL`: the name of the ACL; `%DATA`: its arguments, each escaped, with a blank between; added at the
 * end if it is not there, as in Squid;
 *   - `%%`: a percent sign.
 *
 * A `#` behind the percent sign (escape, the default) is accepted. Distinct objects: safe. Shared objects:
 * safe.
 */
class external_acl_format
{
public:
    /// @throws std::invalid_argument for a code that is not known, with the code in its text.
    VIADUCT_DECL explicit external_acl_format(std::string_view text);

    /// Whether the user must be known before the helper can be asked (`%LOGIN`).
    [[nodiscard]] bool needs_user() const noexcept { return needs_user_; }

    /// The line for a request: also what an answer is kept by.
    [[nodiscard]] VIADUCT_DECL std::string line(request_facts const& facts, std::string_view acl,
                                                std::span<std::string const> arguments) const;

private:
    enum class code : unsigned char
    {
        text,
        user,
        client,
        client_port,
        local,
        local_port,
        host,
        port,
        target,
        method,
        field,
        acl,
        data
    };

    struct part
    {
        code what = code::text;
        std::string text{}; // or the name of a field
    };

    void add_code(std::string_view text, std::size_t& at);
    [[nodiscard]] bool add_field(std::string_view text, std::size_t& at);
    [[nodiscard]] static std::string value(part const& p, request_facts const& facts);

    std::vector<part> parts_;
    bool needs_user_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/external_acl_format.ipp>
#endif

#endif

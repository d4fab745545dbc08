#ifndef VIADUCT_SERVER_ADMISSION_HPP
#define VIADUCT_SERVER_ADMISSION_HPP

#include <viaduct/error.hpp>
#include <viaduct/policy/request_facts.hpp>
#include <viaduct/policy/verdict.hpp>
#include <viaduct/server/egress.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// Whether a request may go where it wants: the rules and the guard, without any I/O.
/**
 * Rules may ask for what takes time to find out: who the client is, which addresses the target has, what a
 * helper says. So may those that tell parents from the direct way. `next` says what is wanted; whoever drives
 * it finds that out, hands it in, and calls `next` again. It asks for each thing once at most.
 *
 * An IPv4 address that is written as one of IPv6 (`::ffff:192.0.2.1`) is the IPv4 address to the rules.
 *
 * Of a target that is an address, the guard's answer is part of this; of a name it is not known before it has
 * been looked up, which may be a parent's business: see `allowed_endpoints`.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class admission
{
public:
    enum class step : unsigned char
    {
        check_user, ///< Look at the client's credentials, then `on_user`.
        look_up,    ///< Look the target up, then `on_addresses`.
        ask_helper, ///< Ask the helper of the ACL `wanted()`, then `on_answer`.
        go,         ///< The request may go on.
        refuse      ///< It may not: `why()`.
    };

    /**
     * @param way Must outlive the object.
     * @param facts What is known so far. What it points at must outlive the object.
     */
    VIADUCT_DECL admission(egress const& way, request_facts const& facts);

    admission(admission const&) = delete;
    admission& operator=(admission const&) = delete;

    /// Decides with what is known.
    [[nodiscard]] VIADUCT_DECL step next();

    /// The client has proved to be this user; or it is nobody (empty), for the reason given.
    /** @param why `errc::authentication_required`, or `errc::authentication_failed`. */
    VIADUCT_DECL void on_user(std::string user, error_code why = {});

    /// What a look-up has found; nothing if it failed.
    VIADUCT_DECL void on_addresses(std::vector<net::ip::address> found);

    /// What the helper of `wanted()` says.
    VIADUCT_DECL void on_answer(external_answer answer);

    /// The ACL whose helper is to be asked.
    [[nodiscard]] std::string_view wanted() const noexcept { return wanted_; }

    /// Why the request is refused.
    [[nodiscard]] error_code why() const noexcept { return why_; }

    /// The rule that has decided, as it was written; empty if it was none.
    [[nodiscard]] std::string_view rule() const noexcept { return rule_; }

    /// The rule of the list that is only reported which would have denied, or in parentheses what that list
    /// would have had to find out; empty if it would have let the request pass.
    [[nodiscard]] std::string_view reported() const noexcept { return reported_; }

    /// Everything that is known by now.
    [[nodiscard]] request_facts const& facts() const noexcept { return facts_; }

    /// Who asks: who the client has proved to be, or else whom a helper names; empty if nobody knows.
    /** Only the former counts for rules about users, as in Squid. */
    [[nodiscard]] std::string const& user() const noexcept { return user_.empty() ? named_ : user_; }

private:
    [[nodiscard]] step ask(verdict const& v);
    [[nodiscard]] step deny(error_code why);
    [[nodiscard]] step judge_target();
    [[nodiscard]] step judge_way();
    [[nodiscard]] error_code why_denied(bool challenge) const;
    void report();

    egress const* way_;
    request_facts facts_;
    std::optional<authority> as_ipv4_; // the target without its IPv6 disguise
    std::string user_;
    std::string named_;
    bool certified_;     // TLS has told who the client is: other credentials would change nothing
    error_code no_user_; // why there is none
    std::vector<net::ip::address> addresses_;
    std::map<std::string, external_answer, std::less<>> answers_;
    std::string_view wanted_;
    std::string_view rule_;
    std::string_view reported_;
    error_code why_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/admission.ipp>
#endif

#endif

#ifndef VIADUCT_POLICY_VERDICT_HPP
#define VIADUCT_POLICY_VERDICT_HPP

#include <string_view>

namespace viaduct {

/// What rules say of a request.
struct verdict
{
    enum class kind : unsigned char
    {
        allow,
        deny,
        wants_user,      ///< Ask again when the client's credentials have been looked at.
        wants_addresses, ///< Ask again when the target has been looked up.
        wants_answer     ///< Ask again when the helper of the ACL `wanted` has answered.
    };

    kind what = kind::deny;

    /// The rule that decided, as it was written (`deny CONNECT !SSL_ports`); empty where none matched. Valid
    /// as long as the list.
    std::string_view rule{};

    /// The ACL whose helper is to be asked.
    std::string_view wanted{};

    /// Whether other credentials could change the answer: the client is to be asked for them (407). Set where
    /// a rule asks who the client is and it has no credentials that hold, and where the ACL that was asked
    /// last is one of users, as in Squid.
    bool challenge = false;

    /// Where that rule is written (`squid.conf:12`); empty where nobody said. Valid as long as the list.
    std::string_view origin{};

    [[nodiscard]] bool is_final() const noexcept { return what == kind::allow || what == kind::deny; }
};

} // namespace viaduct

#endif

#ifndef VIADUCT_POLICY_ACL_HPP
#define VIADUCT_POLICY_ACL_HPP

#include <viaduct/policy/request_facts.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct {

/// What an ACL says of a request.
enum class acl_answer : unsigned char
{
    no_match,
    match,
    wants_user,       ///< Nobody has looked at the client's credentials yet.
    wants_addresses,  ///< The target has not been looked up yet.
    wants_answer,     ///< The helper of this ACL has not been asked yet.
    needs_credentials ///< The client has none that hold, so nobody can tell.
};

/// The answer, in words that follow the name of an ACL.
[[nodiscard]] constexpr std::string_view to_string(acl_answer answer) noexcept
{
    switch (answer) {
    case acl_answer::no_match: return "does not match";
    case acl_answer::match: return "matches";
    case acl_answer::wants_user: return "wants to know the user";
    case acl_answer::wants_addresses: return "wants to know the addresses of the target";
    case acl_answer::wants_answer: return "wants the answer of its helper";
    default: return "needs credentials that hold";
    }
}

class acl;

/// One question on its way through rules: the facts, and which ACL was asked last.
struct acl_inquiry
{
    request_facts const& facts;

    /// The one that had to look at the facts, not a group that only asked others.
    acl const* last = nullptr;
};

/// A named test of a request, which rules are made of.
/**
 * `acl_set::add` makes those of squid.conf. A program's own are made by `make_acl` from a predicate, or
 * derive from this; they answer at once, without I/O, and from several threads at a time.
 */
class acl
{
public:
    /// @param type What kind it is, as squid.conf says it (`dstdomain`).
    acl(std::string name, std::string_view type) : name_{std::move(name)}, type_{type} {}

    acl(acl const&) = delete;
    acl& operator=(acl const&) = delete;
    virtual ~acl() = default;

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::string const& type() const noexcept { return type_; }

    /// Asks about the facts of the inquiry.
    [[nodiscard]] acl_answer ask(acl_inquiry& inquiry) const
    {
        inquiry.last = this;
        return answer(inquiry);
    }

    /// Whether its answer depends on who the client is.
    [[nodiscard]] virtual bool asks_user() const noexcept { return false; }

    /// Whether a refusal that it had the last word in asks for other credentials.
    [[nodiscard]] virtual bool challenges() const noexcept { return asks_user(); }

    /// Whether it asks how the request ended, and so is one for logs: before that it matches nothing.
    [[nodiscard]] virtual bool asks_outcome() const noexcept { return false; }

    /// Whether its answer depends on another ACL.
    [[nodiscard]] virtual bool depends_on(acl const& other) const noexcept { return this == &other; }

private:
    [[nodiscard]] virtual acl_answer answer(acl_inquiry& inquiry) const = 0;

    std::string name_;
    std::string type_;
};

/// An ACL in a rule or a group, or its opposite.
struct acl_term
{
    std::shared_ptr<acl const> what{}; ///< Never null.
    bool negated = false;

    /// Only `match` and `no_match` have opposites.
    [[nodiscard]] acl_answer ask(acl_inquiry& inquiry) const
    {
        auto const said = what->ask(inquiry);
        if (!negated || said > acl_answer::match) return said;
        return said == acl_answer::match ? acl_answer::no_match : acl_answer::match;
    }

    /// As it stands in squid.conf: `!SSL_ports`.
    [[nodiscard]] std::string text() const { return (negated ? "!" : "") + what->name(); }
};

/// Makes an ACL of the program's own.
/**
 * @param predicate Called with `request_facts const&`, from any thread, several at once; returns a `bool`, or
 * an `acl_answer` where it cannot do without something that is not known yet. Kept by the ACL.
 */
template <class Predicate>
[[nodiscard]] std::shared_ptr<acl> make_acl(std::string name, Predicate predicate)
{
    class predicate_acl final : public acl
    {
    public:
        predicate_acl(std::string its_name, Predicate its_predicate)
            : acl{std::move(its_name), "program"},
              predicate_{std::move(its_predicate)}
        {}

    private:
        static acl_answer as_answer(bool matches)
        {
            return matches ? acl_answer::match : acl_answer::no_match;
        }
        static acl_answer as_answer(acl_answer said) { return said; }

        acl_answer answer(acl_inquiry& inquiry) const override
        {
            return as_answer(predicate_(inquiry.facts));
        }

        Predicate predicate_;
    };
    return std::make_shared<predicate_acl>(std::move(name), std::move(predicate));
}

} // namespace viaduct

#endif

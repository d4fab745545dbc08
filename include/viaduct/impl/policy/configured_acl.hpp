#ifndef VIADUCT_IMPL_POLICY_CONFIGURED_ACL_HPP
#define VIADUCT_IMPL_POLICY_CONFIGURED_ACL_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/policy/acl.hpp>
#include <viaduct/policy/acl_problem.hpp>
#include <viaduct/policy/acl_set.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// The ACLs of squid.conf, each as what its words say.
namespace viaduct::detail::acls {

/// What the words of a line may refer to.
struct known_names
{
    acl_set const& acls;
    std::map<std::string, bool, std::less<>> const& helpers; ///< Whether they ask who the user is.
};

/// The words of a line, taken one after the other.
class word_reader
{
public:
    word_reader(std::vector<std::string> const& words, known_names known, acl_problem& problem)
        : words_{words},
          known_{known},
          problem_{problem}
    {}

    [[nodiscard]] known_names const& known() const noexcept { return known_; }

    [[nodiscard]] bool done() const noexcept { return at_ >= words_.size(); }
    [[nodiscard]] std::string const& peek() const { return words_[at_]; }
    [[nodiscard]] std::string const& take() { return words_[at_++]; }

    /// Says what is wrong with the word that was taken last.
    [[nodiscard]] bool refuse(std::string what, std::string hint = {})
    {
        problem_ = {at_ - 1, std::move(what), std::move(hint)};
        return false;
    }

    /// Says what is missing behind the last word.
    [[nodiscard]] bool miss(std::string what, std::string hint = {})
    {
        problem_ = {words_.size(), std::move(what), std::move(hint)};
        return false;
    }

private:
    std::vector<std::string> const& words_;
    std::size_t at_ = 0;
    known_names known_;
    acl_problem& problem_;
};

[[nodiscard]] inline std::string in_quotes(std::string_view text)
{
    return '"' + std::string{text} + '"';
}

/// Takes the flags in front of the values.
/** @param use Called with each; returns whether the type has such a flag. */
template <class Use>
[[nodiscard]] bool take_flags(word_reader& words, std::string_view known, Use use)
{
    while (!words.done()) {
        auto const& word = words.peek();
        if (word.size() < 2 || (word[0] != '-' && word[0] != '+')) return true;
        auto const& flag = words.take();
        if (flag == "--") return true;
        if (!use(flag))
            return words.refuse(in_quotes(flag) + " is no flag here", "flags: " + std::string{known});
    }
    return true;
}

[[nodiscard]] inline std::string lowered(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), characters::to_lower);
    return out;
}

/// A whole decimal number up to `most`.
[[nodiscard]] inline std::optional<unsigned> number(std::string_view text, unsigned most)
{
    unsigned value = 0;
    auto const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, value);
    bool const whole = error == std::errc{} && end == last && value <= most;
    return whole ? std::optional{value} : std::nullopt;
}

[[nodiscard]] inline acl_answer matches_if(bool condition) noexcept
{
    return condition ? acl_answer::match : acl_answer::no_match;
}

/// The user, if it is known who it is; otherwise what to answer instead.
template <class Judge>
[[nodiscard]] acl_answer of_user(request_facts const& facts, Judge judge)
{
    if (!facts.user) return acl_answer::wants_user;
    return facts.user->empty() ? acl_answer::needs_credentials : judge(*facts.user);
}

/// An ACL that is made of words.
class configured_acl : public acl
{
public:
    using acl::acl;

    /// Reads the values of one line. On failure it is of no use any more.
    [[nodiscard]] virtual bool read(word_reader& words) = 0;

    /// Takes over the values of another of the same type. On failure nothing has changed.
    [[nodiscard]] virtual bool take(configured_acl& other, word_reader& words) = 0;
};

/// Moves the elements of one list to the end of another.
template <class List>
void append(List& to, List& from)
{
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace viaduct::detail::acls

#endif

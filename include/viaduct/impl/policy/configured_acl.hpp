#ifndef VIADUCT_IMPL_POLICY_CONFIGURED_ACL_HPP
#define VIADUCT_IMPL_POLICY_CONFIGURED_ACL_HPP

#include <viaduct/http/characters.hpp>
#include <viaduct/impl/policy/index_keys.hpp>
#include <viaduct/policy/acl.hpp>
#include <viaduct/policy/acl_problem.hpp>
#include <viaduct/policy/acl_set.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
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

/// Whether anybody whom a helper that matches has named is one of those.
template <class Judge>
[[nodiscard]] acl_answer of_named(request_facts const& facts, Judge judge)
{
    if (facts.answers == nullptr) return acl_answer::no_match;
    return matches_if(std::any_of(facts.answers->begin(), facts.answers->end(), [&](auto const& said) {
        return said.second.matches && !said.second.user.empty() && judge(said.second.user);
    }));
}

/// What must be known of a request so that an ACL says no more of it than that it matches or not.
enum needed : unsigned
{
    needs_nothing = 0,
    needs_user = 1, ///< Who the client is; not just that it is nobody.
    needs_addresses = 2,
    needs_more = 4 ///< Nobody can say.
};

/// An ACL that is made of words.
class configured_acl : public acl
{
public:
    using acl::acl;

    /// What its answers need: several of `needed`, joined by `|`.
    [[nodiscard]] virtual unsigned needs() const noexcept { return needs_more; }

    /// Adds its keys; false if there is no telling which requests it matches.
    [[nodiscard]] virtual bool list_keys(index_keys&) const { return false; }

    /// Has `outdated` set when its values, or those of ACLs that it depends on, become others.
    virtual void watch(std::shared_ptr<bool> const& outdated) const
    {
        std::erase_if(watchers_, [](auto const& watcher) { return watcher.expired(); });
        watchers_.push_back(outdated);
    }

    /// Tells those who watch.
    void changed() const
    {
        for (auto const& watcher : watchers_)
            if (auto const outdated = watcher.lock()) *outdated = true;
    }

    /// Reads the values of one line. On failure it is of no use any more.
    [[nodiscard]] virtual bool read(word_reader& words) = 0;

    /// Takes over the values of another of the same type. On failure nothing has changed.
    [[nodiscard]] virtual bool take(configured_acl& other, word_reader& words) = 0;

private:
    mutable std::vector<std::weak_ptr<bool>> watchers_;
};

/// Lets words be looked up without a copy.
struct text_hash
{
    using is_transparent = void;

    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept
    {
        return std::hash<std::string_view>{}(text);
    }
};

using text_set = std::unordered_set<std::string, text_hash, std::equal_to<>>;

/// Moves the elements of one list to the end of another.
template <class List>
void append(List& to, List& from)
{
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace viaduct::detail::acls

#endif

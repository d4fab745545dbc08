#ifndef VIADUCT_TESTS_FUZZ_TARGET_HPP
#define VIADUCT_TESTS_FUZZ_TARGET_HPP

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// A property that must hold for whatever octets one thinks of. All targets of a program know each other.
/** Each is one object in a file of its own; which of them is fed is said when the program starts. */
class target
{
public:
    using check = void (*)(std::string_view input);

    /// @param name That of its file, and of its directory in the corpus.
    /// @param function Aborts where the property does not hold; see `must`.
    target(std::string_view name, check function) noexcept : name_{name}, run_{function}, next_{first()}
    {
        first() = this;
    }
    target(target const&) = delete;
    target& operator=(target const&) = delete;

    void run(std::string_view input) const { run_(input); }

    /// The target with this name; ends the program if there is none.
    [[nodiscard]] static target const& named(std::string_view name)
    {
        for (auto const* each = first(); each; each = each->next_)
            if (each->name_ == name) return *each;
        std::fprintf(stderr, "there is no target '%.*s'\n", static_cast<int>(name.size()), name.data());
        std::exit(2);
    }

private:
    [[nodiscard]] static target*& first() noexcept
    {
        static target* all = nullptr;
        return all;
    }

    std::string_view name_;
    check run_;
    target* next_;
};

/// Ends the program with what was expected, and the text in which it is not so, unless it `holds`.
inline void must(bool holds, char const* what, std::string_view shown = {})
{
    if (holds) return;
    std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(shown.size()), shown.data());
    std::abort();
}

} // namespace fuzz

#endif

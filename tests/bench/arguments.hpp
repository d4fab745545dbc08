#ifndef VIADUCT_TESTS_BENCH_ARGUMENTS_HPP
#define VIADUCT_TESTS_BENCH_ARGUMENTS_HPP

#include "net.hpp"

#include <charconv>
#include <map>
#include <string>

namespace bench {

/// What was typed: options with their values, flags with none.
class arguments
{
public:
    arguments(int first, int argc, char** argv)
    {
        for (int i = first; i < argc; ++i) {
            std::string const name = argv[i];
            if (!name.starts_with("--")) throw failure{"what is '" + name + "'?"};
            bool const has_value = i + 1 < argc && argv[i + 1][0] != '-';
            typed_[name] = has_value ? argv[++i] : "";
        }
    }

    [[nodiscard]] bool has(char const* name) const { return typed_.contains(name); }

    [[nodiscard]] std::string text(char const* name) const
    {
        if (!has(name)) throw failure{std::string{name} + " is missing"};
        return typed_.at(name);
    }

    template <class Number>
    [[nodiscard]] Number number(char const* name, Number otherwise) const
    {
        if (!has(name)) return otherwise;
        auto const& digits = typed_.at(name);
        Number value{};
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size())
            throw failure{std::string{name} + " needs a number"};
        return value;
    }

private:
    std::map<std::string, std::string> typed_;
};

} // namespace bench

#endif

#ifndef VIADUCT_IMPL_LOG_ENVOY_COMPILE_HPP
#define VIADUCT_IMPL_LOG_ENVOY_COMPILE_HPP

#include <viaduct/detail/nearest_name.hpp>
#include <viaduct/impl/log/envoy_commands.hpp>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// Reads a format string once, from left to right.
class envoy_compiler
{
public:
    explicit envoy_compiler(std::string_view spec) : rest_{without_end(spec)} {}

    /// @throws format_problem
    [[nodiscard]] envoy_program compile(envoy_options options)
    {
        program_.options = std::move(options);
        while (!rest_.empty()) {
            if (!rest_.starts_with('%'))
                take_text(rest_.substr(0, rest_.find('%')));
            else if (rest_.starts_with("%%"))
                take_text(rest_.substr(0, 1)), drop(1);
            else
                take_command();
        }
        return std::move(program_);
    }

private:
    /// What a command is made of, as it is written.
    struct written
    {
        std::string_view name{};
        std::string_view argument{};
        std::size_t argument_column = 0;
        bool has_argument = false;
    };

    /// The line feed at the end, which may also be spelt out.
    [[nodiscard]] static std::string_view without_end(std::string_view spec)
    {
        for (std::string_view const end : {"\n", "\r", "\\n"})
            if (spec.ends_with(end)) spec.remove_suffix(end.size());
        return spec;
    }

    void drop(std::size_t n)
    {
        rest_.remove_prefix(n);
        column_ += n;
    }

    void take_text(std::string_view text)
    {
        if (auto const at = text.find_first_of("\r\n"); at != text.npos)
            throw format_problem{column_ + at, "a line break within the format", "one record is one line"};
        for (char const c : text)
            quoted_ ^= c == '"';
        auto& pieces = program_.pieces;
        if (pieces.empty() || pieces.back().value != nullptr) pieces.emplace_back();
        pieces.back().text.append(text);
        drop(text.size());
    }

    void take_command()
    {
        auto const start = column_;
        drop(1);
        auto const read = take_written(start);
        envoy_piece piece;
        piece.quoted = quoted_;
        piece.length = take_length(start);
        set_value(piece, command_of(read.name, start), read, start);
        program_.pieces.push_back(std::move(piece));
    }

    [[nodiscard]] written take_written(std::size_t start)
    {
        written read;
        read.name = rest_.substr(0, rest_.find_first_of("%(: "));
        drop(read.name.size());
        if (!rest_.starts_with('(')) return read;
        auto const size = argument_size(start);
        read.has_argument = true;
        read.argument_column = column_ + 1;
        read.argument = rest_.substr(1, size);
        drop(size + 2);
        return read;
    }

    /// An argument may hold per cent signs and parentheses: it ends where the command can end behind it.
    [[nodiscard]] std::size_t argument_size(std::size_t start) const
    {
        for (auto at = rest_.find(')'); at != rest_.npos; at = rest_.find(')', at + 1))
            if (at + 1 < rest_.size() && (rest_[at + 1] == '%' || rest_[at + 1] == ':')) return at - 1;
        throw format_problem{start, "a command that does not end", "')%' is missing"};
    }

    /// `:15%`, or `%`.
    [[nodiscard]] std::size_t take_length(std::size_t start)
    {
        auto length = std::string_view::npos;
        if (rest_.starts_with(':')) {
            auto const* const end = rest_.data() + rest_.size();
            auto const [stop, error] = std::from_chars(rest_.data() + 1, end, length);
            if (error != std::errc{}) throw format_problem{column_, "a length that is no number"};
            drop(static_cast<std::size_t>(stop - rest_.data()));
        }
        if (!rest_.starts_with('%'))
            throw format_problem{start, "a command that does not end", "a per cent sign by itself is '%%'"};
        drop(1);
        return length;
    }

    [[nodiscard]] static envoy_command const& command_of(std::string_view name, std::size_t column)
    {
        nearest_name nearest{name};
        for (auto const& known : envoy_values::commands) {
            if (known.name == name) return known;
            nearest.offer(known.name);
        }
        for (auto const& known : envoy_values::empty_commands)
            if (known.name == name) return known;
        auto const hint = nearest.found();
        throw format_problem{column, "unknown command '%" + std::string{name} + "%'",
                             hint.empty() ? std::string{} : "did you mean '%" + std::string{hint} + "%'?"};
    }

    void set_value(envoy_piece& piece, envoy_command const& command, written const& read, std::size_t start)
    {
        piece.value = command.value;
        check_argument(command, read, start);
        switch (command.argument) {
        case envoy_argument::time: set_pattern(piece, read); break;
        case envoy_argument::fields: set_fields(piece, read.argument); break;
        case envoy_argument::environment: set_environment(piece, std::string{read.argument}); break;
        default: break;
        }
        if (command.value == envoy_values::hosts_attempted) program_.wishes.addresses = true;
    }

    /// Local time needs its zone with it, if nothing else is asked for.
    static void set_pattern(envoy_piece& piece, written const& read)
    {
        using namespace envoy_values;
        bool const is_local = piece.value == start_time<true> || piece.value == emit_time<true>;
        bool const by_default = is_local && read.argument.empty();
        piece.pattern = {by_default ? "%FT%T.%3f%z" : read.argument, read.argument_column};
    }

    static void check_argument(envoy_command const& command, written const& read, std::size_t start)
    {
        auto const name = "%" + std::string{command.name};
        if (command.argument == envoy_argument::none && read.has_argument)
            throw format_problem{start, "'" + name + "%' takes no argument"};
        bool const needed =
            command.argument >= envoy_argument::required && command.argument <= envoy_argument::environment;
        if (needed && read.argument.empty())
            throw format_problem{start, "'" + name + "%' needs an argument", "as in '" + name + "(name)%'"};
    }

    void set_fields(envoy_piece& piece, std::string_view names)
    {
        auto const mark = std::min(names.find('?'), names.size());
        piece.text = names.substr(0, mark);
        piece.other = names.substr(std::min(mark + 1, names.size()));
        for (auto const& name : {piece.text, piece.other})
            if (!name.empty() && !name.starts_with(':')) program_.wishes.fields = true;
    }

    /// The environment is read now, and does not change.
    static void set_environment(envoy_piece& piece, std::string const& name)
    {
        char const* const found = std::getenv(name.c_str());
        piece.text = found ? found : "";
        piece.value = [](envoy_moment const& at) { return std::string_view{at.piece.text}; };
    }

    std::string_view rest_;
    std::size_t column_ = 1;
    bool quoted_ = false;
    envoy_program program_;
};

} // namespace viaduct::detail

#endif

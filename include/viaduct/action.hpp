#ifndef VIADUCT_ACTION_HPP
#define VIADUCT_ACTION_HPP

#include <viaduct/error.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace viaduct {

/// What a protocol rule wants done next.
/**
 * A rule is a class without I/O. Whoever drives it calls `resume(error_code, bytes_transferred)`, does what
 * the returned action asks, and calls `resume` again with the outcome, until the action is `done`:
 *
 * @li `read`: receive at least one byte into `input`; `resume` gets their number, or 0 and no error at the
 * end of the stream. Afterwards the rule's `surplus()` tells how many of these bytes, at the end, it has not
 * taken: they belong to whatever is read next from the same stream, by this rule or by another.
 * @li `write`: send all of `output`; `resume` gets its size.
 * @li `done`: the rule has ended with `error`; `resume` must not be called again.
 *
 * The memory behind `input` and `output` belongs to the rule and stays valid until the next `resume`.
 */
struct action
{
    enum class kind : unsigned char
    {
        read,
        write,
        done
    };

    kind what = kind::done;
    std::span<char> input{};
    std::string_view output{};
    error_code error{};

    [[nodiscard]] static action read(std::span<char> into) noexcept { return {kind::read, into, {}, {}}; }
    [[nodiscard]] static action write(std::string_view bytes) noexcept
    {
        return {kind::write, {}, bytes, {}};
    }
    [[nodiscard]] static action done(error_code ec = {}) noexcept { return {kind::done, {}, {}, ec}; }

    [[nodiscard]] bool is_done() const noexcept { return what == kind::done; }
};

} // namespace viaduct

#endif

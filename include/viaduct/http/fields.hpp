#ifndef VIADUCT_HTTP_FIELDS_HPP
#define VIADUCT_HTTP_FIELDS_HPP

#include <viaduct/error.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// One field line: its name and its value without the blanks around it.
struct field_view
{
    std::string_view name;
    std::string_view value;

    friend bool operator==(field_view const&, field_view const&) = default;
};

/// The field lines of a head that has been checked, read where they lie.
/**
 * A forward range of `field_view` over octets that someone else owns (a parsed head, a `fields`). Iterating
 * splits lines and allocates nothing. Names are compared without regard to case. Cheap to copy.
 */
class field_list
{
public:
    class iterator
    {
    public:
        using value_type = field_view;
        using reference = field_view;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;

        iterator() = default;
        VIADUCT_DECL explicit iterator(std::string_view rest);

        [[nodiscard]] field_view operator*() const noexcept { return current_; }
        [[nodiscard]] field_view const* operator->() const noexcept { return &current_; }
        VIADUCT_DECL iterator& operator++();
        iterator operator++(int)
        {
            auto copy = *this;
            ++*this;
            return copy;
        }
        friend bool operator==(iterator const& a, iterator const& b) noexcept
        {
            return a.line_.size() + a.rest_.size() == b.line_.size() + b.rest_.size();
        }

    private:
        std::string_view line_; // the current line with its ending; empty at the end
        std::string_view rest_; // what follows it
        field_view current_;
    };

    field_list() = default;

    /// @param block Whole lines, each with its line ending, that a head parser or `fields` has checked.
    explicit field_list(std::string_view block) noexcept : block_{block} {}

    [[nodiscard]] iterator begin() const { return iterator{block_}; }
    [[nodiscard]] iterator end() const { return {}; }
    [[nodiscard]] bool empty() const noexcept { return block_.empty(); }

    /// How many lines have this name.
    [[nodiscard]] VIADUCT_DECL std::size_t count(std::string_view name) const;

    /// The value of the first line with this name.
    [[nodiscard]] VIADUCT_DECL std::optional<std::string_view> find(std::string_view name) const;

    /// Whether `token` is among the comma-separated members of all lines with this name (as in `Connection:
    /// close`).
    [[nodiscard]] VIADUCT_DECL bool has_token(std::string_view name, std::string_view token) const;

    /// The lines as they stand on the wire.
    [[nodiscard]] std::string_view block() const noexcept { return block_; }

private:
    std::string_view block_;
};

/// Whether `name` may stand before the colon of a field line: a token (RFC 9110 section 5.1).
[[nodiscard]] VIADUCT_DECL bool is_field_name(std::string_view name) noexcept;

/// Whether `value` may be sent: no CR, LF, NUL or other control, no blank at either end (RFC 9110
/// section 5.5).
[[nodiscard]] VIADUCT_DECL bool is_field_value(std::string_view value) noexcept;

/// Field lines that their owner builds or keeps, stored as they stand on the wire.
/**
 * Every line is checked when it is added, so serialising is copying. A value type.
 * Distinct objects: safe. Shared objects: unsafe.
 */
class fields
{
public:
    fields() = default;

    /// Copies the lines of a received head; a folded line becomes one line (RFC 9112 section 5.2).
    VIADUCT_DECL explicit fields(field_list received);

    /// Adds a line at the end.
    /** @throws system_error with `errc::field_name_invalid` or `errc::field_value_invalid`; nothing is added
     * then. */
    VIADUCT_DECL void add(std::string_view name, std::string_view value);

    /// Removes all lines with this name, then adds one.
    /** @throws as `add`; nothing changes then. */
    VIADUCT_DECL void set(std::string_view name, std::string_view value);

    /// Removes all lines with this name and returns how many there were.
    VIADUCT_DECL std::size_t erase(std::string_view name);

    [[nodiscard]] field_list list() const noexcept { return field_list{block_}; }
    [[nodiscard]] auto begin() const { return list().begin(); }
    [[nodiscard]] auto end() const { return list().end(); }
    [[nodiscard]] bool empty() const noexcept { return block_.empty(); }
    [[nodiscard]] auto find(std::string_view name) const { return list().find(name); }
    [[nodiscard]] auto count(std::string_view name) const { return list().count(name); }

    /// The lines as they go over the wire, each with CR LF.
    [[nodiscard]] std::string const& block() const noexcept { return block_; }

private:
    std::string block_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/fields.ipp>
#endif

#endif

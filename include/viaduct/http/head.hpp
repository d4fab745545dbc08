#ifndef VIADUCT_HTTP_HEAD_HPP
#define VIADUCT_HTTP_HEAD_HPP

#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>

#include <cstddef>
#include <string_view>

namespace viaduct {

/// How large a head may be. All sizes are in octets and include line endings.
struct head_limits
{
    std::size_t head = 16 * 1024; ///< The whole head, with the empty line.
    std::size_t line = 8 * 1024;  ///< One line; a folded one counts with all its parts.
    std::size_t fields = 64;      ///< Field lines.
};

/// Which of the forms that RFC 9112 leaves to the recipient are accepted.
struct head_syntax
{
    bool bare_lf = false; ///< A LF without CR ends a line (section 2.2 allows it; a proxy should not).
    bool folding = false; ///< A field line may go on in the next line (section 5.2 allows it for responses).
};

/// The state of a head that is still arriving.
enum class head_state : unsigned char
{
    need_more, ///< All octets so far belong to the head, and it goes on.
    complete,  ///< The head has ended; `head_parser::size` tells where.
    failed     ///< No further octet can mend it; `head_parser::error` tells why.
};

/// Finds the end of a message head, request or response, and checks its lines.
/**
 * Works on a view of all octets received so far, which grows from call to call, and resumes where it stopped:
 * every octet is looked at once, however small the pieces are. Nothing is copied and nothing allocated. A
 * head that is wrong fails at the octet or the end of the line that shows it, and with the same error however
 * it is cut.
 *
 * The start line is cut out, not interpreted: see `parse_request_line` and `parse_status_line`. One empty
 * line before it is skipped (RFC 9112 section 2.2).
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class head_parser
{
public:
    explicit head_parser(head_limits const& limits = {}, head_syntax syntax = {}) noexcept
        : limits_{limits},
          syntax_{syntax}
    {}

    /// Looks at what has arrived since the last call.
    /**
     * @param received Everything received so far, the octets of earlier calls unchanged at its beginning
     * (their address may differ). Octets beyond the head are not looked at.
     */
    VIADUCT_DECL head_state parse(std::string_view received);

    [[nodiscard]] head_state state() const noexcept { return state_; }

    /// Why the head failed: one of `invalid_character_in_head`, `bare_cr`, `bare_lf`, `field_without_colon`,
    /// `field_name_invalid`, `line_folded`, `start_line_too_long`, `field_line_too_long`, `head_too_large`,
    /// `too_many_fields`.
    [[nodiscard]] error_code error() const noexcept { return error_; }

    /// The length of the complete head; until then, and if it failed, of the lines that were in order.
    [[nodiscard]] std::size_t size() const noexcept { return line_start_; }

    /// Whether the start line is there already, although the head may go on.
    [[nodiscard]] bool has_start_line() const noexcept { return fields_start_ != 0; }

    /// Where the fields begin, behind the start line; 0 before it is there.
    [[nodiscard]] std::size_t fields_start() const noexcept { return fields_start_; }

    /// The start line without its ending; `received` as in the last call.
    [[nodiscard]] VIADUCT_DECL std::string_view start_line(std::string_view received) const;

    /// The field lines of a complete head; `received` as in the last call.
    [[nodiscard]] VIADUCT_DECL field_list fields(std::string_view received) const;

private:
    head_state fail(errc e) noexcept;
    [[nodiscard]] bool check_octets(std::string_view received, std::size_t end);
    [[nodiscard]] bool end_line(std::string_view line);
    [[nodiscard]] bool end_field_line(std::string_view line);
    [[nodiscard]] std::size_t counted_from(std::string_view received) const;
    void fail_size(std::size_t from);

    head_limits limits_;
    head_syntax syntax_;
    head_state state_ = head_state::need_more;
    error_code error_;
    std::size_t scanned_ = 0;      // octets that have been looked at
    std::size_t line_start_ = 0;   // where the line being read begins; at the end, where the head ends
    std::size_t first_line_ = 0;   // where the start line begins: 0, or behind one empty line
    std::size_t fields_start_ = 0; // behind the start line; 0 until it is there
    std::size_t folded_from_ = 0;  // where the field line being read began, before its folds
    std::size_t field_count_ = 0;
};

/// A request line cut into its parts.
struct request_line
{
    std::string_view method;
    std::string_view target;
    int minor_version = 1; ///< 0 or 1.
};

/// Splits `METHOD SP TARGET SP HTTP/1.x` (RFC 9112 section 3): single spaces, a token, no space in the
/// target.
/** @param ec `errc::request_line_malformed` or `errc::version_unsupported`; the parts found so far are still
 * set. */
[[nodiscard]] VIADUCT_DECL request_line parse_request_line(std::string_view line, error_code& ec);

/// A status line cut into its parts.
struct status_line
{
    int minor_version = 1;   ///< 0 or 1.
    unsigned status = 0;     ///< 100 to 999; above 599 it means no more than 500 does (RFC 9110 section 15).
    std::string_view reason; ///< May be empty; untrusted text.
};

/// Splits `HTTP/1.x SP 3DIGIT [SP REASON]` (RFC 9112 section 4; the space before an empty reason may be
/// missing).
/** @param ec `errc::status_line_malformed` or `errc::version_unsupported`. */
[[nodiscard]] VIADUCT_DECL status_line parse_status_line(std::string_view line, error_code& ec);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/head.ipp>
#endif

#endif

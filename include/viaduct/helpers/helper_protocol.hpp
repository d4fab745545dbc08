#ifndef VIADUCT_HELPERS_HELPER_PROTOCOL_HPP
#define VIADUCT_HELPERS_HELPER_PROTOCOL_HPP

#include <viaduct/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct {

/// The longest line, of a request or of a reply, without its ending: 64 KiB.
inline constexpr std::size_t max_helper_line = 64 * 1024;

/// The most annotations that one reply may hold.
inline constexpr std::size_t max_helper_annotations = 64;

/// Makes one word of a request out of any octets: `%XX` stands for what could be taken for something else.
/**
 * Blanks, controls, octets above 126 and ``"#%'<>[\]^`{|}~`` are escaped, as Squid does with user names and
 * passwords and with the values of external ACLs. What comes from a client can thus neither end a line nor
 * begin another word. An empty text stays empty.
 */
[[nodiscard]] VIADUCT_DECL std::string escape_helper_word(std::string_view octets);

/// Undoes `escape_helper_word`; a `%` before anything but two hexadecimal digits, or `%00`, stays.
[[nodiscard]] VIADUCT_DECL std::string unescape_helper_word(std::string_view word);

/// Puts a text between double quotes, with a backslash before quotes and backslashes.
/** @return Nothing if the text holds a control character, for which there is no escape. */
[[nodiscard]] VIADUCT_DECL std::optional<std::string> quote_helper_word(std::string_view text);

/// Whether a request fits on one line: no control characters but HTAB, and at most `max_helper_line` octets.
[[nodiscard]] VIADUCT_DECL bool is_helper_request(std::string_view request) noexcept;

/// What the first word of a reply says.
enum class helper_result : unsigned char
{
    ok,        ///< `OK`, and the old `AF` of NTLM and Negotiate.
    error,     ///< `ERR`, and the old `NA`: a negative answer.
    broken,    ///< `BH`: the helper cannot tell.
    challenge, ///< `TT`: the conversation goes on.
    other      ///< None of these words: `text` is the whole reply (of old Digest helpers, the hash).
};

/// One reply of a helper, without its channel.
/** It may hold a secret (`password`, `ha1`, `token`): never log it as a whole. */
struct helper_reply
{
    helper_result result = helper_result::other;

    /// Keys as they came, values without their quotes and escapes; a key may come several times (`group`).
    /** `AF` and `TT` without keys are given the ones that they would have today: `token` and `user`. */
    std::vector<std::pair<std::string, std::string>> annotations{};

    /// What follows and is no annotation: the message of old helpers.
    std::string text{};

    /// The value of the first annotation with this key.
    [[nodiscard]] VIADUCT_DECL std::optional<std::string_view> find(std::string_view key) const;

    /// The annotation `message`, or else `text`.
    [[nodiscard]] VIADUCT_DECL std::string_view message() const;
};

/// Reads a reply: `OK|ERR|BH|TT|AF|NA [key=value | key="quoted"]... [text]` (Squid's helper protocol).
/**
 * A value without quotes is one word with `%XX` escapes. Between quotes a backslash escapes, and `\r` and
 * `\n` are CR and LF; who shows a value to somebody has to check it. The words are upper case.
 *
 * @param line Without its ending and, where there is one, its channel. Untrusted.
 * @param ec `errc::helper_reply_malformed` for a line with control characters other than HTAB, one that is
 * too long or has more than `max_helper_annotations`, a quote that is not closed, or a `TT` or `AF` that
 * lacks what belongs to it.
 */
[[nodiscard]] VIADUCT_DECL helper_reply parse_helper_reply(std::string_view line, error_code& ec);

/// Takes the channel off a reply of a helper with `concurrency`.
/**
 * @param line A reply; what is left is the reply without its channel.
 * @return The channel, or nothing if the line does not begin with a number that is followed by a blank or
 * the end.
 */
[[nodiscard]] VIADUCT_DECL std::optional<std::uint32_t> take_helper_channel(std::string_view& line) noexcept;

/// Cuts what a helper writes into lines.
/** A line ends with LF, or with CR LF. Distinct objects: safe. Shared objects: unsafe. */
class helper_lines
{
public:
    /// Takes octets as they were read; all lines must have been fetched before.
    /** @return `errc::helper_reply_malformed` if a line grows beyond `max_helper_line`; the helper cannot be
     * followed any more then. */
    [[nodiscard]] VIADUCT_DECL error_code feed(std::string_view octets);

    /// The next complete line without its ending; valid until the next `feed`.
    [[nodiscard]] VIADUCT_DECL std::optional<std::string_view> next();

private:
    std::string octets_;
    std::size_t taken_ = 0; // of the octets: lines that were fetched
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/helper_protocol.ipp>
#endif

#endif

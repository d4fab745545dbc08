#ifndef VIADUCT_CLIENT_REFUSAL_BODY_HPP
#define VIADUCT_CLIENT_REFUSAL_BODY_HPP

#include <viaduct/action.hpp>
#include <viaduct/http/fields.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace viaduct {

/// How the end of a response's content is found (RFC 9112 section 6.3).
enum class body_framing : unsigned char
{
    none,    ///< There is no content.
    length,  ///< Content-Length tells.
    chunked, ///< The last chunk tells.
    close    ///< The end of the stream tells, or nothing that can be trusted does.
};

/// Reads the content of a refusal, up to a limit: a rule without I/O, see `action`.
/**
 * Ends with success when the content is complete, when the limit is reached, and when the chunked coding is
 * broken: `complete` tells the first from the others. A stream that ends or fails earlier ends it with
 * `errc::proxy_closed` or that error. What came until then is kept. Content whose framing cannot be trusted
 * (chunked and Content-Length, two lengths, a coding that was not asked for) is read like content that ends
 * with the stream.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class refusal_body
{
public:
    /// @param status The status of the response.
    /// @param head Its fields; not kept.
    /// @param limit How many octets of content to keep.
    VIADUCT_DECL refusal_body(unsigned status, field_list head, std::size_t limit);

    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// How many octets of the last read lie behind the content.
    [[nodiscard]] std::size_t surplus() const noexcept { return surplus_; }

    [[nodiscard]] body_framing framing() const noexcept { return framing_; }

    /// The content so far, without any transfer coding.
    [[nodiscard]] std::string const& content() const noexcept { return content_; }
    [[nodiscard]] std::string& content() noexcept { return content_; }

    /// Whether the content is complete, so that the connection could carry another message.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
    enum class chunk_part : unsigned char
    {
        size,      // the hex digits
        extension, // the rest of the size line
        data,
        data_end, // the CR LF behind the data
        trailer   // lines up to an empty one
    };

    [[nodiscard]] std::size_t take(std::string_view octets);
    [[nodiscard]] std::size_t take_data(std::string_view octets);
    [[nodiscard]] bool take_chunk_octet(char c);
    [[nodiscard]] bool end_chunk_line();
    [[nodiscard]] action next();

    body_framing framing_ = body_framing::close;
    bool started_ = false;
    bool complete_ = false;
    bool broken_ = false; // the chunked coding is
    chunk_part part_ = chunk_part::size;
    bool line_empty_ = true;      // the size or trailer line has no octet yet
    bool after_cr_ = false;       // the last octet of the coding was a CR: only LF may follow
    std::size_t coding_size_ = 0; // octets of the coding, which have a limit of their own
    std::uint64_t left_ = 0;      // of the content, or of the chunk
    std::size_t limit_;
    std::size_t surplus_ = 0;
    std::string content_;
    std::vector<char> input_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/refusal_body.ipp>
#endif

#endif

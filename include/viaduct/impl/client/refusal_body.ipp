#ifndef VIADUCT_IMPL_CLIENT_REFUSAL_BODY_IPP
#define VIADUCT_IMPL_CLIENT_REFUSAL_BODY_IPP

#include <viaduct/client/refusal_body.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/http/content_length.hpp>

#include <algorithm>
#include <utility>

namespace viaduct {
namespace detail {

inline constexpr std::uint64_t max_chunk = std::uint64_t{1}
                                           << 48; // no chunk is this large; keeps the sum from wrapping
inline constexpr std::size_t max_coding =
    8 * 1024; // extensions and trailers fill no content, and must end too

[[nodiscard]] inline unsigned hex_value(char c)
{
    return static_cast<unsigned>(characters::is_digit(c) ? c - '0' : characters::to_lower(c) - 'a' + 10);
}

} // namespace detail

VIADUCT_DECL refusal_body::refusal_body(unsigned status, field_list head, std::size_t limit) : limit_{limit}
{
    auto const coding = head.find("Transfer-Encoding");
    bool const chunked =
        coding && head.count("Transfer-Encoding") == 1 && characters::iequals(*coding, "chunked");
    auto const length = content_length(head);
    if (status < 200 || status == 204 || status == 304)
        framing_ = body_framing::none;
    else if (chunked && !head.find("Content-Length"))
        framing_ = body_framing::chunked;
    else if (!coding && length)
        framing_ = *length == 0 ? body_framing::none : body_framing::length;
    if (framing_ == body_framing::length) left_ = *length;
    complete_ = framing_ == body_framing::none;
}

VIADUCT_DECL action refusal_body::resume(error_code ec, std::size_t bytes_transferred)
{
    if (!started_) {
        started_ = true;
        return next();
    }
    if (ec) return action::done(ec);
    if (bytes_transferred == 0) {
        complete_ = framing_ == body_framing::close;
        return action::done(complete_ ? error_code{} : make_error_code(errc::proxy_closed));
    }
    surplus_ = bytes_transferred - take({input_.data(), bytes_transferred});
    return next();
}

VIADUCT_DECL action refusal_body::next()
{
    if (complete_ || broken_ || content_.size() >= limit_) return action::done();
    input_.resize(std::min<std::size_t>(limit_, 4096));
    return action::read(input_);
}

/// Takes octets until the content is complete or full, and returns how many.
VIADUCT_DECL std::size_t refusal_body::take(std::string_view octets)
{
    std::size_t taken = 0;
    while (taken < octets.size() && !complete_ && !broken_ && content_.size() < limit_) {
        bool const data = framing_ != body_framing::chunked || part_ == chunk_part::data;
        if (data)
            taken += take_data(octets.substr(taken));
        else
            broken_ = !take_chunk_octet(octets[taken++]);
    }
    return taken;
}

VIADUCT_DECL std::size_t refusal_body::take_data(std::string_view octets)
{
    auto size = std::min(octets.size(), limit_ - content_.size());
    if (framing_ != body_framing::close)
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    content_ += octets.substr(0, size);
    left_ -= framing_ == body_framing::close ? 0 : size;
    if (framing_ == body_framing::length)
        complete_ = left_ == 0;
    else if (framing_ == body_framing::chunked && left_ == 0)
        part_ = chunk_part::data_end;
    return size;
}

/// Takes one octet of the chunked coding outside of the data (RFC 9112 section 7.1); false if it cannot stand
/// there.
VIADUCT_DECL bool refusal_body::take_chunk_octet(char c)
{
    bool const after_cr = std::exchange(after_cr_, c == '\r');
    if (++coding_size_ > limit_ + detail::max_coding) return false;
    if (c == '\n') return end_chunk_line();
    if (after_cr) return false;
    if (c == '\r') return true;
    if (part_ == chunk_part::data_end) return false;
    if (part_ == chunk_part::size) {
        if (characters::is_hex(c)) {
            left_ = left_ * 16 + detail::hex_value(c);
            line_empty_ = false;
            return left_ < detail::max_chunk;
        }
        part_ = chunk_part::extension;
        return !line_empty_ && (c == ';' || characters::is_blank(c));
    }
    line_empty_ = false;
    return true;
}

VIADUCT_DECL bool refusal_body::end_chunk_line()
{
    switch (part_) {
    case chunk_part::data_end:
        part_ = chunk_part::size;
        left_ = 0;
        break;
    case chunk_part::trailer: complete_ = line_empty_; break;
    default:
        if (line_empty_) return false;
        part_ = left_ == 0 ? chunk_part::trailer : chunk_part::data;
    }
    line_empty_ = true;
    return true;
}

} // namespace viaduct

#endif

#ifndef VIADUCT_HTTP_CONTENT_LENGTH_HPP
#define VIADUCT_HTTP_CONTENT_LENGTH_HPP

#include <viaduct/http/fields.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace viaduct {

/// The Content-Length of a head; nothing if there is none, more than one, or one that is no number of 63
/// bits.
/** Stricter than RFC 9110 section 8.6, which lets a recipient accept equal repetitions. */
[[nodiscard]] inline std::optional<std::uint64_t> content_length(field_list head)
{
    auto const value = head.find("Content-Length");
    if (!value || head.count("Content-Length") != 1) return std::nullopt;
    std::uint64_t length = 0;
    auto const last = value->data() + value->size();
    auto const [end, error] = std::from_chars(value->data(), last, length);
    bool const whole = error == std::errc{} && end == last && length < std::uint64_t{1} << 63;
    return whole ? std::optional{length} : std::nullopt;
}

} // namespace viaduct

#endif

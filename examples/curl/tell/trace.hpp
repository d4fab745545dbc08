#ifndef VIADUCT_CURL_TELL_TRACE_HPP
#define VIADUCT_CURL_TELL_TRACE_HPP

#include "command/command_line.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// Octets as --trace prints them: 16 a line in hexadecimal numbers and as text.
/**
 * @param title What they are; their number is added.
 * @param ascii The layout of --trace-ascii: 64 a line as text, and a new line behind each CR LF. */
[[nodiscard]] std::string dump(std::string_view title, std::string_view octets, bool ascii);

/// Where -v and --trace write to, and what stands in front of their lines.
class trace_stream
{
public:
    explicit trace_stream(telling_settings const& how) : how_{how} {}

    /// Another URL, or another hop of its redirects, as --trace-ids counts them.
    void next_transfer() noexcept;
    void next_connection() noexcept { connection_ = connections_++; }
    void use_connection(long number) noexcept { connection_ = number; }

    /// The next lines are about this one of several dials, whose number takes the place of --trace-ids'.
    void use_dial(std::uint64_t number) noexcept { dial_ = number; }

    /// What --trace-time and --trace-ids put in front of a line.
    [[nodiscard]] std::string stamp() const;

    void write(std::string_view text);

private:
    struct closer
    {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };

    [[nodiscard]] std::FILE* open();

    telling_settings how_;
    std::unique_ptr<std::FILE, closer> file_;
    std::FILE* to_ = nullptr; // until something is written
    long transfer_ = -1;
    long connections_ = 0;
    long connection_ = -1;
    std::uint64_t dial_ = 0; // 0: there is but one
};

} // namespace viaduct_curl

#endif

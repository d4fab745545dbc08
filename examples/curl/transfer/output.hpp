#ifndef VIADUCT_CURL_TRANSFER_OUTPUT_HPP
#define VIADUCT_CURL_TRANSFER_OUTPUT_HPP

#include "command/command_line.hpp"
#include "transfer/url.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl {

/// Where the answer goes: the standard output, or a file that is created when the first octet comes.
class output
{
public:
    /** @throws failure with 23 for -O and a URL that names no file. */
    output(target const& wanted, url const& from);
    ~output();
    output(output const&) = delete;
    output& operator=(output const&) = delete;

    /// Writes all of it, or keeps in `error` why it could not.
    bool write(std::string_view octets) noexcept;

    /// Creates the file although nothing came.
    bool touch() noexcept;

    /// What a failed write came from. Empty if it was the reader of the standard output who went away.
    [[nodiscard]] std::string const& error() const noexcept { return error_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

    [[nodiscard]] bool is_file() const noexcept { return !name_.empty(); }
    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

private:
    bool fail(std::string_view what, int error) noexcept;

    std::string name_; // empty: the standard output
    int descriptor_;   // -1: a file that is not there yet
    bool terminal_;
    bool failed_ = false;
    std::string error_;
};

} // namespace viaduct_curl

#endif

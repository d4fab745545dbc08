#ifndef VIADUCT_CURL_TRANSFER_HEAD_FILE_HPP
#define VIADUCT_CURL_TRANSFER_HEAD_FILE_HPP

#include "command/command_line.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl {

/// Where -D puts the heads of all answers of an operation: nowhere without it.
class head_file
{
public:
    /// @throws failure with 23 if the file cannot be made.
    explicit head_file(answer_settings const& how);
    ~head_file();
    head_file(head_file const&) = delete;
    head_file& operator=(head_file const&) = delete;

    /// Writes all of it, or keeps in `error` why it could not.
    bool write(std::string_view octets) noexcept;

    [[nodiscard]] std::string const& error() const noexcept { return error_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
    std::string name_;    // empty: a standard stream, or nothing
    int descriptor_ = -1; // -1: nothing
    bool failed_ = false;
    std::string error_;
};

} // namespace viaduct_curl

#endif

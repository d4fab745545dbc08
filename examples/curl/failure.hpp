#ifndef VIADUCT_CURL_FAILURE_HPP
#define VIADUCT_CURL_FAILURE_HPP

#include <exception>
#include <string>
#include <utility>

namespace viaduct_curl {

/// Thrown where there is no way on: curl's exit code for it, and what to tell the user.
class failure : public std::exception
{
public:
    failure(int exit_code, std::string message) : exit_code_{exit_code}, message_{std::move(message)} {}

    [[nodiscard]] int exit_code() const noexcept { return exit_code_; }
    [[nodiscard]] std::string const& message() const noexcept { return message_; }
    [[nodiscard]] char const* what() const noexcept override { return message_.c_str(); }

private:
    int exit_code_;
    std::string message_; // empty: nothing needs to be said
};

} // namespace viaduct_curl

#endif

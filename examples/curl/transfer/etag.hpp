#ifndef VIADUCT_CURL_TRANSFER_ETAG_HPP
#define VIADUCT_CURL_TRANSFER_ETAG_HPP

#include "command/command_line.hpp"
#include "transfer/answer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// The field for --etag-compare; none without it.
/** The file need not be there if --etag-save is to make it.
 * @throws failure with 26 if it cannot be read. */
[[nodiscard]] std::optional<std::string> etag_field(answer_settings const& how);

/// Where --etag-save puts what names the version that came: nowhere without it.
class etag_file
{
public:
    /// What has been there is gone from now on.
    /** @throws failure with 26 if the file cannot be made. */
    explicit etag_file(answer_settings const& how);

    /// Writes the ETag of a head, if it has one.
    void save(std::vector<answer::field> const& fields) const;

private:
    std::optional<std::string> name_; // `-`: the standard output
};

} // namespace viaduct_curl

#endif

#ifndef VIADUCT_CURL_TRANSFER_FORM_HPP
#define VIADUCT_CURL_TRANSFER_FORM_HPP

#include "command/request_settings.hpp"

#include <curl/curl.h>

#include <memory>
#include <vector>

namespace viaduct_curl {

struct mime_deleter
{
    void operator()(curl_mime* form) const noexcept { curl_mime_free(form); }
};

/// A form of libcurl's, which has to live as long as a handle uses it.
using mime = std::unique_ptr<curl_mime, mime_deleter>;

/// Makes a form, which libcurl reads from its beginning.
/** @throws failure with 26 that names a file which cannot be read, and with libcurl's codes for others. */
[[nodiscard]] mime make_form(CURL* handle, std::vector<form_piece> const& pieces);

} // namespace viaduct_curl

#endif

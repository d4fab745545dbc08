#ifndef VIADUCT_CURL_TRANSFER_UPLOAD_HPP
#define VIADUCT_CURL_TRANSFER_UPLOAD_HPP

#include <curl/curl.h>

#include <cstddef>
#include <string>

namespace viaduct_curl {

/// Looks before anything is done whether a file can be read; the standard input always can.
/** @throws failure with 26 that names it. */
void expect_readable(std::string const& name);

/// A file, or the standard input, that one request sends.
class upload
{
public:
    /// @param name `-` is the standard input; so is `.`, which does not keep the answer waiting.
    /// @param again Whether an earlier request has sent it.
    /** @throws failure with 26 that names what cannot be opened, and with 65 if it cannot be read again. */
    upload(std::string const& name, bool again);
    ~upload();
    upload(upload const&) = delete;
    upload& operator=(upload const&) = delete;

    /// Has a handle send it, for which it must outlive the transfer.
    void attach(CURL* to);

private:
    static std::size_t on_read(char* to, std::size_t, std::size_t size, void* self) noexcept;
    static int on_seek(void* self, curl_off_t offset, int origin) noexcept;
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
    [[nodiscard]] bool would_wait() const noexcept;

    int descriptor_;
    bool is_patient_; // waits for the standard input
    bool waits_ = false;
    CURL* handle_ = nullptr;
};

} // namespace viaduct_curl

#endif

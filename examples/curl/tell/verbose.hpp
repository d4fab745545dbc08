#ifndef VIADUCT_CURL_TELL_VERBOSE_HPP
#define VIADUCT_CURL_TELL_VERBOSE_HPP

#include <curl/curl.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// Text from elsewhere, made safe for a terminal: only printable ASCII, CR, LF and TAB stay as they are.
[[nodiscard]] std::string printable(std::string_view untrusted);

/// What -v prints, in curl's layout.
class verbose
{
public:
    /// @param on Whether anything is printed.
    explicit verbose(bool on) : on_{on} {}

    [[nodiscard]] bool on() const noexcept { return on_; }

    void note(std::string_view text) const { print("* ", text); }
    void sent(std::string_view head) const { print("> ", head); }
    void received(std::string_view head) const { print("< ", head); }

    /// For CURLOPT_DEBUGFUNCTION; `on_debug` with a `verbose` as its user pointer.
    static int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) noexcept;

    /// Whether the sizes of data are printed; curl does so when the data does not go to the terminal.
    void show_sizes(bool shown) noexcept { show_sizes_ = shown; }

    /// Whether libcurl's lines about its own connection are left out, because the path has been told already.
    void path_is_told(bool told) noexcept { path_told_ = told; }

private:
    void print(std::string_view prefix, std::string_view lines) const;
    void debug(curl_infotype type, std::string_view data);
    void data_size(std::string_view arrow, std::size_t size);

    bool on_;
    bool show_sizes_ = false;
    bool path_told_ = false;
    bool in_data_ = false; // the last line was the size of data; more data adds no line
};

} // namespace viaduct_curl

#endif

#ifndef VIADUCT_CURL_TELL_VERBOSE_HPP
#define VIADUCT_CURL_TELL_VERBOSE_HPP

#include "command/command_line.hpp"
#include "tell/trace.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// Text from elsewhere, made safe for a terminal: only printable ASCII, CR, LF and TAB stay as they are.
[[nodiscard]] std::string printable(std::string_view untrusted);

/// What -v, --trace and --trace-ascii print, in curl's layout, but without credentials.
class verbose
{
public:
    explicit verbose(telling_settings const& how);

    /// Whether anything is printed.
    [[nodiscard]] bool on() const noexcept { return how_.verbose || how_.trace; }
    [[nodiscard]] telling_settings const& settings() const noexcept { return how_; }

    void note(std::string_view text) const;
    void sent(std::string_view head) const;
    void received(std::string_view head) const;

    /// For --trace-ids: a connection that libcurl did not make.
    void connected() const noexcept { out_->next_connection(); }

    /// The next lines are about this one of several dials.
    void about(std::uint64_t dial) const noexcept { out_->use_dial(dial); }

    /// For CURLOPT_DEBUGFUNCTION; `on_debug` with a `verbose` as its user pointer.
    static int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) noexcept;

    /// Whether the sizes of data are printed; curl does so when the data does not go to the terminal.
    void show_sizes(bool shown) noexcept { show_sizes_ = shown; }

    /// A request begins; whether libcurl's lines about its own connection are left out, because the path is
    /// told by others.
    void path_is_told(bool told) noexcept;

private:
    void print(std::string_view prefix, std::string_view lines) const;
    void print_data(curl_infotype type, std::string_view data);
    void debug(curl_infotype type, std::string_view data);
    void learn(std::string_view text) const;

    telling_settings how_;
    std::unique_ptr<trace_stream> out_;
    bool show_sizes_ = false;
    bool path_told_ = false;
    bool in_data_ = false; // the last line was the size of data; more data adds no line
};

} // namespace viaduct_curl

#endif

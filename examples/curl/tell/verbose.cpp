#include "tell/verbose.hpp"

#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace viaduct_curl {
namespace {

/// Where `name` stands in `line`, without regard to case.
[[nodiscard]] std::size_t find_name(std::string_view line, std::string_view name)
{
    for (std::size_t at = 0; at + name.size() <= line.size(); ++at)
        if (viaduct::characters::iequals(line.substr(at, name.size()), name)) return at;
    return std::string_view::npos;
}

/// The line without credentials; the scheme stays. libcurl's notes on HTTP/2 hold fields as well.
[[nodiscard]] std::string without_secrets(std::string_view line)
{
    constexpr std::string_view name = "authorization:"; // of the origin's field and the proxy's
    auto const at = find_name(line, name);
    if (at == std::string_view::npos) return std::string{line};
    auto const value = line.substr(at + name.size());
    auto const start = std::min(value.find_first_not_of(" \t"), value.size());
    auto const end = std::min(value.find_first_of("\r\n]"), value.size());
    auto const blank = value.find(' ', start);
    auto const scheme =
        blank < end ? value.substr(start, blank + 1 - start) : ""; // or all of it is the secret
    return fmt::format("{} {}[redacted]{}", line.substr(0, at + name.size()), scheme, value.substr(end));
}

/// libcurl's own account of a connection that it did not make.
[[nodiscard]] bool is_about_connecting(std::string_view text)
{
    constexpr std::array<std::string_view, 4> beginnings{
        "  Trying ", "Connected to ", "Established connection to ", "Failed to connect to "};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](auto start) { return text.starts_with(start); });
}

[[nodiscard]] std::string lines_without_secrets(std::string_view lines)
{
    std::string out;
    while (!lines.empty()) {
        auto const size = std::min(lines.find('\n'), lines.size() - 1) + 1;
        out += without_secrets(lines.substr(0, size));
        lines.remove_prefix(size);
    }
    return out;
}

/// How --trace names data.
[[nodiscard]] char const* title_of(curl_infotype type)
{
    switch (type) {
    case CURLINFO_DATA_IN: return "<= Recv data";
    case CURLINFO_DATA_OUT: return "=> Send data";
    case CURLINFO_SSL_DATA_IN: return "<= Recv SSL data";
    default: return "=> Send SSL data";
    }
}

/// The number behind `beginning`, or -1.
[[nodiscard]] long number_behind(std::string_view text, std::string_view beginning)
{
    long number = -1;
    if (text.starts_with(beginning))
        std::from_chars(text.data() + beginning.size(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string printable(std::string_view untrusted)
{
    std::string out;
    for (std::size_t at = 0; at < untrusted.size(); ++at) {
        char const c = untrusted[at];
        auto const octet = static_cast<unsigned char>(c);
        bool const ends_line = c == '\r' && at + 1 < untrusted.size() && untrusted[at + 1] == '\n';
        bool const plain = (octet >= 0x20 && octet < 0x7f) || ends_line || c == '\n' || c == '\t';
        if (plain)
            out += c;
        else
            out += fmt::format("\\x{:02x}", octet);
    }
    return out;
}

verbose::verbose(telling_settings const& how) : how_{how}, out_{std::make_unique<trace_stream>(how)} {}

void verbose::path_is_told(bool told) noexcept
{
    path_told_ = told;
    out_->next_transfer();
}

void verbose::print(std::string_view prefix, std::string_view lines) const
{
    auto const stamp = out_->stamp();
    std::string out;
    while (!lines.empty()) {
        auto const size = std::min(lines.find('\n'), lines.size() - 1) + 1;
        out.append(stamp).append(prefix).append(printable(without_secrets(lines.substr(0, size))));
        lines.remove_prefix(size);
    }
    if (!out.ends_with('\n')) out += '\n';
    out_->write(out);
}

void verbose::note(std::string_view text) const
{
    if (!on()) return;
    learn(text);
    print(how_.trace ? "== Info: " : "* ", text);
}

void verbose::sent(std::string_view head) const
{
    if (!on()) return;
    if (!how_.trace) return print("> ", head);
    auto const shown = lines_without_secrets(head);
    out_->write(out_->stamp() + dump("=> Send header", shown, how_.trace_ascii));
}

/// libcurl hands a head over line by line, and curl dumps it so.
void verbose::received(std::string_view head) const
{
    if (!on()) return;
    if (!how_.trace) return print("< ", head);
    while (!head.empty()) {
        auto const size = std::min(head.find('\n'), head.size() - 1) + 1;
        auto const shown = without_secrets(head.substr(0, size));
        out_->write(out_->stamp() + dump("<= Recv header", shown, how_.trace_ascii));
        head.remove_prefix(size);
    }
}

/// Which connection is used, in libcurl's own words.
void verbose::learn(std::string_view text) const
{
    if (path_told_ || !text.starts_with("Connected to ")) {
        auto const used = number_behind(text, "Re-using existing connection #");
        if (used >= 0) out_->use_connection(used);
        return;
    }
    out_->next_connection();
}

int verbose::on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) noexcept
{
    try {
        static_cast<verbose*>(self)->debug(type, {data, size});
    } catch (std::exception const&) { // a line less is no reason to stop
    }
    return 0;
}

void verbose::print_data(curl_infotype type, std::string_view data)
{
    if (how_.trace) return out_->write(out_->stamp() + dump(title_of(type), data, how_.trace_ascii));
    bool const incoming = type == CURLINFO_DATA_IN || type == CURLINFO_SSL_DATA_IN;
    if (show_sizes_ && !in_data_)
        print({}, fmt::format("{} [{} bytes data]\n", incoming ? "{" : "}", data.size()));
    in_data_ = true;
}

void verbose::debug(curl_infotype type, std::string_view data)
{
    switch (type) {
    case CURLINFO_DATA_IN:
    case CURLINFO_SSL_DATA_IN:
    case CURLINFO_DATA_OUT:
    case CURLINFO_SSL_DATA_OUT: return print_data(type, data);
    case CURLINFO_TEXT:
        if (path_told_ && is_about_connecting(data)) return;
        note(data);
        break;
    case CURLINFO_HEADER_OUT: sent(data); break;
    case CURLINFO_HEADER_IN: received(data); break;
    default: break;
    }
    in_data_ = false;
}

} // namespace viaduct_curl

#include "tell/verbose.hpp"

#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

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
    constexpr std::array<std::string_view, 3> beginnings{"  Trying ", "Connected to ",
                                                         "Established connection to "};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](auto start) { return text.starts_with(start); });
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

void verbose::print(std::string_view prefix, std::string_view lines) const
{
    if (!on_) return;
    std::string out;
    while (!lines.empty()) {
        auto const end = lines.find('\n');
        auto const size = end == std::string_view::npos ? lines.size() : end + 1;
        out.append(prefix).append(printable(without_secrets(lines.substr(0, size))));
        lines.remove_prefix(size);
    }
    if (!out.ends_with('\n')) out += '\n';
    std::fwrite(out.data(), 1, out.size(), stderr);
}

int verbose::on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) noexcept
{
    try {
        static_cast<verbose*>(self)->debug(type, {data, size});
    } catch (std::exception const&) { // a line less is no reason to stop
    }
    return 0;
}

void verbose::data_size(std::string_view arrow, std::size_t size)
{
    if (show_sizes_ && !in_data_) print({}, fmt::format("{} [{} bytes data]\n", arrow, size));
    in_data_ = true;
}

void verbose::debug(curl_infotype type, std::string_view data)
{
    switch (type) {
    case CURLINFO_DATA_IN:
    case CURLINFO_SSL_DATA_IN: return data_size("{", data.size());
    case CURLINFO_DATA_OUT:
    case CURLINFO_SSL_DATA_OUT: return data_size("}", data.size());
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

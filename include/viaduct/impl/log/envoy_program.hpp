#ifndef VIADUCT_IMPL_LOG_ENVOY_PROGRAM_HPP
#define VIADUCT_IMPL_LOG_ENVOY_PROGRAM_HPP

#include <viaduct/impl/log/time_pattern.hpp>
#include <viaduct/log/envoy_format.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::detail {

struct envoy_moment;

/// Finds a value; what it has to put together it puts into the scratch. Nothing if it is not set.
using envoy_value = std::string_view (*)(envoy_moment const&);

/// A piece of text, or a command.
struct envoy_piece
{
    envoy_value value = nullptr; ///< None: it is `text`.
    std::string text{};          ///< Or the argument's first name.
    std::string other{};         ///< The argument's second name.
    time_pattern pattern{};
    std::size_t length = std::string_view::npos;
    bool quoted = false; ///< It stands between double quotes.
};

struct envoy_program
{
    std::vector<envoy_piece> pieces{};
    envoy_options options{};
    record_wishes wishes{};
};

/// What a value is found by.
struct envoy_moment
{
    tunnel_record const& record;
    envoy_piece const& piece;
    envoy_options const& options;
    fmt::memory_buffer& scratch;

    [[nodiscard]] bool is_tcp() const noexcept { return options.kind == envoy_kind::tcp; }
    [[nodiscard]] std::string_view written() const noexcept { return {scratch.data(), scratch.size()}; }
};

namespace envoy_values {

inline std::string_view nothing(envoy_moment const&)
{
    return {};
}

inline std::string_view number(envoy_moment const& at, std::uint64_t value)
{
    append_number(at.scratch, value);
    return at.written();
}

/// What stands in the record as it is.
template <std::string tunnel_record::*Member>
std::string_view text(envoy_moment const& at)
{
    return at.record.*Member;
}

template <std::string tls_of_client::*Member>
std::string_view tls(envoy_moment const& at)
{
    return at.record.tls.*Member;
}

template <std::string envoy_options::*Member>
std::string_view option(envoy_moment const& at)
{
    return at.options.*Member;
}

/// `192.0.2.1:443`, `[2001:db8::1]:443`.
inline std::string_view address(envoy_moment const& at, std::string const& host, std::uint16_t port)
{
    if (host.empty()) return {};
    bool const bracketed = host.find(':') != std::string::npos;
    if (bracketed) at.scratch.push_back('[');
    at.scratch.append(host.data(), host.data() + host.size());
    if (bracketed) at.scratch.push_back(']');
    at.scratch.push_back(':');
    append_number(at.scratch, port);
    return at.written();
}

template <std::string tunnel_record::*Host, std::uint16_t tunnel_record::*Port>
std::string_view endpoint(envoy_moment const& at)
{
    return address(at, at.record.*Host, at.record.*Port);
}

template <std::string tunnel_record::*Host, std::uint16_t tunnel_record::*Port>
std::string_view port(envoy_moment const& at)
{
    return (at.record.*Host).empty() ? std::string_view{} : number(at, at.record.*Port);
}

} // namespace envoy_values
} // namespace viaduct::detail

#endif

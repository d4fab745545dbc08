#ifndef VIADUCT_IMPL_LOG_ENVOY_FORMAT_IPP
#define VIADUCT_IMPL_LOG_ENVOY_FORMAT_IPP

#include <viaduct/detail/machine_name.hpp>
#include <viaduct/impl/log/envoy_compile.hpp>
#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/escape.hpp>

namespace viaduct {
namespace detail {

inline void append_value(std::string& line, std::string_view value, envoy_piece const& piece)
{
    value = value.substr(0, piece.length);
    if (value.empty())
        line += '-';
    else if (piece.quoted)
        escape::quoted(line, value);
    else
        escape::column(line, value);
}

} // namespace detail

VIADUCT_DECL envoy_format::envoy_format(std::string_view spec, envoy_options options)
{
    if (options.hostname.empty()) options.hostname = detail::machine_name();
    program_ =
        std::make_shared<detail::envoy_program>(detail::envoy_compiler{spec}.compile(std::move(options)));
}

VIADUCT_DECL void envoy_format::append(tunnel_record const& record, std::string& line) const
{
    fmt::memory_buffer scratch;
    for (auto const& piece : program_->pieces) {
        if (piece.value == nullptr) {
            line += piece.text;
            continue;
        }
        scratch.clear();
        detail::append_value(line, piece.value({record, piece, program_->options, scratch}), piece);
    }
    line += '\n';
}

VIADUCT_DECL record_wishes envoy_format::wishes() const noexcept
{
    auto wishes = program_->wishes;
    wishes.fields = wishes.fields && program_->options.kind == envoy_kind::connect;
    return wishes;
}

VIADUCT_DECL record_format_ptr envoy_default(envoy_options options)
{
    return std::make_shared<envoy_format>(envoy_default_spec, std::move(options));
}

VIADUCT_DECL record_format_ptr istio_default(envoy_options options)
{
    return std::make_shared<envoy_format>(istio_default_spec, std::move(options));
}

} // namespace viaduct

#endif

#include "transfer/form.hpp"

#include "command/passed_options.hpp"
#include "failure.hpp"

#include <fmt/format.h>

#include <new>
#include <span>
#include <string>
#include <unistd.h>

namespace viaduct_curl {
namespace {

using kind = form_piece::kind;

void check(CURLcode code, form_piece const& piece)
{
    if (code == CURLE_OK) return;
    throw failure{code, fmt::format("the form's part '{}': {}", piece.name, curl_easy_strerror(code))};
}

void check_readable(std::string const& name)
{
    if (::access(name.c_str(), R_OK) != 0) throw failure{CURLE_READ_ERROR, "Failed to open " + name};
}

void set_content(curl_mimepart* part, form_piece const& piece)
{
    if (piece.what == kind::text)
        return check(curl_mime_data(part, piece.value.data(), piece.value.size()), piece);
    check_readable(piece.value);
    check(curl_mime_filedata(part, piece.value.c_str()), piece);
    if (piece.what == kind::content) check(curl_mime_filename(part, nullptr), piece);
}

void set_headers(curl_mimepart* part, form_piece const& piece)
{
    if (piece.headers.empty()) return;
    auto lines = make_slist(piece.headers);
    check(curl_mime_headers(part, lines.get(), 1), piece);
    static_cast<void>(lines.release()); // now the part's
}

void set_attributes(curl_mimepart* part, form_piece const& piece)
{
    if (!piece.name.empty()) check(curl_mime_name(part, piece.name.c_str()), piece);
    if (piece.file_name) check(curl_mime_filename(part, piece.file_name->c_str()), piece);
    if (piece.type) check(curl_mime_type(part, piece.type->c_str()), piece);
    if (piece.encoder) check(curl_mime_encoder(part, piece.encoder->c_str()), piece);
    set_headers(part, piece);
}

[[nodiscard]] mime make_parts(CURL* handle, std::span<form_piece const>& pieces);

void add_part(CURL* handle, curl_mimepart* part, form_piece const& piece, std::span<form_piece const>& behind)
{
    if (!part) throw std::bad_alloc{};
    if (piece.what != kind::begin) {
        set_content(part, piece);
    } else {
        auto parts = make_parts(handle, behind);
        check(curl_mime_subparts(part, parts.get()), piece);
        static_cast<void>(parts.release()); // now the part's
    }
    set_attributes(part, piece);
}

/// Those up to the end of the part that holds them.
[[nodiscard]] mime make_parts(CURL* handle, std::span<form_piece const>& pieces)
{
    mime made{curl_mime_init(handle)};
    if (!made) throw std::bad_alloc{};
    while (!pieces.empty()) {
        auto const& piece = pieces.front();
        pieces = pieces.subspan(1);
        if (piece.what == kind::end) break;
        add_part(handle, curl_mime_addpart(made.get()), piece, pieces);
    }
    return made;
}

} // namespace

mime make_form(CURL* handle, std::vector<form_piece> const& pieces)
{
    std::span<form_piece const> all{pieces};
    return make_parts(handle, all);
}

} // namespace viaduct_curl

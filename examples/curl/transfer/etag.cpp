#include "transfer/etag.hpp"

#include "command/values.hpp"
#include "failure.hpp"
#include <viaduct/http/characters.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace viaduct_curl {

std::optional<std::string> etag_field(answer_settings const& how)
{
    if (!how.etag_compare) return std::nullopt;
    std::string tag;
    try {
        tag = read_file(*how.etag_compare);
    } catch (failure const&) {
        if (!how.etag_save) throw;
    }
    std::erase_if(tag, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    return "If-None-Match: " + (tag.empty() ? "\"\"" : tag);
}

etag_file::etag_file(answer_settings const& how) : name_{how.etag_save}
{
    if (!name_ || name_ == "-") return;
    if (!std::ofstream{*name_, std::ios::trunc}) throw failure{CURLE_READ_ERROR, "Failed to open " + *name_};
}

void etag_file::save(std::vector<answer::field> const& fields) const
{
    auto const is_tag = [](answer::field const& f) {
        return viaduct::characters::iequals(f.first, "ETag") && !f.second.empty();
    };
    auto const found = std::find_if(fields.begin(), fields.end(), is_tag);
    if (!name_ || found == fields.end()) return;
    if (name_ == "-")
        std::cout << found->second << std::endl;
    else
        std::ofstream{*name_, std::ios::trunc} << found->second << '\n';
}

} // namespace viaduct_curl

#include "command/command_line.hpp"
#include "transfer/etag.hpp"
#include "transfer/request.hpp"
#include "transfer/upload.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_curl {
namespace {

using content = request::content;

void add_default_header(request& to, std::string const& name, std::string_view value)
{
    if (!has_header(to, name)) to.headers.push_back(name + ": " + std::string{value});
}

void add_content(request& to, request_settings const& from)
{
    bool const has_data = from.body && !from.body_in_query;
    if (to.source)
        to.what = content::upload, to.method = "PUT";
    else if (!from.form.empty())
        to.what = content::form, to.method = "POST";
    else if (has_data)
        to.what = content::data, to.method = "POST", to.data = *from.body;
    if (from.head) to.method = "HEAD";
}

void add_user(request& to, std::string const& user)
{
    auto const colon = std::min(user.find(':'), user.size());
    to.user = user.substr(0, colon);
    to.password = user.substr(std::min(colon + 1, user.size()));
}

} // namespace

request first_request(operation const& wanted, target const& which, url const& to)
{
    auto const& from = wanted.request;
    request result{.to = to, .headers = from.headers, .referer = from.referer};
    result.referer_follows = from.referer_follows;
    if (which.upload && !which.upload->empty()) {
        expect_readable(*which.upload);
        result.source = which.upload;
        if (*which.upload != "-" && *which.upload != ".")
            result.to = with_file_name(result.to, *which.upload);
    }
    auto const& query = from.body_in_query && from.body ? from.body : from.query;
    if (query && !query->empty()) result.to = with_query(result.to, *query);
    result.first = result.to;
    add_content(result, from);
    if (auto field = etag_field(wanted.answer)) result.headers.push_back(std::move(*field));
    if (from.user) add_user(result, *from.user);
    if (from.json) {
        add_default_header(result, "Content-Type", "application/json");
        add_default_header(result, "Accept", "application/json");
    }
    return result;
}

} // namespace viaduct_curl

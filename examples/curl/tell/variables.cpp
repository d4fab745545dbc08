#include "tell/variables.hpp"

#include "tell/json_text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace viaduct_curl {
namespace {

using kind = variable::kind;

[[nodiscard]] std::string all_certificates(report const& r)
{
    std::string all;
    for (auto const& one : r.certificates)
        for (std::string_view line : one) {
            constexpr std::string_view whole = "Cert:";
            if (line.starts_with(whole)) line.remove_prefix(whole.size());
            all.append(line).append(line.ends_with('\n') ? "" : "\n");
        }
    return all;
}

template <auto Member>
[[nodiscard]] std::string text(report const& r)
{
    return r.*Member;
}

template <auto Member>
[[nodiscard]] std::string number(report const& r)
{
    return std::to_string(r.*Member);
}

template <auto Member>
[[nodiscard]] std::string seconds(report const& r)
{
    return seconds_text(r.*Member);
}

/// In the order of their names, as curl's JSON has them.
constexpr variable variables[] = {
    {"certs", kind::present_text, all_certificates},
    {"content_type", kind::text, text<&report::content_type>},
    {"errormsg", kind::text, text<&report::error>},
    {"exitcode", kind::number, number<&report::exit_code>},
    {"filename_effective", kind::text, text<&report::file_name>},
    {"ftp_entry_path", kind::text, [](report const&) { return std::string{}; }},
    {"http_code", kind::status, number<&report::status>},
    {"http_connect", kind::status, number<&report::connect_status>},
    {"http_version", kind::text, text<&report::http_version>},
    {"local_ip", kind::present_text, text<&report::local_ip>},
    {"local_port", kind::number, number<&report::local_port>},
    {"method", kind::text, text<&report::method>},
    {"num_certs", kind::number, [](report const& r) { return std::to_string(r.certificates.size()); }},
    {"num_connects", kind::number, number<&report::connects>},
    {"num_headers", kind::number, number<&report::headers>},
    {"num_redirects", kind::number, number<&report::redirects>},
    {"num_retries", kind::number, number<&report::retries>, true},
    {"proxy_attempts", kind::number, number<&report::proxy_attempts>, true},
    {"proxy_auth", kind::text, text<&report::proxy_auth>, true},
    {"proxy_ssl_verify_result", kind::number, number<&report::proxy_verify_result>},
    {"proxy_used", kind::number, [](report const& r) { return std::string{r.proxy_used ? "1" : "0"}; }, true},
    {"redirect_url", kind::text, text<&report::redirect_url>},
    {"referer", kind::text, text<&report::referer>},
    {"remote_ip", kind::present_text, text<&report::remote_ip>},
    {"remote_port", kind::number, number<&report::remote_port>},
    {"response_code", kind::status, number<&report::status>},
    {"scheme", kind::text, text<&report::scheme>},
    {"size_download", kind::number, number<&report::downloaded>},
    {"size_header", kind::number, number<&report::header_size>},
    {"size_request", kind::number, number<&report::request_size>},
    {"size_upload", kind::number, number<&report::uploaded>},
    {"speed_download", kind::number, number<&report::download_speed>},
    {"speed_upload", kind::number, number<&report::upload_speed>},
    {"ssl_verify_result", kind::number, number<&report::verify_result>},
    {"time_appconnect", kind::number, seconds<&report::app_connect>},
    {"time_connect", kind::number, seconds<&report::connect>},
    {"time_namelookup", kind::number, seconds<&report::name_lookup>},
    {"time_pretransfer", kind::number, seconds<&report::pre_transfer>},
    {"time_proxyconnect", kind::number, seconds<&report::proxy_connect>, true},
    {"time_redirect", kind::number, seconds<&report::redirect>},
    {"time_starttransfer", kind::number, seconds<&report::start_transfer>},
    {"time_total", kind::number, seconds<&report::total>},
    {"time_tunnel", kind::number, seconds<&report::tunnel>, true},
    {"url", kind::text, text<&report::url>},
    {"url_effective", kind::text, text<&report::effective_url>},
    {"urlnum", kind::number, number<&report::number>},
};

[[nodiscard]] std::string json_of(variable const& which, report const& what)
{
    auto const value = which.value(what);
    switch (which.what) {
    case kind::text: return json_text_or_null(value);
    case kind::present_text: return json_text(value);
    default: return value;
    }
}

} // namespace

variable const* find_variable(std::string_view name)
{
    auto const* const found = std::find_if(std::begin(variables), std::end(variables),
                                           [&](variable const& v) { return v.name == name; });
    return found == std::end(variables) ? nullptr : found;
}

std::string text_of(variable const& which, report const& what)
{
    auto const value = which.value(what);
    return which.what == kind::status ? fmt::format("{:0>3}", value) : value;
}

std::string all_as_json(report const& what)
{
    json_object all;
    for (auto const& one : variables)
        if (!one.is_ours) all.add(one.name, json_of(one, what));
    return all.add_text("curl_version", curl_version()).text();
}

} // namespace viaduct_curl

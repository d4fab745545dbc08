#include "tell/write_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace viaduct_curl {
namespace {

[[nodiscard]] std::string seconds(report::duration time)
{
    return fmt::format("{:.6f}", time.count());
}

[[nodiscard]] std::string speed(std::int64_t octets, report::duration time)
{
    auto const whole = time.count() > 0 ? static_cast<double>(octets) / time.count() : 0.0;
    return fmt::format("{:.0f}", whole);
}

struct variable
{
    std::string_view name;
    std::string (*value)(report const&);
};

constexpr variable variables[] = {
    {"content_type", [](report const& r) { return r.content_type; }},
    {"errormsg", [](report const& r) { return r.error; }},
    {"exitcode", [](report const& r) { return std::to_string(r.exit_code); }},
    {"filename_effective", [](report const& r) { return r.file_name; }},
    {"http_code", [](report const& r) { return fmt::format("{:03}", r.status); }},
    {"http_connect", [](report const& r) { return fmt::format("{:03}", r.connect_status); }},
    {"http_version", [](report const& r) { return r.http_version; }},
    {"local_ip", [](report const& r) { return r.local_ip; }},
    {"local_port", [](report const& r) { return std::to_string(r.local_port); }},
    {"method", [](report const& r) { return r.method; }},
    {"num_connects", [](report const& r) { return std::to_string(r.connects); }},
    {"num_headers", [](report const& r) { return std::to_string(r.headers); }},
    {"num_redirects", [](report const& r) { return std::to_string(r.redirects); }},
    {"num_retries", [](report const&) { return std::string{"0"}; }},
    {"proxy_attempts", [](report const& r) { return std::to_string(r.proxy_attempts); }},
    {"proxy_auth", [](report const& r) { return r.proxy_auth; }},
    {"proxy_ssl_verify_result", [](report const& r) { return std::to_string(r.proxy_verify_result); }},
    {"proxy_used", [](report const& r) { return std::string{r.proxy_used ? "1" : "0"}; }},
    {"redirect_url", [](report const& r) { return r.redirect_url; }},
    {"remote_ip", [](report const& r) { return r.remote_ip; }},
    {"remote_port", [](report const& r) { return std::to_string(r.remote_port); }},
    {"response_code", [](report const& r) { return fmt::format("{:03}", r.status); }},
    {"scheme", [](report const& r) { return r.scheme; }},
    {"size_download", [](report const& r) { return std::to_string(r.downloaded); }},
    {"size_header", [](report const& r) { return std::to_string(r.header_size); }},
    {"size_request", [](report const& r) { return std::to_string(r.request_size); }},
    {"size_upload", [](report const& r) { return std::to_string(r.uploaded); }},
    {"speed_download", [](report const& r) { return speed(r.downloaded, r.total); }},
    {"speed_upload", [](report const& r) { return speed(r.uploaded, r.total); }},
    {"ssl_verify_result", [](report const& r) { return std::to_string(r.verify_result); }},
    {"time_appconnect", [](report const& r) { return seconds(r.app_connect); }},
    {"time_connect", [](report const& r) { return seconds(r.connect); }},
    {"time_namelookup", [](report const& r) { return seconds(r.name_lookup); }},
    {"time_pretransfer", [](report const& r) { return seconds(r.pre_transfer); }},
    {"time_proxyconnect", [](report const& r) { return seconds(r.proxy_connect); }},
    {"time_redirect", [](report const& r) { return seconds(r.redirect); }},
    {"time_starttransfer", [](report const& r) { return seconds(r.start_transfer); }},
    {"time_total", [](report const& r) { return seconds(r.total); }},
    {"time_tunnel", [](report const& r) { return seconds(r.tunnel); }},
    {"url", [](report const& r) { return r.url; }},
    {"url_effective", [](report const& r) { return r.effective_url; }},
    {"urlnum", [](report const&) { return std::string{"0"}; }},
};

/// Reads a format from its beginning to its end.
class formatter
{
public:
    formatter(std::string_view format, report const& what) : rest_{format}, report_{what} {}

    [[nodiscard]] written run()
    {
        while (!rest_.empty() && !stopped_) {
            if (rest_.starts_with("%%"))
                put("%", 2);
            else if (rest_.starts_with("%{"))
                expand();
            else if (rest_.starts_with("\\n"))
                put("\n", 2);
            else if (rest_.starts_with("\\r"))
                put("\r", 2);
            else if (rest_.starts_with("\\t"))
                put("\t", 2);
            else
                put(rest_.substr(0, 1), 1);
        }
        return std::move(out_);
    }

private:
    void put(std::string_view text, std::size_t taken)
    {
        (to_stderr_ ? out_.to_stderr : out_.to_stdout) += text;
        rest_.remove_prefix(taken);
    }

    void expand()
    {
        auto const end = rest_.find('}');
        if (end == std::string_view::npos) return put("%{", 2);
        auto const name = rest_.substr(2, end - 2);
        auto const found = std::find_if(std::begin(variables), std::end(variables),
                                        [&](variable const& v) { return v.name == name; });
        if (found != std::end(variables)) return put(found->value(report_), end + 1);
        if (name == "stderr")
            to_stderr_ = true;
        else if (name == "stdout")
            to_stderr_ = false;
        else if (name == "onerror")
            stopped_ = report_.exit_code == 0;
        else
            out_.unknown += fmt::format("viaduct-curl: unknown --write-out variable: '{}'\n", name);
        put({}, end + 1);
    }

    std::string_view rest_;
    report const& report_;
    written out_;
    bool to_stderr_ = false;
    bool stopped_ = false;
};

} // namespace

written write_out(std::string_view format, report const& what)
{
    return formatter{format, what}.run();
}

} // namespace viaduct_curl

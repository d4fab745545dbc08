#include "transfer/answer.hpp"

#include "tell/styled.hpp"
#include "tell/verbose.hpp"
#include "transfer/output_name.hpp"
#include <viaduct/http/characters.hpp>

#include <algorithm>

namespace viaduct_curl {
namespace {

using viaduct::characters::iequals;

[[nodiscard]] std::string_view trim(std::string_view text)
{
    auto const start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    auto const end = text.find_last_not_of(" \t\r\n");
    return text.substr(start, end == text.npos ? 0 : end + 1 - start);
}

} // namespace

bool answer::shows_heads() const noexcept
{
    return wanted_.answer.include || wanted_.request.head;
}

bool answer::take_connect_heads(std::string_view heads)
{
    if (heads.empty() || wanted_.answer.suppress_connect_headers) return true;
    if (!heads_.write(heads)) return false;
    return !shows_heads() || content_.write(content_.is_terminal() ? printable(heads) : std::string{heads});
}

bool answer::take_refusal(std::string_view body)
{
    if (!wanted_.answer.connect_body || body.empty()) return true;
    bool const is_reported = wanted_.answer.json && !content_.is_file(); // and stays out of the objects' way
    if (is_reported) return true;
    return content_.write(content_.is_terminal() ? printable(body) : std::string{body});
}

bool answer::take_line(std::string_view line)
{
    auto const known = fields_.size();
    read_line(line);
    bool const is_new = fields_.size() > known;
    if (!heads_.write(line)) return false;
    if (is_new && !take_name(fields_.back())) {
        fields_.pop_back(); // curl does not count what it could not use
        return false;
    }
    if (!shows_heads()) return true;
    if (!is_on_terminal()) return content_.write(line);
    auto const shown = printable(line);
    return content_.write(styled_ ? styled(shown) : shown);
}

/// Learns what a head says of the content behind it.
void answer::read_line(std::string_view line)
{
    auto const colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        auto const status = line.substr(std::min(line.find(' ') + 1, line.size()));
        redirected_ = status.starts_with('3');
        skips_content_ = is_read_ = false;
        fields_.clear();
    } else if (is_read_ || line == "\r\n" || line == "\n") {
        is_read_ = true; // what comes still is a trailer
    } else if ((line.starts_with(' ') || line.starts_with('\t')) && !fields_.empty()) {
        fields_.back().second.append(" ").append(trim(line)); // a folded one
    } else if (colon != std::string_view::npos) {
        fields_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
        if (wanted_.redirect.follow && redirected_ && iequals(fields_.back().first, "Location"))
            skips_content_ = true;
    }
}

/// For -J, which needs an -O beside it.
bool answer::take_name(field const& of)
{
    bool const is_remote = which_.remote_name || (wanted_.answer.remote_name_all && !which_.output);
    bool const is_wanted = wanted_.answer.header_name && is_remote && !redirected_;
    if (!is_wanted || !iequals(of.first, "Content-Disposition")) return true;
    auto const name = name_in_disposition(of.second);
    return !name || content_.rename(*name, wanted_.answer.clobber.value_or(false));
}

bool answer::take_content(std::string_view octets) noexcept
{
    return skips_content_ || content_.write(octets);
}

std::string const& answer::error() const noexcept
{
    return content_.failed() ? content_.error() : heads_.error();
}

} // namespace viaduct_curl

#ifndef VIADUCT_TESTING_DETAIL_ANSWER_TEXT_HPP
#define VIADUCT_TESTING_DETAIL_ANSWER_TEXT_HPP

#include <viaduct/http/status.hpp>
#include <viaduct/testing/proxy_behaviour.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::testing::detail {

[[nodiscard]] inline bool opens_tunnel(proxy_behaviour const& b)
{
    return b.status / 100 == 2;
}

[[nodiscard]] inline bool is_named(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char l, unsigned char r) { return std::tolower(l) == std::tolower(r); });
}

[[nodiscard]] inline bool has_field(proxy_behaviour const& b, std::string_view name)
{
    return std::any_of(b.fields.begin(), b.fields.end(),
                       [&](auto const& each) { return is_named(each.first, name); });
}

[[nodiscard]] inline std::string status_line(unsigned status)
{
    auto const phrase = status == 200 ? "Connection established" : reason_phrase(status);
    return ("HTTP/1.1 " + std::to_string(status) + ' ').append(phrase).append("\r\n");
}

/// The octets of an answer. Written here and not by `refusal`, since a test may want what no proxy should
/// say.
[[nodiscard]] inline std::string answer_text(proxy_behaviour const& b)
{
    if (b.garbage) return *b.garbage;
    std::string text;
    for (auto const each : b.interim)
        text += status_line(each) + "\r\n";
    text += status_line(b.status);
    for (auto const& [name, value] : b.fields)
        text.append(name).append(": ").append(value).append("\r\n");
    if (!opens_tunnel(b)) {
        if (!has_field(b, "Content-Length") && !has_field(b, "Transfer-Encoding"))
            text += "Content-Length: " + std::to_string(b.body.size()) + "\r\n";
        if (!has_field(b, "Connection"))
            text += b.keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    }
    text += "\r\n";
    return opens_tunnel(b) ? text : text + b.body;
}

/// The faults of the answer and of what follows it in a tunnel, by the octet at which they are due.
[[nodiscard]] inline std::vector<proxy_fault> faults_of_writing(proxy_behaviour const& b,
                                                                std::uint64_t answer, bool in_tunnel)
{
    std::vector<proxy_fault> all;
    for (auto each : b.faults) {
        auto const wanted = each.after;
        if (each.where == proxy_point::answer)
            each.after = wanted == proxy_behaviour::half ? answer / 2 : std::min(wanted, answer);
        else if (each.where == proxy_point::to_client && in_tunnel)
            each.after = answer + wanted;
        else
            continue;
        all.push_back(each);
    }
    return all;
}

[[nodiscard]] inline std::vector<proxy_fault> faults_of_reading(proxy_behaviour const& b)
{
    std::vector<proxy_fault> all;
    for (auto const& each : b.faults)
        if (each.where == proxy_point::to_target) all.push_back(each);
    return all;
}

} // namespace viaduct::testing::detail

#endif

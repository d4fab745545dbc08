// Whatever format an operator may write, compiling it ends with a format or with a place in its text; and a
// record makes one line of it, without a control, whoever has had a say in that record.

#include "any_record.hpp"
#include "octets.hpp"
#include "target.hpp"
#include <viaduct/log/squid_logformat.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace fuzz::squid_logformat_target {
namespace {

[[nodiscard]] bool is_control(char c) noexcept
{
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20U || octet == 0x7fU;
}

/// The format, unless it is wrong.
[[nodiscard]] std::shared_ptr<viaduct::squid_logformat const> compile(std::string_view spec)
{
    try {
        return std::make_shared<viaduct::squid_logformat>(spec);
    } catch (viaduct::format_problem const& wrong) {
        must(wrong.column() >= 1 && wrong.column() <= spec.size() + 1, "a mistake has its place", spec);
        must(!std::string_view{wrong.what()}.empty(), "and its reason", spec);
        return nullptr;
    }
}

/// The first line is the format, the rest the record.
void check(std::string_view input)
{
    auto const spec = take_until(input, '\n');
    bool const own = std::any_of(spec.begin(), spec.end(), is_control) || spec.find("byte") != spec.npos;
    if (own) return; // an operator's own controls are his own affair
    auto const format = compile(spec);
    if (!format) return;
    auto const record = any_record(input);
    std::string line{"before"};
    format->append(record, line);
    must(line.starts_with("before") && line.ends_with('\n'), "a line is added", line);
    line.pop_back();
    must(std::none_of(line.begin(), line.end(), is_control), "it is one line", line);
}

target const self{"squid_logformat", check};

} // namespace
} // namespace fuzz::squid_logformat_target

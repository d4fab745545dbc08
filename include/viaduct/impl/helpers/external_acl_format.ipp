#ifndef VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_FORMAT_IPP
#define VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_FORMAT_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/helpers/external_acl_format.hpp>
#include <viaduct/helpers/helper_protocol.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace viaduct {
namespace detail {

/// A value as one word of a line.
[[nodiscard]] inline std::string word_or_dash(std::string_view value)
{
    return value.empty() ? "-" : escape_helper_word(value);
}

/// An address as helpers know it: what came over IPv6 from IPv4 is that.
[[nodiscard]] inline std::string address_word(net::ip::tcp::endpoint const& e)
{
    auto const address = e.address();
    if (address.is_unspecified() && e.port() == 0) return {};
    return without_mapping(address).to_string();
}

[[nodiscard]] inline std::string joined_arguments(std::span<std::string const> arguments)
{
    std::string line;
    for (auto const& each : arguments)
        line.append(line.empty() ? "" : " ").append(word_or_dash(each));
    return line.empty() ? "-" : line;
}

} // namespace detail

VIADUCT_DECL external_acl_format::external_acl_format(std::string_view text)
{
    text = characters::trim(text);
    std::string literal;
    auto const end_literal = [&] {
        if (!literal.empty()) parts_.push_back({code::text, std::exchange(literal, {})});
    };
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '%' || text.substr(at).starts_with("%%")) {
            bool const blank = characters::is_blank(text[at]);
            if (!blank || !literal.ends_with(' '))
                literal += blank ? ' ' : text[at]; // words, one blank between
            at += text[at] == '%' ? 2 : 1;
            continue;
        }
        end_literal();
        ++at;
        add_code(text, at);
    }
    end_literal();
    if (!is_helper_request(text)) throw std::invalid_argument("control characters in the format of a helper");
    auto const is_data = [](part const& p) { return p.what == code::data; };
    if (std::any_of(parts_.begin(), parts_.end(), is_data)) return;
    if (!parts_.empty()) parts_.push_back({code::text, " "});
    parts_.push_back({code::data, {}});
}

VIADUCT_DECL void external_acl_format::add_code(std::string_view text, std::size_t& at)
{
    // Of two that begin alike the longer one stands first.
    static constexpr struct
    {
        std::string_view name;
        code what;
    } codes[] = {{"LOGIN", code::user},     {"ul", code::user},
                 {"un", code::user},        {"SRCPORT", code::client_port},
                 {"SRC", code::client},     {">a", code::client},
                 {">p", code::client_port}, {"MYADDR", code::local},
                 {"la", code::local},       {"MYPORT", code::local_port},
                 {"lp", code::local_port},  {"DST", code::host},
                 {">rd", code::host},       {"PORT", code::port},
                 {">rP", code::port},       {"URI", code::target},
                 {"ru", code::target},      {">ru", code::target},
                 {"METHOD", code::method},  {"rm", code::method},
                 {">rm", code::method},     {"ACL", code::acl},
                 {"DATA", code::data}};
    if (text.substr(at).starts_with('#')) ++at;
    if (add_field(text, at)) return;
    auto const rest = text.substr(at);
    for (auto const& [name, what] : codes) {
        if (!rest.starts_with(name)) continue;
        needs_user_ |= name == "LOGIN";
        parts_.push_back({what, {}});
        at += name.size();
        return;
    }
    throw std::invalid_argument("unknown code in the format of a helper: %" +
                                std::string{rest.substr(0, rest.find_first_of(" \t"))});
}

VIADUCT_DECL bool external_acl_format::add_field(std::string_view text, std::size_t& at)
{
    auto const rest = text.substr(at);
    std::size_t before = 0;
    for (std::string_view const prefix : {">ha", ">h", ">", ""}) {
        before = prefix.size();
        if (rest.starts_with(std::string{prefix} + '{')) break;
        if (prefix.empty()) return false;
    }
    auto const end = rest.find('}');
    auto const name = rest.substr(before + 1, end == std::string_view::npos ? 0 : end - before - 1);
    if (!characters::is_token(name)) return false; // nor members of lists, `{Name:member}`
    parts_.push_back({code::field, std::string{name}});
    at += end + 1;
    if (before != 0) return true;
    for (std::string_view const suffix : {">ha", ">h"})
        if (text.substr(at).starts_with(suffix)) return at += suffix.size(), true;
    return true;
}

namespace detail {

/// All lines of a field as one (RFC 9110 section 5.3): a client must not hide one behind another.
[[nodiscard]] inline std::string all_values(fields const& all, std::string_view name)
{
    std::string joined;
    for (auto const& field : all.list())
        if (characters::iequals(field.name, name))
            joined.append(joined.empty() ? "" : ", ").append(field.value);
    return joined;
}

} // namespace detail

VIADUCT_DECL std::string external_acl_format::line(request_facts const& facts, std::string_view acl,
                                                   std::span<std::string const> arguments) const
{
    std::string line;
    for (auto const& p : parts_) {
        switch (p.what) {
        case code::text: line += p.text; break;
        case code::acl: line += detail::word_or_dash(acl); break;
        case code::data: line += detail::joined_arguments(arguments); break;
        default: line += detail::word_or_dash(value(p, facts)); break;
        }
    }
    return line;
}

VIADUCT_DECL std::string external_acl_format::value(part const& p, request_facts const& facts)
{
    auto const port = [](std::uint16_t number) {
        return number == 0 ? std::string{} : std::to_string(number);
    };
    switch (p.what) {
    case code::user: return std::string{facts.user.value_or("")};
    case code::client: return detail::address_word(facts.client);
    case code::client_port: return port(facts.client.port());
    case code::local: return detail::address_word(facts.local);
    case code::local_port: return port(facts.local.port());
    case code::host: return facts.target->host();
    case code::port: return port(facts.target->port());
    case code::target: return facts.target->text();
    case code::method: return std::string{facts.method};
    case code::field: return facts.fields == nullptr ? "" : detail::all_values(*facts.fields, p.text);
    case code::text:
    case code::acl:
    case code::data: break;
    }
    return {};
}

} // namespace viaduct

#endif

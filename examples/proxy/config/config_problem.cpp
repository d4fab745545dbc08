#include "config_problem.hpp"

#include "config_source.hpp"

#include <utility>

namespace viaduct_proxy {

void tell(problems& all, std::string const& where, std::string text)
{
    if (all.size() > config_bounds::problems) return;
    if (all.size() == config_bounds::problems) text = "and more, from here on";
    all.push_back({where, std::move(text)});
}

std::string legible(std::string_view text)
{
    constexpr std::size_t most = 120;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (auto const c : text.substr(0, most)) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet >= 0x20U && octet < 0x7fU)
            out += c;
        else
            out.append("\\x").append(1, digits[octet >> 4U]).append(1, digits[octet & 15U]);
    }
    return text.size() > most ? out + "..." : out;
}

} // namespace viaduct_proxy

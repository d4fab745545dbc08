#ifndef VIADUCT_TESTS_NET_RANDOM_OCTETS_HPP
#define VIADUCT_TESTS_NET_RANDOM_OCTETS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

namespace fixture {

/// So many octets of which no two pieces are alike.
[[nodiscard]] inline std::string random_octets(std::size_t count, std::mt19937_64& random)
{
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; i += sizeof(std::uint64_t)) {
        std::uint64_t const word = random();
        std::memcpy(text.data() + i, &word, std::min(sizeof word, count - i));
    }
    return text;
}

} // namespace fixture

#endif

// Hands libFuzzer's inputs to the target that '--target=NAME' names; libFuzzer itself leaves such options
// alone.

#include "target.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

fuzz::target const* chosen = nullptr;

} // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv)
{
    constexpr std::string_view option = "--target=";
    std::string_view name;
    for (int i = 1; i < *argc; ++i)
        if (std::string_view const word{(*argv)[i]}; word.starts_with(option))
            name = word.substr(option.size());
    chosen = &fuzz::target::named(name);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    chosen->run({reinterpret_cast<char const*>(data), size});
    return 0;
}

// Runs a fuzz target without libFuzzer: over its corpus, and over octets that look random and are always the
// same.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

constexpr int random_inputs = 2000;

void run(std::string_view input)
{
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(input.data()), input.size());
}

std::size_t run_corpus(char const* directory)
{
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator{directory})
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (auto const& file : files) {
        std::ifstream in{file, std::ios::binary};
        run(std::string{std::istreambuf_iterator<char>{in}, {}});
    }
    return files.size();
}

/// What upsets formats is commoner here than in plain noise.
void run_random()
{
    constexpr std::string_view upsetting = "\r\n\t\0\x1b\"\\'%{}[] ,:\x7f\x80\xc3\xa9\xe2\x80\xa8\xff";
    std::mt19937 noise{20240607};
    std::string input;
    for (int i = 0; i < random_inputs; ++i) {
        input.resize(noise() % 2048);
        for (auto& c : input)
            c = noise() % 3 == 0 ? upsetting[noise() % upsetting.size()] : static_cast<char>(noise());
        run(input);
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::cout << "TAP version 13\n1..2\n" << std::flush;
    auto const count = argc > 1 ? run_corpus(argv[1]) : 0;
    std::cout << (count > 0 ? "ok" : "not ok") << " 1 - the corpus: " << count << " inputs\n" << std::flush;
    run_random();
    std::cout << "ok 2 - " << random_inputs << " inputs that look random\n";
}

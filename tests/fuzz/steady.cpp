// Runs a fuzz target without libFuzzer: over its corpus, that corpus damaged, and octets that look random.
// They are always the same.

#include "target.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::string_view_literals;

constexpr int random_inputs = 500;
constexpr int damaged_inputs = 500;

/// What upsets formats is commoner than in plain noise.
constexpr auto upsetting = "\r\n\t\0\x1b\"\\'%{}[] ,;:=@.-/01\x7f\x80\xc3\xa9\xe2\x80\xa8\xff"sv;

/// By itself a generator gives the same numbers everywhere; the distributions of the library do not.
class noise
{
public:
    [[nodiscard]] std::size_t below(std::size_t n) { return engine_() % n; }

    [[nodiscard]] char octet()
    {
        return below(3) == 0 ? upsetting[below(upsetting.size())] : static_cast<char>(engine_());
    }

    [[nodiscard]] std::string octets()
    {
        std::string text(below(2048), '\0');
        for (auto& c : text)
            c = octet();
        return text;
    }

    /// Some octets replaced, inserted, removed, or repeated.
    void damage(std::string& text)
    {
        for (auto n = 1 + below(4); n != 0; --n) {
            auto const at = below(text.size() + 1);
            switch (below(4)) {
            case 0: text.insert(at, 1, octet()); break;
            case 1: text.erase(at, 1 + below(8)); break;
            case 2: text.insert(at, text.substr(below(at + 1), below(64))); break;
            default: text.replace(at, std::min<std::size_t>(text.size() - at, 1), 1, octet());
            }
        }
    }

private:
    std::mt19937 engine_{20240607};
};

[[nodiscard]] std::vector<std::string> read_corpus(std::filesystem::path const& directory)
{
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator{directory})
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> inputs;
    for (auto const& file : files) {
        std::ifstream in{file, std::ios::binary};
        inputs.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    return inputs;
}

void report(int number, std::size_t count, char const* what)
{
    std::cout << (count > 0 ? "ok " : "not ok ") << number << " - " << count << ' ' << what << std::endl;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::cerr << "usage: steady_fuzz TARGET CORPUS\n";
        return 2;
    }
    auto const& target = fuzz::target::named(argv[1]);
    auto const corpus = read_corpus(argv[2]);
    noise random;
    std::cout << "TAP version 13\n1..3\n" << std::flush;
    for (auto const& input : corpus)
        target.run(input);
    report(1, corpus.size(), "inputs of the corpus");
    for (int i = 0; i < damaged_inputs && !corpus.empty(); ++i) {
        auto input = corpus[random.below(corpus.size())];
        random.damage(input);
        target.run(input);
    }
    report(2, damaged_inputs, "of them damaged");
    for (int i = 0; i < random_inputs; ++i)
        target.run(random.octets());
    report(3, random_inputs, "that look random");
}

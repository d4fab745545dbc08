// A password file has its users, or a problem at a line: one that tells nothing of that line, for it may be a
// password.

#include "target.hpp"
#include <viaduct/auth/password_file.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace fuzz::password_file_target {
namespace {

constexpr std::string_view secret = "oPeNsEsAmE";

struct outcome
{
    std::shared_ptr<viaduct::password_file const> file;
    std::string problem;
};

[[nodiscard]] outcome parse(std::string_view text)
{
    outcome result;
    result.file = viaduct::password_file::parse(text, "users", result.problem);
    must((result.file != nullptr) == result.problem.empty(), "there are users or a problem", text);
    return result;
}

[[nodiscard]] std::size_t lines(std::string_view text)
{
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void check_problem(std::string_view problem, std::string_view text)
{
    must(problem.starts_with("users:"), "a problem has its file", problem);
    std::size_t line = 0;
    auto const number = problem.substr(6);
    auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), line);
    must(error == std::errc{} && *end == ':' && line >= 1 && line <= lines(text), "and its line", problem);
    bool const plain =
        std::all_of(problem.begin(), problem.end(), [](char c) { return c >= ' ' && c <= '~'; });
    must(plain && problem.find(secret) == problem.npos, "and nothing of it", problem);
}

void check(std::string_view input)
{
    auto const whole = parse(input);
    if (!whole.file) check_problem(whole.problem, input);
    auto const hidden = std::string{input}.append(secret);
    if (auto const told = parse(hidden); !told.file) check_problem(told.problem, hidden);
    if (!whole.file) return;
    must(whole.file->size() <= lines(input), "a line has one user at most", input);
    auto const twice = parse(std::string{input}.append("\n").append(input));
    must(twice.file && twice.file->size() == whole.file->size(), "the first line of a user counts", input);
    must(parse(std::string{input}.append("\nvery new:password")).file == nullptr, "no password goes unhashed",
         input);
}

target const self{"password_file", check};

} // namespace
} // namespace fuzz::password_file_target

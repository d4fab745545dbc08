#include "include_line.hpp"

#include "conditions.hpp"
#include "values.hpp"

#include <algorithm>
#include <cstdint>

namespace viaduct_proxy {

namespace {

class pattern_splitter
{
public:
    explicit pattern_splitter(std::string_view text) : text_{text} {}

    include_patterns split()
    {
        while (at_ < text_.size())
            step();
        finish();
        found_.open = quoted_;
        return std::move(found_);
    }

private:
    void step()
    {
        auto const c = text_[at_++];
        if (c == '"') {
            quoted_ = !quoted_;
            started_ = true;
        } else if (c == '\\' && quoted_ && at_ < text_.size()) {
            add(escaped(text_[at_++]));
        } else if (!quoted_ && is_blank(c)) {
            finish();
        } else {
            add(c);
        }
    }

    static char escaped(char c) noexcept { return c == 'n' ? '\n' : c == 'r' ? '\r' : c; }

    void add(char c)
    {
        word_ += c;
        started_ = true;
    }

    void finish()
    {
        if (started_) found_.all.push_back(std::move(word_));
        word_.clear();
        started_ = false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string word_;
    include_patterns found_;
    bool quoted_ = false;
    bool started_ = false;
};

} // namespace

include_patterns split_patterns(std::string_view text)
{
    return pattern_splitter{text}.split();
}

line_mark to_line_mark(std::string_view line)
{
    auto const text = behind("#line", line);
    if (!text) return {};
    auto const end = std::min(text->find_first_of(" \t"), text->size());
    auto const number = to_c_number(text->substr(0, end));
    if (!number || *number < 0 || *number > INT32_MAX) return {};
    auto const file = trimmed(text->substr(end));
    if (file.empty()) return {true, static_cast<unsigned>(*number), {}};
    if (file.front() != '"') return {};
    return {true, static_cast<unsigned>(*number), std::string{file.substr(1, file.find('"', 1) - 1)}};
}

} // namespace viaduct_proxy

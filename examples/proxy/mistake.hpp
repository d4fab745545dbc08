#ifndef VIADUCT_EXAMPLES_PROXY_MISTAKE_HPP
#define VIADUCT_EXAMPLES_PROXY_MISTAKE_HPP

#include "config/config_problem.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace viaduct_proxy {

/// Something that the operator wrote and that cannot be meant: a line for each, which names the place, the
/// value, what is wrong with it, and the way out.
struct mistake : std::runtime_error
{
    using runtime_error::runtime_error;
};

/// Mistakes that are found one after the other, to be told together.
class mistake_list
{
public:
    mistake_list() = default;
    explicit mistake_list(std::vector<std::string> lines)
    {
        for (auto const& line : lines)
            add(line);
    }

    /// Calls a function, and keeps what it finds wrong.
    template <class Function>
    void attempt(Function&& function)
    {
        try {
            std::forward<Function>(function)();
        } catch (mistake const& e) {
            add(e.what());
        } catch (config_mistake const& e) { // of a line that cannot be cut into words
            add(e.what());
        }
    }

    void add(std::string const& line) { text_ += (text_.empty() ? "" : "\n") + line; }

    /// @throws mistake with all of them.
    void refuse_if_any() const
    {
        if (!text_.empty()) throw mistake{text_};
    }

private:
    std::string text_;
};

} // namespace viaduct_proxy

#endif

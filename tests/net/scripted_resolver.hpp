#ifndef VIADUCT_TESTS_SCRIPTED_RESOLVER_HPP
#define VIADUCT_TESTS_SCRIPTED_RESOLVER_HPP

#include <viaduct/error.hpp>
#include <viaduct/net/resolver.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fixture {

[[nodiscard]] inline viaduct::resolution found(std::vector<std::string> const& addresses,
                                               std::chrono::seconds ttl = std::chrono::seconds{60})
{
    viaduct::resolution result;
    for (auto const& text : addresses)
        result.addresses.push_back(viaduct::net::ip::make_address(text));
    result.ttl = ttl;
    return result;
}

/// A name service that says what a test says: at once where that is known, else when the test gives it.
class scripted_resolver final : public viaduct::resolver
{
public:
    void ask(std::shared_ptr<viaduct::name_query> query) override
    {
        asked.push_back(query->host());
        if (answers.empty()) {
            waiting.push_back(std::move(query));
            return;
        }
        auto next = std::move(answers.front());
        answers.pop_front();
        query->answer(next.first, std::move(next.second));
    }

    /// Answers the oldest question that waits.
    void answer(viaduct::error_code ec, viaduct::resolution what = {})
    {
        auto const query = std::move(waiting.front());
        waiting.pop_front();
        query->answer(ec, std::move(what));
    }

    std::deque<std::pair<viaduct::error_code, viaduct::resolution>> answers; // one a question
    std::vector<std::string> asked;
    std::deque<std::shared_ptr<viaduct::name_query>> waiting;
};

} // namespace fixture

#endif

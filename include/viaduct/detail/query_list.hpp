#ifndef VIADUCT_DETAIL_QUERY_LIST_HPP
#define VIADUCT_DETAIL_QUERY_LIST_HPP

#include <viaduct/net/resolver.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Those who wait for the answer to one question.
/** Its size follows the number of those who still wait, however long a name hangs and however many gave up.
 */
class query_list
{
public:
    void add(std::shared_ptr<name_query> query)
    {
        if (queries_.size() >= clean_at_) clean();
        queries_.push_back(std::move(query));
    }

    [[nodiscard]] bool is_wanted() const
    {
        return std::any_of(queries_.begin(), queries_.end(), [](auto const& q) { return q->is_wanted(); });
    }

    /// Not under a lock: what hears of it may do anything.
    void answer(error_code ec, resolution const& found) const
    {
        for (auto const& query : queries_)
            query->answer(ec, found);
    }

private:
    static constexpr std::size_t few = 32;

    void clean()
    {
        std::erase_if(queries_, [](auto const& q) { return !q->is_wanted(); });
        clean_at_ = std::max(few, 2 * queries_.size());
    }

    std::vector<std::shared_ptr<name_query>> queries_{};
    std::size_t clean_at_ = few;
};

} // namespace viaduct::detail

#endif

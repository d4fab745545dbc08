#ifndef VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_IPP
#define VIADUCT_IMPL_HELPERS_EXTERNAL_ACL_IPP

#include <viaduct/helpers/external_acl.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace viaduct {
namespace detail {

/// A value of a helper's as a log or a message may hold it.
[[nodiscard]] inline std::string without_controls(std::string_view value)
{
    std::string text{value};
    std::replace_if(text.begin(), text.end(), characters::is_forbidden_control, ' ');
    return text;
}

[[nodiscard]] inline external_answer external_answer_of(helper_reply const& reply)
{
    external_answer answer;
    answer.matches = reply.result == helper_result::ok;
    answer.user = without_controls(reply.find("user").value_or(""));
    answer.message = without_controls(reply.message());
    answer.tag = without_controls(reply.find("tag").value_or(reply.find("log").value_or("")));
    return answer;
}

[[nodiscard]] inline error_code external_error_of(error_code ec, helper_reply const& reply)
{
    if (ec || reply.result == helper_result::ok || reply.result == helper_result::error) return ec;
    return reply.result == helper_result::broken ? errc::authentication_broken : errc::helper_reply_malformed;
}

/// What is behind an `external_acl`: the cache, and who waits for what.
class external_acl_state : public std::enable_shared_from_this<external_acl_state>
{
public:
    external_acl_state(std::shared_ptr<helper_pool> pool, external_acl_options const& options)
        : format{options.format},
          pool_{std::move(pool)},
          cache_{options.limits}
    {}

    void ask(std::string line, external_acl_completion done)
    {
        std::unique_lock lock{mutex_};
        auto const kept = cache_.find(line, std::chrono::steady_clock::now());
        bool const asks = (!kept || kept->is_in_grace) && waiting_.count(line) == 0;
        if (asks) waiting_[line];
        if (!kept) waiting_[line].push_back(std::move(done));
        lock.unlock();
        if (asks) submit(line);
        if (kept) done({}, kept->answer);
    }

    external_acl_format const format;

private:
    void submit(std::string const& line)
    {
        pool_->submit(line, [weak = weak_from_this(), line](error_code ec, helper_reply const& reply) {
            if (auto const self = weak.lock()) self->on_reply(line, external_error_of(ec, reply), reply);
        });
    }

    void on_reply(std::string const& line, error_code ec, helper_reply const& reply)
    {
        auto const answer = ec ? external_answer{} : external_answer_of(reply);
        std::unique_lock lock{mutex_};
        auto const waiting = waiting_.extract(line);
        if (!ec) cache_.keep(line, answer, std::chrono::steady_clock::now());
        lock.unlock();
        for (auto const& done : waiting.mapped())
            done(ec, answer);
    }

    std::shared_ptr<helper_pool> pool_;
    std::mutex mutex_;
    external_acl_cache cache_;
    std::map<std::string, std::vector<external_acl_completion>> waiting_; // for each line that is being asked
};

} // namespace detail

VIADUCT_DECL external_acl::external_acl(std::shared_ptr<helper_pool> pool,
                                        external_acl_options const& options)
    : state_{std::make_shared<detail::external_acl_state>(std::move(pool), options)}
{}

VIADUCT_DECL bool external_acl::needs_user() const noexcept
{
    return state_->format.needs_user();
}

VIADUCT_DECL void external_acl::ask(request_facts const& facts, std::string_view acl,
                                    std::span<std::string const> arguments, external_acl_completion done)
{
    if (needs_user() && facts.user.value_or("").empty()) return done(errc::authentication_required, {});
    state_->ask(state_->format.line(facts, acl, arguments), std::move(done));
}

} // namespace viaduct

#endif

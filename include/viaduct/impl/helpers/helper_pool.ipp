#ifndef VIADUCT_IMPL_HELPERS_HELPER_POOL_IPP
#define VIADUCT_IMPL_HELPERS_HELPER_POOL_IPP

#include <viaduct/helpers/helper_pool.hpp>
#include <viaduct/impl/helpers/helper_pool_state.hpp>

#include <memory>
#include <string>
#include <utility>

namespace viaduct {

VIADUCT_DECL helper_reservation::helper_reservation(std::shared_ptr<detail::helper_pool_state> const& pool)
    : pool_{pool},
      id_{pool->new_reservation()}
{}

VIADUCT_DECL helper_reservation::~helper_reservation()
{
    if (!has_begun_) return;
    if (auto const pool = pool_.lock())
        pool->post([id = id_](detail::helper_pool_state& state) { state.release(id); });
}

VIADUCT_DECL helper_pool::helper_pool(net::any_io_executor const& executor, helper_options options)
    : state_{std::make_shared<detail::helper_pool_state>(executor, std::move(options))}
{}

VIADUCT_DECL helper_pool::~helper_pool()
{
    stop();
}

VIADUCT_DECL void helper_pool::start()
{
    state_->post([](detail::helper_pool_state& state) { state.start(); });
}

VIADUCT_DECL void helper_pool::submit(std::string request, helper_completion done)
{
    state_->post(
        [request = std::move(request), done = std::move(done)](detail::helper_pool_state& state) mutable {
            state.submit(0, false, std::move(request), std::move(done));
        });
}

VIADUCT_DECL std::shared_ptr<helper_reservation> helper_pool::reserve()
{
    return std::make_shared<helper_reservation>(state_);
}

VIADUCT_DECL void helper_pool::submit(helper_reservation& conversation, std::string request,
                                      helper_completion done)
{
    state_->post([id = conversation.id_, continues = std::exchange(conversation.has_begun_, true),
                  request = std::move(request),
                  done = std::move(done)](detail::helper_pool_state& state) mutable {
        state.submit(id, continues, std::move(request), std::move(done));
    });
}

VIADUCT_DECL void helper_pool::stop()
{
    state_->post([](detail::helper_pool_state& state) { state.stop(); });
}

} // namespace viaduct

#endif

#ifndef VIADUCT_DETAIL_RESOLVE_OP_HPP
#define VIADUCT_DETAIL_RESOLVE_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/net/system_resolver.hpp>

#include <utility>
#include <vector>

namespace viaduct::detail {

/// A look-up that puts what it finds in a place of its caller's, so that a deadline can be set on it.
class resolve_op
{
public:
    resolve_op(system_resolver& resolver, net::any_io_executor executor, authority const& where,
               std::vector<net::ip::tcp::endpoint>& found)
        : resolver_{&resolver},
          executor_{std::move(executor)},
          where_{&where},
          found_{&found}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& resolver = *resolver_;
        auto const& where = *where_;
        resolver.async_resolve(executor_, where.host(), where.port(), std::move(self));
    }

    template <class Self>
    void operator()(Self& self, error_code ec, std::vector<net::ip::tcp::endpoint> found)
    {
        *found_ = std::move(found);
        self.complete(ec);
    }

private:
    system_resolver* resolver_;
    net::any_io_executor executor_;
    authority const* where_;
    std::vector<net::ip::tcp::endpoint>* found_;
};

/// Completion signature `void(error_code)`; everything that is passed by reference must outlive the
/// operation.
template <class CompletionToken>
auto async_resolve_into(std::vector<net::ip::tcp::endpoint>& found, system_resolver& resolver,
                        net::any_io_executor executor, authority const& where, CompletionToken&& token)
{
    return net::async_compose<CompletionToken, void(error_code)>(resolve_op{resolver, executor, where, found},
                                                                 token, executor);
}

} // namespace viaduct::detail

#endif

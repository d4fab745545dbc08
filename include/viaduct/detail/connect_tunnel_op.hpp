#ifndef VIADUCT_DETAIL_CONNECT_TUNNEL_OP_HPP
#define VIADUCT_DETAIL_CONNECT_TUNNEL_OP_HPP

#include <viaduct/client/converse.hpp>

#include <memory>
#include <utility>

namespace viaduct::detail {

/// A conversation of its own, on one connection.
template <class Stream>
class connect_tunnel_op : public one_step_at_a_time
{
public:
    struct on_end
    {};

    connect_tunnel_op(Stream* stream, authority const& target, connect_options const& options)
        : stream_{stream},
          conversation_{std::make_unique<connect_conversation>(target, options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        async_converse(*stream_, *conversation_, self.then(on_end{}));
    }

    template <class Self>
    void operator()(Self& self, on_end, error_code ec)
    {
        auto reply = std::move(conversation_->reply());
        conversation_.reset(); // before the handler is called
        self.complete(ec, std::move(reply));
    }

private:
    Stream* stream_;
    std::unique_ptr<connect_conversation> conversation_;
};

} // namespace viaduct::detail

#endif

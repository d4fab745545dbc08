#ifndef VIADUCT_TESTING_DETAIL_PROXY_LISTENER_HPP
#define VIADUCT_TESTING_DETAIL_PROXY_LISTENER_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/testing/detail/proxy_session.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::testing::detail {

/// Accepts, and knows the connections there are. Lives on its executor.
class proxy_listener : public std::enable_shared_from_this<proxy_listener>
{
public:
    proxy_listener(net::any_io_executor executor, net::ip::tcp::endpoint const& where,
                   std::shared_ptr<proxy_shared> with)
        : acceptor_{std::move(executor), where},
          with_{std::move(with)}
    {}

    [[nodiscard]] net::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    void accept()
    {
        acceptor_.async_accept([self = shared_from_this()](error_code ec, net::ip::tcp::socket accepted) {
            if (ec == net::error::operation_aborted || self->stopped_) return;
            if (!ec) self->serve(std::move(accepted));
            self->accept();
        });
    }

    void stop()
    {
        stopped_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        for (auto const& each : sessions_)
            if (auto const open = each.lock()) open->stop();
        sessions_.clear();
    }

private:
    void serve(net::ip::tcp::socket accepted)
    {
        auto const session = std::make_shared<proxy_session>(std::move(accepted), with_);
        std::erase_if(sessions_, [](auto const& each) { return each.expired(); });
        sessions_.push_back(session);
        session->start();
    }

    net::ip::tcp::acceptor acceptor_;
    std::shared_ptr<proxy_shared> with_;
    std::vector<std::weak_ptr<proxy_session>> sessions_{};
    bool stopped_ = false;
};

} // namespace viaduct::testing::detail

#endif

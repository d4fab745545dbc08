#ifndef VIADUCT_EXAMPLES_PROXY_SHORTAGE_NOTICE_HPP
#define VIADUCT_EXAMPLES_PROXY_SHORTAGE_NOTICE_HPP

#include "say.hpp"
#include <viaduct/error.hpp>

#include <atomic>

namespace viaduct_proxy {

/// Tells when connections cannot be accepted for want of descriptors, and when they can again: once each for
/// all listeners and workers together. For `accept_options::on_exhausted`, by reference.
class shortage_notice
{
public:
    void operator()(viaduct::error_code ec)
    {
        if (ec && short_of_it_++ == 0)
            tell("connections have to wait: " + ec.message());
        else if (!ec && --short_of_it_ == 0)
            tell("connections are accepted again");
    }

private:
    std::atomic<int> short_of_it_{0}; // listeners
};

} // namespace viaduct_proxy

#endif

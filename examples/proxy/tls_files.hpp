#ifndef VIADUCT_EXAMPLES_PROXY_TLS_FILES_HPP
#define VIADUCT_EXAMPLES_PROXY_TLS_FILES_HPP

#include "listener_port.hpp"
#include <viaduct/net/tls_acceptor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// Makes what listeners need for TLS; ports with the same files share it.
class tls_files
{
public:
    /// @throws mistake if a file cannot be used.
    [[nodiscard]] std::shared_ptr<viaduct::tls_acceptor> acceptor_for(listener_port const& port);

private:
    struct made
    {
        std::vector<std::string> of; // all that it was made of
        std::shared_ptr<viaduct::tls_acceptor> tls;
    };

    std::vector<made> made_;
};

} // namespace viaduct_proxy

#endif

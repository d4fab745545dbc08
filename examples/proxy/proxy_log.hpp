#ifndef VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP
#define VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP

#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/log_sink.hpp>

#include <memory>
#include <optional>
#include <string>

namespace viaduct_proxy {

/// The access log, if there is one; and what rules on trial would have denied, which goes to standard error.
class proxy_log final : public viaduct::log_sink
{
public:
    /// @param where A file, `-` for standard output, or nothing.
    explicit proxy_log(std::optional<std::string> const& where);

    void write(viaduct::tunnel_record const& record) noexcept override;
    void flush() noexcept override;
    void reopen() noexcept override;

private:
    std::optional<viaduct::formatted_log> log_;
};

} // namespace viaduct_proxy

#endif

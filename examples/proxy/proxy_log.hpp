#ifndef VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP
#define VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP

#include <viaduct/log/log_sink.hpp>

#include <memory>
#include <utility>

namespace viaduct_proxy {

/// The access logs, if there are any; and what rules on trial would have denied, which goes to standard
/// error.
class proxy_log final : public viaduct::log_sink
{
public:
    /// @param logs Null without any.
    explicit proxy_log(std::shared_ptr<viaduct::log_sink> logs) noexcept : logs_{std::move(logs)} {}

    void write(viaduct::tunnel_record const& record) noexcept override;
    void flush() noexcept override;
    void reopen() noexcept override;
    void rotate() noexcept override;
    [[nodiscard]] viaduct::record_wishes wishes() const noexcept override;

private:
    std::shared_ptr<viaduct::log_sink> logs_;
};

} // namespace viaduct_proxy

#endif

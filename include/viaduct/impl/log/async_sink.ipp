#ifndef VIADUCT_IMPL_LOG_ASYNC_SINK_IPP
#define VIADUCT_IMPL_LOG_ASYNC_SINK_IPP

#include <viaduct/detail/async_writer.hpp>
#include <viaduct/log/async_sink.hpp>

#include <memory>
#include <utility>

namespace viaduct {

VIADUCT_DECL async_sink::async_sink(line_sink_ptr to, async_sink_options options)
    : writer_{std::make_shared<detail::async_writer>(std::move(to), std::move(options))}
{
    detail::async_writer::start(writer_);
}

VIADUCT_DECL async_sink::~async_sink()
{
    writer_->stop();
}

VIADUCT_DECL void async_sink::write_line(std::string_view line) noexcept
{
    writer_->push(line);
}

VIADUCT_DECL void async_sink::flush() noexcept
{
    writer_->flush();
}

VIADUCT_DECL void async_sink::reopen() noexcept
{
    writer_->push(detail::queue_mark{.is_reopen = true});
}

VIADUCT_DECL void async_sink::rotate() noexcept
{
    writer_->push(detail::queue_mark{.is_rotation = true});
}

VIADUCT_DECL std::uint64_t async_sink::lost() const noexcept
{
    return writer_->lost();
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_RELAY_SOCKET_DIRECTION_IPP
#define VIADUCT_IMPL_RELAY_SOCKET_DIRECTION_IPP

#include <viaduct/relay/socket_direction.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

inline constexpr std::size_t octets_a_turn = 1024 * 1024; // then others may run

} // namespace detail

VIADUCT_DECL socket_direction::step socket_direction::resume(outcome how, std::size_t n, std::size_t asked)
{
    switch (last_) {
    case step::wait_read:
    case step::yield: turn_ = 0; return take();
    case step::receive:
    case step::splice_in: return on_taken(how, n, asked);
    case step::wait_write: turn_ = 0; return last_ = in_pipe_ ? step::splice_out : step::send;
    case step::send:
    case step::splice_out: return on_sent(how, n);
    default: return last_ = step::done;
    }
}

VIADUCT_DECL socket_direction::step socket_direction::take()
{
    return last_ = mode_.splicing() ? step::splice_in : step::receive;
}

VIADUCT_DECL socket_direction::step socket_direction::on_taken(outcome how, std::size_t n, std::size_t asked)
{
    if (how == outcome::would_block) return last_ = step::wait_read;
    if (how == outcome::no_pipe) mode_.retreat();
    if (how == outcome::unsupported) mode_.forbid();
    if (how != outcome::ok) return take();
    if (n == 0) return last_ = step::shutdown;
    in_pipe_ = last_ == step::splice_in;
    pending_ = n;
    turn_ += n;
    // A read that did not fill the buffer has emptied the socket: asking again would be a call for nothing.
    drained_ = !in_pipe_ && n < asked;
    if (in_pipe_)
        mode_.on_spliced(n);
    else
        mode_.on_copied(n, room);
    return last_ = in_pipe_ ? step::splice_out : step::send;
}

VIADUCT_DECL socket_direction::step socket_direction::on_sent(outcome how, std::size_t n)
{
    if (how == outcome::would_block) return last_ = step::wait_write;
    transferred_ += n;
    pending_ -= std::min(n, pending_);
    if (pending_ == 0) return next_turn();
    return last_ = in_pipe_ ? step::splice_out : step::wait_write; // a short send has filled the socket
}

VIADUCT_DECL socket_direction::step socket_direction::next_turn()
{
    if (drained_) return last_ = step::wait_read;
    return turn_ >= detail::octets_a_turn ? last_ = step::yield : take();
}

VIADUCT_DECL socket_direction::step socket_direction::fail(error_code ec) noexcept
{
    error_ = ec;
    failed_ = last_;
    return last_ = step::done;
}

VIADUCT_DECL bool socket_direction::failed_writing() const noexcept
{
    return error_ && (failed_ == step::send || failed_ == step::splice_out || failed_ == step::wait_write ||
                      failed_ == step::shutdown);
}

} // namespace viaduct

#endif

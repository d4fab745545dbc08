#include "path/crowd_teller.hpp"

#include <viaduct/client/connect_reply.hpp>

namespace viaduct_curl {

viaduct::dial_observer& crowd_teller::about(moment const& now)
{
    log_.about(now.dial);
    return tellers_.try_emplace(now.dial, log_, ways_).first->second;
}

void crowd_teller::on_resolving(moment const& now, viaduct::authority const& whom)
{
    about(now).on_resolving(now, whom);
}

void crowd_teller::on_connecting(moment const& now, endpoint const& to)
{
    about(now).on_connecting(now, to);
}

void crowd_teller::on_connect_failed(moment const& now, endpoint const& to, error_code why)
{
    about(now).on_connect_failed(now, to, why);
}

void crowd_teller::on_connected(moment const& now, endpoint const& remote, endpoint const& local)
{
    about(now).on_connected(now, remote, local);
}

void crowd_teller::on_secured(moment const& now, viaduct::tls_facts const& facts, error_code ec)
{
    about(now).on_secured(now, facts, ec);
}

void crowd_teller::on_asking(moment const& now, viaduct::authority const& target)
{
    about(now).on_asking(now, target);
}

void crowd_teller::on_authorizing(moment const& now, std::string_view scheme)
{
    about(now).on_authorizing(now, scheme);
}

void crowd_teller::on_request(moment const& now, viaduct::redacted_request const& request)
{
    about(now).on_request(now, request);
}

void crowd_teller::on_answer(moment const& now, std::string_view head, viaduct::connect_reply const& reply,
                             error_code ec)
{
    about(now).on_answer(now, head, reply, ec);
}

void crowd_teller::on_reconnecting(moment const& now)
{
    about(now).on_reconnecting(now);
}

void crowd_teller::on_failed(moment const& now, viaduct::connect_failure const& what)
{
    about(now).on_failed(now, what);
    tellers_.erase(now.dial);
}

void crowd_teller::on_established(moment const& now, viaduct::dial_report const& report)
{
    about(now).on_established(now, report);
    tellers_.erase(now.dial);
}

} // namespace viaduct_curl

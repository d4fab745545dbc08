#ifndef VIADUCT_IMPL_SERVER_ADMISSION_IPP
#define VIADUCT_IMPL_SERVER_ADMISSION_IPP

#include <viaduct/detail/plain_address.hpp>
#include <viaduct/server/admission.hpp>

#include <utility>

namespace viaduct {

namespace detail {

/// An address that is the same one of IPv4, without its disguise.
[[nodiscard]] inline std::optional<authority> without_disguise(authority const& target)
{
    if (target.kind() != host_kind::ipv6) return std::nullopt;
    auto const plain = without_mapping(net::ip::make_address(target.host()));
    return plain.is_v4() ? std::optional{authority{plain.to_string(), target.port()}} : std::nullopt;
}

} // namespace detail

VIADUCT_DECL admission::admission(egress const& way, request_facts const& facts)
    : way_{&way},
      facts_{facts},
      as_ipv4_{detail::without_disguise(*facts.target)},
      certified_{facts.user.has_value()}
{
    if (as_ipv4_) facts_.target = &*as_ipv4_;
    if (facts_.user) user_ = *facts_.user;
    if (facts_.addresses) addresses_ = *facts_.addresses;
    if (facts_.target->is_address()) addresses_.assign(1, net::ip::make_address(facts_.target->host()));
    if (facts_.user) facts_.user = user_;
    facts_.addresses = addresses_.empty() ? nullptr : &addresses_;
    facts_.answers = &answers_;
}

VIADUCT_DECL admission::step admission::next()
{
    if (!way_->rules)
        return way_->ports.permits(facts_.target->port()) ? judge_target() : deny(errc::port_prohibited);
    auto const v = way_->rules->http_access.decide(facts_);
    if (!v.is_final()) return ask(v);
    rule_ = v.rule;
    report();
    if (v.what == verdict::kind::allow) return judge_target();
    return deny(why_denied(v.challenge));
}

/// A challenge is for whom other credentials can help, and where there is somebody to look at them.
VIADUCT_DECL error_code admission::why_denied(bool challenge) const
{
    if (!challenge || !way_->auth || certified_) return errc::request_denied;
    return no_user_ ? no_user_ : make_error_code(errc::authentication_required);
}

/// What has been asked for once, and is asked for again, is a rule that nobody can satisfy.
VIADUCT_DECL admission::step admission::ask(verdict const& v)
{
    switch (v.what) {
    case verdict::kind::wants_user:
        if (facts_.user) break;
        if (way_->auth) return step::check_user;
        on_user({}, errc::request_denied); // nobody can prove anything here, and there is nothing to ask for
        return next();
    case verdict::kind::wants_addresses:
        if (!facts_.addresses) return step::look_up;
        break;
    default:
        if (!answers_.contains(v.wanted)) {
            wanted_ = v.wanted;
            return step::ask_helper;
        }
    }
    return deny(errc::request_denied);
}

VIADUCT_DECL admission::step admission::judge_target()
{
    auto const& target = *facts_.target;
    bool const fits = target.is_address() ? way_->guard.allows({addresses_.front(), target.port()})
                                          : way_->guard.allows_name(target.host());
    return fits ? judge_way() : deny(errc::destination_prohibited);
}

/// Which way it goes may need to be known better, too: what is not known must not lead past a parent.
VIADUCT_DECL admission::step admission::judge_way()
{
    if (!way_->rules) return step::go;
    for (auto const* const list : {&way_->rules->always_direct, &way_->rules->never_direct}) {
        if (list->empty()) continue;
        auto const v = list->decide(facts_);
        if (!v.is_final()) return ask(v);
    }
    return step::go;
}

VIADUCT_DECL admission::step admission::deny(error_code why)
{
    why_ = why;
    return step::refuse;
}

/// What these rules would have to ask for is not found out for their sake, but said.
VIADUCT_DECL void admission::report()
{
    if (way_->rules->report_only.empty()) return;
    auto const v = way_->rules->report_only.decide(facts_);
    switch (v.what) {
    case verdict::kind::allow: return;
    case verdict::kind::deny: reported_ = v.rule; return;
    case verdict::kind::wants_user: reported_ = "(the client would be asked who it is)"; return;
    case verdict::kind::wants_addresses: reported_ = "(the target would be looked up first)"; return;
    case verdict::kind::wants_answer: reported_ = "(a helper would be asked first)"; return;
    }
}

VIADUCT_DECL void admission::on_user(std::string user, error_code why)
{
    user_ = std::move(user);
    no_user_ = why;
    facts_.user = user_;
}

VIADUCT_DECL void admission::on_addresses(std::vector<net::ip::address> found)
{
    addresses_ = std::move(found);
    facts_.addresses = &addresses_;
}

VIADUCT_DECL void admission::on_answer(external_answer answer)
{
    if (answer.matches && named_.empty()) named_ = answer.user;
    answers_.insert_or_assign(std::string{wanted_}, std::move(answer));
}

} // namespace viaduct

#endif

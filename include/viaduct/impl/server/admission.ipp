#ifndef VIADUCT_IMPL_SERVER_ADMISSION_IPP
#define VIADUCT_IMPL_SERVER_ADMISSION_IPP

#include <viaduct/server/admission.hpp>

#include <utility>

namespace viaduct {

VIADUCT_DECL admission::admission(egress const& way, request_facts const& facts) : way_{&way}, facts_{facts}
{
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
    if (!v.challenge) return deny(errc::request_denied);
    return deny(no_user_ ? no_user_ : make_error_code(errc::authentication_required));
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
    return fits ? step::go : deny(errc::destination_prohibited);
}

VIADUCT_DECL admission::step admission::deny(error_code why)
{
    why_ = why;
    return step::refuse;
}

/// What these rules would have to ask for is not found out for their sake.
VIADUCT_DECL void admission::report()
{
    if (way_->rules->report_only.empty()) return;
    auto const v = way_->rules->report_only.decide(facts_);
    if (v.what == verdict::kind::deny) reported_ = v.rule;
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
    if (user_.empty() && !answer.user.empty()) on_user(answer.user);
    answers_.insert_or_assign(std::string{wanted_}, std::move(answer));
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_DETAIL_SERVE_PAGE_OP_IPP
#define VIADUCT_IMPL_DETAIL_SERVE_PAGE_OP_IPP

#include <viaduct/detail/address_text.hpp>
#include <viaduct/detail/plain_address.hpp>
#include <viaduct/detail/serve_page_op.hpp>
#include <viaduct/impl/server/record_parts.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <algorithm>
#include <exception>
#include <vector>

namespace viaduct::detail {

/// Whether an ACL says no because the request is for no page. ACLs of whole URLs and of protocols do so as
/// well, but those that a squid.conf has are about other servers' pages.
[[nodiscard]] inline bool is_about_pages(acl_term const& term, request_facts const& elsewhere)
{
    auto const type = term.what->type();
    if (type == "proto" || (type == "url_regex" && term.what->name() != "manager")) return false;
    acl_inquiry inquiry{elsewhere};
    return term.ask(inquiry) == acl_answer::no_match;
}

/// Whether the rule that allows a page was written for pages: it is of no use to other requests. What the
/// rules before it say of those makes no difference (`deny CONNECT !SSL_ports`, then `allow localnet`).
[[nodiscard]] inline bool is_for_pages(access_list const& rules, request_facts facts, verdict const& said)
{
    facts.is_management = false;
    facts.path = {};
    auto const& all = rules.rules();
    auto const rule = std::find_if(all.begin(), all.end(),
                                   [&](auto const& each) { return each.text.data() == said.rule.data(); });
    return rule != all.end() && std::any_of(rule->terms.begin(), rule->terms.end(),
                                            [&](auto const& term) { return is_about_pages(term, facts); });
}

/// Nothing is found out for a page's sake: a rule that wants it, denies. One that was not written for pages
/// (`allow all`) shows them to nobody but this machine.
[[nodiscard]] inline page_verdict ask_rules(policy const& rules, request_facts const& facts,
                                            bool is_from_here)
{
    auto const said = rules.decide(facts);
    page_verdict out;
    out.rule = said.rule;
    bool const allowed =
        said.what == verdict::kind::allow && (is_from_here || is_for_pages(rules.http_access, facts, said));
    if (!allowed) out.why = errc::request_denied;
    if (rules.report_only.empty()) return out;
    auto const tried = rules.report(facts);
    if (tried.what == verdict::kind::deny) out.reported = tried.rule;
    return out;
}

VIADUCT_DECL page_verdict judge_page(request const& asked, egress const& way)
{
    auto const& from = asked.connection();
    auto const address = plain_address(from.local.address());
    // A balancer's word for whom it serves says nothing of this machine, be it 127.0.0.1.
    bool const is_from_here = without_mapping(from.client.address()).is_loopback() &&
                              without_mapping(from.peer.address()).is_loopback();
    if (!way.rules) return {is_from_here ? error_code{} : make_error_code(errc::request_denied)};
    if (from.local.port() == 0) return {errc::request_denied}; // the client has gone
    authority const here{address.to_string(), from.local.port()};
    std::vector<net::ip::address> const addresses{address};
    request_facts facts;
    facts.is_management = true;
    facts.path = std::string_view{asked.head().target_text}.substr(0, asked.head().target_text.find('?'));
    facts.method = asked.head().method;
    facts.target = &here;
    facts.addresses = &addresses;
    facts.fields = &asked.head().fields;
    facts.client = from.client;
    facts.local = from.local;
    if (from.listener) facts.listener = *from.listener;
    facts.user = from.tls ? std::string_view{from.tls->user} : std::string_view{};
    facts.others = way.limits.get();
    return ask_rules(*way.rules, facts, is_from_here);
}

VIADUCT_DECL page_request page_request_of(request const& asked, bool draining)
{
    auto const& head = asked.head();
    auto const& from = asked.connection();
    std::string_view const target{head.target_text};
    auto const mark = target.find('?');
    page_request out;
    out.method = head.method;
    out.path = target.substr(0, mark);
    if (mark != target.npos) out.query = target.substr(mark + 1);
    out.fields = head.fields;
    out.draining = draining;
    out.client = to_text(from.client.address());
    if (from.listener) out.listener = *from.listener;
    return out;
}

VIADUCT_DECL serve_page_op::serve_page_op(request next, std::shared_ptr<egress const> way,
                                          std::shared_ptr<page_source> source, bool draining)
    : way_{std::move(way)},
      source_{std::move(source)},
      accepted_{next.accepted()},
      record_{page_record(next.connection(), next.head())},
      next_{std::move(next)},
      timer_{next_.get_executor()},
      draining_{draining}
{}

VIADUCT_DECL error_code serve_page_op::judge()
{
    auto const said = judge_page(next_, *way_);
    record_.rule = said.rule;
    record_.reported = said.reported;
    record_.times.decided = std::chrono::steady_clock::now() - accepted_;
    if (auto const& tls = next_.connection().tls; tls && !tls->user.empty()) {
        record_.user = tls->user;
        record_.scheme = "TLS";
    }
    if (!said.why) record_.outcome = request_outcome::page;
    return said.why;
}

VIADUCT_DECL void serve_page_op::ask()
{
    auto const outcome = wait_.start(timer_);
    try {
        source_->make(page_request_of(next_, draining_),
                      [outcome](page made) { outcome->bring(std::move(made)); });
    } catch (std::exception const&) { // what it says is not for strangers
        outcome->bring({.status = 500, .content = "the page could not be made\n"});
    }
}

VIADUCT_DECL void serve_page_op::on_answer(unsigned status, std::string_view content_type, std::size_t head,
                                           std::size_t content)
{
    record_.status = status;
    if (content != 0)
        record_.content_type = content_type.substr(0, content_type.find(';')); // as Squid has it
    record_.answer_head = head;
    record_.answer_size = head + content;
    record_.phase = request_phase::answering;
    record_.times.answered = std::chrono::steady_clock::now() - accepted_;
    set_end(record_, accepted_); // what its client is given to go is not a part of it
}

VIADUCT_DECL refusal serve_page_op::refusal_of(error_code why)
{
    auto answer = refusal_for(why);
    if (!way_->explain_to_strangers) answer.proxy_error.clear();
    if (!way_->explain_to_strangers || record_.method == "HEAD") answer.content.clear();
    auto const size = answer.text(next_.head().answered_by).size();
    auto const content = answer.content_length();
    on_answer(answer.status, refusal::content_type, size - content, content);
    record_.phase = request_phase::decision;
    record_.proxy_error = answer.proxy_error;
    record_.answer_fields = answer.fields;
    record_.error = why;
    return answer;
}

VIADUCT_DECL void serve_page_op::on_end(error_code ec)
{
    record_.error = ec;
    if (record_.status == 0) set_end(record_, accepted_);
    if (record_.outcome == request_outcome::page && ec && ec != net::error::operation_aborted)
        record_.ended_by = tunnel_party::client; // it has not taken its page
}

} // namespace viaduct::detail

#endif

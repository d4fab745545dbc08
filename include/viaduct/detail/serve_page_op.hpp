#ifndef VIADUCT_DETAIL_SERVE_PAGE_OP_HPP
#define VIADUCT_DETAIL_SERVE_PAGE_OP_HPP

#include <viaduct/detail/answer_wait.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/log/tunnel_record.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/page.hpp>
#include <viaduct/server/request.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// Whether a client may have a page of the proxy's own.
struct page_verdict
{
    error_code why{}; ///< None if it may.
    std::string_view rule{};
    std::string_view reported{};
};

[[nodiscard]] VIADUCT_DECL page_verdict judge_page(request const& asked, egress const& way);

/// What whoever makes pages is told.
[[nodiscard]] VIADUCT_DECL page_request page_request_of(request const& asked, bool draining);

/// Asks rules, then whoever makes pages, and sends what came of it.
class serve_page_op : public one_step_at_a_time
{
public:
    struct on_page
    {};
    struct on_sent
    {};

    /// @param source Null: there is no page.
    VIADUCT_DECL serve_page_op(request next, std::shared_ptr<egress const> way,
                               std::shared_ptr<page_source> source, bool draining);

    template <class Self>
    void operator()(Self& self)
    {
        if (auto const why = judge()) return refuse(self, why);
        if (!source_) return answer(self, {.status = 404, .content = "there is no such page\n"});
        timer_.expires_after(page_timeout);
        ask(); // before the wait: without memory for it nothing is under way, and an answer at once is posted
        if (self.cancelled()) timer_.expires_after(std::chrono::seconds{0}); // by who was asked
        timer_.async_wait(self.then(on_page{}));
    }

    template <class Self>
    void operator()(Self& self, on_page, error_code)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        if ((*wait_).arrived()) return answer(self, (*wait_).answer());
        answer(self, {.status = 503, .content = "the page is not there in time\n"});
    }

    template <class Self>
    void operator()(Self& self, on_sent, error_code ec, std::size_t sent)
    {
        record_.bytes_to_client = sent;
        if (self.cancelled()) ec = net::error::operation_aborted;
        finish(self, record_.error ? record_.error : ec);
    }

private:
    [[nodiscard]] VIADUCT_DECL error_code judge();
    VIADUCT_DECL void ask();
    VIADUCT_DECL void on_answer(unsigned status, std::string_view content_type, std::size_t size,
                                std::size_t content);
    VIADUCT_DECL void on_end(error_code ec);
    [[nodiscard]] VIADUCT_DECL refusal refusal_of(error_code why);

    template <class Self>
    void answer(Self& self, page const& what)
    {
        auto const head = what.text(false).size();
        bool const whole = record_.method != "HEAD";
        on_answer(what.status, what.content_type, head, whole ? what.content.size() : 0);
        next_.async_answer(what, self.then(on_sent{}));
    }

    template <class Self>
    void refuse(Self& self, error_code why)
    {
        next_.async_reject(refusal_of(why), self.then(on_sent{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        on_end(ec);
        self.complete(ec, std::move(record_), request{});
    }

    std::shared_ptr<egress const> way_;
    std::shared_ptr<page_source> source_;
    std::chrono::steady_clock::time_point accepted_;
    tunnel_record record_;
    request next_;
    net::steady_timer timer_; // of the page
    answer_wait_owner<page> wait_;
    bool draining_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/serve_page_op.ipp>
#endif

#endif

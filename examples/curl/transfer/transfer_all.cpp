#include "transfer/transfer_all.hpp"

#include "command/values.hpp"
#include "failure.hpp"
#include "tell/outcome.hpp"
#include "tell/verbose.hpp"
#include "transfer/client.hpp"
#include "transfer/etag.hpp"
#include "transfer/head_file.hpp"
#include "transfer/interruption.hpp"
#include "transfer/output_name.hpp"
#include "transfer/retry.hpp"
#include "transfer/session.hpp"
#include "transfer/url_pattern.hpp"

#include <fmt/format.h>

#include <thread>
#include <utility>

namespace viaduct_curl {
namespace {

[[nodiscard]] report make_report(failure const& why)
{
    report outcome;
    outcome.exit_code = why.exit_code();
    outcome.error = why.message();
    return outcome;
}

[[nodiscard]] existing_file fate_of_existing(answer_settings const& how)
{
    if (how.continue_at || how.continue_at_end) return existing_file::continued;
    return how.clobber.value_or(true) ? existing_file::replaced : existing_file::kept;
}

[[nodiscard]] output_options make_output_options(answer_settings const& how, target const& which,
                                                 url_pattern const& pattern, url const& to)
{
    return {.name = output_name(how, which, pattern, to),
            .existing = fate_of_existing(how),
            .create_directories = how.create_directories,
            .remove_on_error = how.remove_on_error,
            .binary_to_terminal = which.output == "-"};
}

/// The URLs of a command line.
class transfers
{
public:
    explicit transfers(command_line const& command) : command_{command}, log_{command.telling} {}

    [[nodiscard]] int run()
    {
        for (auto const& wanted : command_.operations) {
            if (!is_sound(wanted)) return code_;
            try {
                run(wanted);
            } catch (failure const& e) { // nothing was tried
                tell_error(wanted, make_report(e));
                return e.exit_code();
            }
            if (stopped_) break;
        }
        return code_;
    }

private:
    /// What has failed before counts for more.
    [[nodiscard]] bool is_sound(operation const& wanted)
    {
        try {
            check_operation(wanted);
            return true;
        } catch (failure const& e) {
            complain(e);
            if (code_ == 0) code_ = e.exit_code();
            return false;
        }
    }

    void run(operation const& wanted)
    {
        head_file heads{wanted.answer};
        for (auto const& which : wanted.targets) {
            if (which.url)
                run_uploads(wanted, which, heads);
            else
                warn(wanted, "Got more output options than URLs");
            if (stopped_) return;
        }
    }

    /// -T takes {} and [], too: all URLs of the target get each of the files.
    void run_uploads(operation const& wanted, target const& which, head_file& heads)
    {
        auto one = which;
        if (!which.upload) return run(wanted, one, heads);
        auto files = wanted.glob ? url_pattern::parse(*which.upload) : url_pattern::literal(*which.upload);
        do {
            one.upload = files.url();
            run(wanted, one, heads);
        } while (!stopped_ && files.advance());
        ++number_;
    }

    void run(operation const& wanted, target const& which, head_file& heads)
    {
        auto pattern = wanted.glob ? url_pattern::parse(*which.url) : url_pattern::literal(*which.url);
        do {
            auto outcome = run(wanted, which, pattern, heads);
            if (outcome.url.empty()) outcome.url = pattern.url();
            outcome.number = number_;
            if (outcome.effective_url.empty()) outcome.effective_url = outcome.url;
            tell_outcome(wanted, outcome);
            client_.save_cookies(wanted.request);
            code_ = outcome.exit_code;
            stopped_ = stopped_ || (command_.fail_early && code_ != 0);
        } while (!stopped_ && pattern.advance());
        if (!which.upload) ++number_; // one for all that a pattern stands for
    }

    [[nodiscard]] report run(operation const& wanted, target const& which, url_pattern const& pattern,
                             head_file& heads)
    {
        url to;
        try {
            to = parse_url(pattern.url(), wanted.request);
        } catch (failure const& e) {
            return make_report(e);
        }
        try {
            output out{make_output_options(wanted.answer, which, pattern, to)};
            log_.show_sizes(!out.is_terminal());
            answer goes{wanted, which, out, heads, command_.telling.styled};
            auto const first = first_request(wanted, which, to);
            etag_file const tag{wanted.answer};
            auto outcome = try_until_done(wanted, first, out, goes);
            tag.save(outcome.fields);
            if (first.to.text != to.text) outcome.url = first.to.text; // with what switches have added
            return outcome;
        } catch (failure const& e) { // of this URL and of all behind it, as in curl
            stopped_ = true;
            return make_report(e);
        }
    }

    [[nodiscard]] report try_until_done(operation const& wanted, request const& first, output& out,
                                        answer& goes)
    {
        auto const start = clock::now();
        retries again{wanted.retry};
        for (;;) {
            auto outcome = session{client_, wanted, first, out, goes, log_}.run();
            outcome.retries = again.made();
            auto const elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start);
            auto const next = again.after(outcome, elapsed);
            if (next.delay) tell_error(wanted, outcome);
            if (!next.warning.empty()) warn(wanted, next.warning);
            if (!next.delay) return settle(std::move(outcome), wanted, out);
            std::this_thread::sleep_for(*next.delay);
            if (auto const taken_back = out.rewind(); taken_back > 0)
                warn(wanted, fmt::format("Throwing away {} bytes", taken_back));
        }
    }

    /// The file is done with, whatever has come of it.
    [[nodiscard]] static report settle(report outcome, operation const& wanted, output& out)
    {
        if (outcome.exit_code != 0) {
            out.abandon();
        } else {
            bool const is_there = out.is_open() || outcome.condition_unmet || out.touch();
            if (!is_there || !out.finish(wanted.answer.remote_time ? outcome.file_time : std::nullopt)) {
                outcome.exit_code = CURLE_WRITE_ERROR;
                outcome.error = out.error();
            }
        }
        outcome.file_name = out.name();
        return outcome;
    }

    command_line const& command_;
    verbose log_;
    client client_;
    long number_ = 0; // of the URL
    int code_ = 0;
    bool stopped_ = false;
};

} // namespace

int transfer_all(command_line const& command)
{
    interruption::watch();
    transfers all{command};
    return all.run();
}

} // namespace viaduct_curl

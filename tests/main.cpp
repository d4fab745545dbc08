// The entry point of every test program: doctest with a reporter that speaks TAP, one point a test case.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <iostream>
#include <sstream>
#include <string>

namespace {

class tap_reporter : public doctest::IReporter
{
public:
    explicit tap_reporter(doctest::ContextOptions const& options) : out_{*options.cout} {}

    void report_query(doctest::QueryData const&) override {}
    void test_run_start() override { out_ << "TAP version 13\n"; }
    void test_run_end(doctest::TestRunStats const&) override { out_ << "1.." << number_ << std::endl; }

    void test_case_start(doctest::TestCaseData const& test) override
    {
        name_ = test.m_name;
        notes_.str({});
    }
    void test_case_reenter(doctest::TestCaseData const&) override {}

    void test_case_end(doctest::CurrentTestCaseStats const& stats) override
    {
        out_ << (stats.testCaseSuccess ? "ok " : "not ok ") << ++number_ << " - " << name_ << '\n'
             << notes_.str();
        out_.flush();
    }

    void test_case_exception(doctest::TestCaseException const& e) override
    {
        notes_ << "# exception: " << e.error_string.c_str() << '\n';
    }

    void subcase_start(doctest::SubcaseSignature const& sub) override { subcase_ = sub.m_name.c_str(); }
    void subcase_end() override { subcase_.clear(); }

    void log_assert(doctest::AssertData const& a) override
    {
        if (!a.m_failed) return;
        notes_ << "# " << a.m_file << ':' << a.m_line << ": " << doctest::assertString(a.m_at) << "( "
               << a.m_expr << " ) is " << a.m_decomp.c_str();
        if (!subcase_.empty()) notes_ << " in '" << subcase_ << '\'';
        for (int i = 0; i < doctest::IReporter::get_num_active_contexts(); ++i) {
            notes_ << "; ";
            doctest::IReporter::get_active_contexts()[i]->stringify(&notes_);
        }
        notes_ << '\n';
    }

    void log_message(doctest::MessageData const& m) override { notes_ << "# " << m.m_string.c_str() << '\n'; }
    void test_case_skipped(doctest::TestCaseData const&) override {}

private:
    std::ostream& out_;
    std::ostringstream notes_;
    std::string name_;
    std::string subcase_;
    int number_ = 0;
};

} // namespace

DOCTEST_REGISTER_REPORTER("tap", 1, tap_reporter);

int main(int argc, char** argv)
{
    doctest::Context context;
    context.setOption("reporters", "tap");
    context.applyCommandLine(argc, argv);
    return context.run();
}

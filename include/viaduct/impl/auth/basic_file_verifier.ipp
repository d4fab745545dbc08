#ifndef VIADUCT_IMPL_AUTH_BASIC_FILE_VERIFIER_IPP
#define VIADUCT_IMPL_AUTH_BASIC_FILE_VERIFIER_IPP

#include <viaduct/auth/basic_file_verifier.hpp>
#include <viaduct/impl/auth/reloaded_file.hpp>

#include <stdexcept>
#include <utility>

namespace viaduct {
namespace detail {

/// The newest version of a file that could be read. Asked on threads that may block.
class watched_passwords final : public password_store
{
public:
    watched_passwords(std::string path, basic_file_verifier::reporter report)
        : file_{std::move(path), &password_file::parse, std::move(report)}
    {}

    [[nodiscard]] std::string reload() { return file_.reload(); }

    [[nodiscard]] bool check(credentials const& who) const override
    {
        if (file_.is_due(std::chrono::steady_clock::now())) file_.refresh();
        auto const users = file_.content();
        if (!users) throw std::runtime_error{file_.path() + " cannot be used"};
        return users->check(who);
    }

    [[nodiscard]] bool is_slow() const noexcept override { return true; }

private:
    mutable reloaded_file<password_file> file_; // has locks of its own
};

} // namespace detail

VIADUCT_DECL basic_file_verifier::basic_file_verifier(basic_verifier_options options, std::string path,
                                                      reporter report)
    : passwords_{std::make_shared<detail::watched_passwords>(std::move(path), std::move(report))},
      basic_{std::move(options), std::shared_ptr<password_store const>{passwords_}}
{}

VIADUCT_DECL std::string basic_file_verifier::reload()
{
    return passwords_->reload();
}

VIADUCT_DECL void basic_file_verifier::verify(auth_attempt attempt, verify_completion done)
{
    basic_.verify(std::move(attempt), std::move(done));
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_AUTH_GSS_CONTEXT_HPP
#define VIADUCT_IMPL_AUTH_GSS_CONTEXT_HPP

#include <viaduct/error.hpp>
#include <viaduct/impl/auth/gss_credentials.hpp>

#include <string>
#include <string_view>

namespace viaduct::detail {

/// What one leg of a conversation has brought.
struct gss_leg
{
    error_code error{};
    std::string token{}; ///< For the peer; may be empty once the context is established.
    std::string why{};   ///< Of an error, for a human.
};

/// The initiator's side of a security context. Its calls may block on the network.
class gss_context
{
public:
    explicit gss_context(gss_credentials& source) : source_{source}, terms_{source.terms()} {}

    /// Makes the first token, for the proxy of this name.
    [[nodiscard]] gss_leg begin(std::string const& host);

    /// Takes the peer's token; only while `wants_more`.
    [[nodiscard]] gss_leg go_on(std::string_view token) { return step(token, errc::challenge_invalid); }

    /// Whether the context is not yet established, and waits for the peer's token.
    [[nodiscard]] bool wants_more() const noexcept { return wants_more_; }

private:
    [[nodiscard]] gss_status import_target(std::string const& host);
    [[nodiscard]] gss_leg step(std::string_view token, errc otherwise);
    [[nodiscard]] gss_leg failure(gss_status status, errc e) const
    {
        return {e, {}, gss_text(status, terms_.mechanism)};
    }

    gss_credentials& source_;
    gss_terms const& terms_;
    gss_handle<gss_name_t> target_;
    gss_credential credential_;
    gss_handle<gss_ctx_id_t> context_;
    bool wants_more_ = false;
};

inline gss_status gss_context::import_target(std::string const& host)
{
    if (terms_.service.find('/') != std::string::npos)
        return import_gss_name(terms_.service, &gss_kerberos_principal, target_.out());
    return import_gss_name(terms_.service + '@' + host, GSS_C_NT_HOSTBASED_SERVICE, target_.out());
}

inline gss_leg gss_context::begin(std::string const& host)
{
    auto const status = import_target(host);
    if (status.failed()) return failure(status, errc::credentials_unavailable);
    auto const acquired = source_.acquire(credential_);
    if (acquired.failed()) return failure(acquired, errc::credentials_unavailable);
    return step({}, errc::credentials_unavailable);
}

/// Which failures are the user's lack of credentials, whatever the peer has sent.
[[nodiscard]] inline bool lacks_credentials(gss_status status) noexcept
{
    auto const error = GSS_ROUTINE_ERROR(status.major);
    return error == GSS_S_NO_CRED || error == GSS_S_CREDENTIALS_EXPIRED ||
           error == GSS_S_DEFECTIVE_CREDENTIAL;
}

inline gss_leg gss_context::step(std::string_view token, errc otherwise)
{
    auto input = gss_view(token);
    gss_buffer output;
    gss_status status;
    status.major = gss_init_sec_context(&status.minor, credential_->get(), context_.out(), target_.get(),
                                        terms_.mechanism, terms_.flags, GSS_C_INDEFINITE,
                                        GSS_C_NO_CHANNEL_BINDINGS, token.empty() ? GSS_C_NO_BUFFER : &input,
                                        nullptr, output.out(), nullptr, nullptr);
    wants_more_ = !status.failed() && (status.major & GSS_S_CONTINUE_NEEDED) != 0;
    if (status.failed())
        return failure(status, lacks_credentials(status) ? errc::credentials_unavailable : otherwise);
    return {{}, output.text(), {}};
}

} // namespace viaduct::detail

#endif

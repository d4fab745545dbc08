#ifndef VIADUCT_IMPL_AUTH_GSS_CREDENTIALS_HPP
#define VIADUCT_IMPL_AUTH_GSS_CREDENTIALS_HPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/impl/auth/gss_handles.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// What all conversations of one authenticator have in common.
struct gss_terms
{
    std::string scheme{};
    gss_OID mechanism = GSS_C_NO_OID;
    OM_uint32 flags = 0;
    std::string service{};            ///< `HTTP`, or a whole principal if there is a slash in it.
    std::string host{};               ///< Instead of the proxy's own name, unless empty.
    bool kerberos_only = false;       ///< SPNEGO may choose nothing else.
    bool keeps_credential = false;    ///< Acquired once, not for each context.
    std::optional<credentials> who{}; ///< Instead of the default credentials.
};

[[nodiscard]] inline gss_status import_gss_name(std::string_view text, gss_OID type, gss_name_t* name)
{
    auto octets = gss_view(text);
    gss_status status;
    status.major = gss_import_name(&status.minor, &octets, type, name);
    return status;
}

/// A credential that contexts may share.
using gss_credential = std::shared_ptr<gss_handle<gss_cred_id_t>>;

/// Gets the credentials for an authenticator's contexts. Its calls may block; they may come on any thread.
class gss_credentials
{
public:
    explicit gss_credentials(gss_terms terms) : terms_{std::move(terms)} {}

    [[nodiscard]] gss_terms const& terms() const noexcept { return terms_; }

    [[nodiscard]] gss_status acquire(gss_credential& into)
    {
        if (!terms_.keeps_credential) return acquire_new(into);
        std::lock_guard const lock{mutex_};
        auto const status = kept_ ? gss_status{} : acquire_new(kept_);
        into = kept_;
        return status;
    }

private:
    [[nodiscard]] gss_status acquire_new(gss_credential& into) const
    {
        auto fresh = std::make_shared<gss_handle<gss_cred_id_t>>();
        auto const status = terms_.who ? acquire_with_password(*terms_.who, *fresh) : acquire_default(*fresh);
        if (!status.failed()) into = std::move(fresh);
        return status;
    }

    [[nodiscard]] gss_status acquire_with_password(credentials const& who,
                                                   gss_handle<gss_cred_id_t>& into) const
    {
        gss_handle<gss_name_t> user;
        auto status = import_gss_name(who.user, GSS_C_NT_USER_NAME, user.out());
        if (status.failed()) return status;
        auto password = gss_view(who.password);
        gss_OID_set_desc only{1, terms_.mechanism};
        status.major = gss_acquire_cred_with_password(&status.minor, user.get(), &password, GSS_C_INDEFINITE,
                                                      &only, GSS_C_INITIATE, into.out(), nullptr, nullptr);
        return status;
    }

    [[nodiscard]] gss_status acquire_default(gss_handle<gss_cred_id_t>& into) const
    {
        auto const status = acquire_default_of(terms_.mechanism, into);
        if (!terms_.kerberos_only) return status;
        return status.failed() ? explain_failure(status) : choose_kerberos(into);
    }

    [[nodiscard]] static gss_status acquire_default_of(gss_OID mechanism, gss_handle<gss_cred_id_t>& into)
    {
        gss_OID_set_desc only{1, mechanism};
        gss_status status;
        status.major = gss_acquire_cred(&status.minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &only, GSS_C_INITIATE,
                                        into.out(), nullptr, nullptr);
        return status;
    }

    /// A credential is the only place where SPNEGO can be told which mechanisms to negotiate.
    [[nodiscard]] static gss_status choose_kerberos(gss_handle<gss_cred_id_t>& credential)
    {
        gss_OID_set_desc kerberos{1, &gss_kerberos};
        gss_status status;
        status.major = gss_set_neg_mechs(&status.minor, credential.get(), &kerberos);
        return status;
    }

    /// SPNEGO says only that nothing is there; Kerberos itself says what is missing, and where.
    [[nodiscard]] static gss_status explain_failure(gss_status status)
    {
        gss_handle<gss_cred_id_t> unused;
        auto const better = acquire_default_of(&gss_kerberos, unused);
        return better.failed() ? better : status;
    }

    gss_terms const terms_;
    std::mutex mutex_; // of what is kept
    gss_credential kept_;
};

} // namespace viaduct::detail

#endif

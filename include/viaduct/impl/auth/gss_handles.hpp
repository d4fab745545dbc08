#ifndef VIADUCT_IMPL_AUTH_GSS_HANDLES_HPP
#define VIADUCT_IMPL_AUTH_GSS_HANDLES_HPP

#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <cstddef>
// Not gssapi_krb5.h: it brings all of krb5.h into the global namespace, a struct `credentials` among it.
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// An object identifier, from its octets of static lifetime; GSSAPI asks for a pointer but writes nothing.
[[nodiscard]] constexpr gss_OID_desc gss_oid(std::string_view octets) noexcept
{
    return {static_cast<OM_uint32>(octets.size()), const_cast<char*>(octets.data())};
}

inline constinit gss_OID_desc gss_kerberos = gss_oid("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
inline constinit gss_OID_desc gss_kerberos_principal = gss_oid("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01");
inline constinit gss_OID_desc gss_spnego = gss_oid("\x2b\x06\x01\x05\x05\x02");
inline constinit gss_OID_desc gss_ntlm = gss_oid("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");

/// What every call of GSSAPI returns.
struct gss_status
{
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 minor = 0;

    [[nodiscard]] bool failed() const noexcept { return GSS_ERROR(major) != 0; }
};

inline void gss_release(gss_name_t& name) noexcept
{
    OM_uint32 minor = 0;
    gss_release_name(&minor, &name);
}

inline void gss_release(gss_cred_id_t& credential) noexcept
{
    OM_uint32 minor = 0;
    gss_release_cred(&minor, &credential);
}

inline void gss_release(gss_ctx_id_t& context) noexcept
{
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

inline void gss_release(gss_OID_set& set) noexcept
{
    OM_uint32 minor = 0;
    gss_release_oid_set(&minor, &set);
}

/// Owns what GSSAPI hands out by pointer.
template <class Handle>
class gss_handle
{
public:
    gss_handle() = default;
    gss_handle(gss_handle const&) = delete;
    gss_handle& operator=(gss_handle const&) = delete;
    ~gss_handle()
    {
        if (value_) gss_release(value_);
    }

    [[nodiscard]] Handle get() const noexcept { return value_; }

    /// For a call that sets the handle, or replaces what it holds.
    [[nodiscard]] Handle* out() noexcept { return &value_; }

private:
    Handle value_ = nullptr;
};

/// Octets that GSSAPI has allocated.
class gss_buffer
{
public:
    gss_buffer() = default;
    gss_buffer(gss_buffer const&) = delete;
    gss_buffer& operator=(gss_buffer const&) = delete;
    ~gss_buffer()
    {
        OM_uint32 minor = 0;
        gss_release_buffer(&minor, &buffer_);
    }

    [[nodiscard]] gss_buffer_t out() noexcept { return &buffer_; }
    [[nodiscard]] std::string text() const
    {
        return buffer_.length == 0 ? std::string{}
                                   : std::string{static_cast<char const*>(buffer_.value), buffer_.length};
    }

private:
    gss_buffer_desc buffer_{0, nullptr};
};

/// Shows GSSAPI octets that it only reads; they must outlive the call.
[[nodiscard]] inline gss_buffer_desc gss_view(std::string_view octets) noexcept
{
    return {octets.size(), const_cast<char*>(octets.data())};
}

/// Adds what GSSAPI says about one code: it may have several messages for it.
inline void add_gss_messages(std::string& text, OM_uint32 code, int kind, gss_OID mechanism)
{
    constexpr int most = 8;
    OM_uint32 more = 0;
    for (int i = 0; i < most; ++i) {
        OM_uint32 minor = 0;
        gss_buffer message;
        if (GSS_ERROR(gss_display_status(&minor, code, kind, mechanism, &more, message.out()))) return;
        text.append(text.empty() ? "" : "; ").append(message.text());
        if (more == 0) return;
    }
}

/// A failure for a human to read, in one line: a part of it may come from the network.
[[nodiscard]] inline std::string gss_text(gss_status status, gss_OID mechanism)
{
    constexpr std::size_t most = 1024;
    std::string text;
    add_gss_messages(text, status.major, GSS_C_GSS_CODE, GSS_C_NO_OID);
    if (status.minor != 0) add_gss_messages(text, status.minor, GSS_C_MECH_CODE, mechanism);
    if (text.size() > most) text.resize(most);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\t' || characters::is_forbidden_control(c); },
        '?');
    return text;
}

/// Whether a mechanism is installed; the first question in a process reads GSSAPI's configuration.
[[nodiscard]] inline bool has_gss_mechanism(gss_OID wanted)
{
    OM_uint32 minor = 0;
    gss_handle<gss_OID_set> installed;
    if (GSS_ERROR(gss_indicate_mechs(&minor, installed.out()))) return false;
    int there = 0;
    gss_test_oid_set_member(&minor, wanted, installed.get(), &there);
    return there != 0;
}

} // namespace viaduct::detail

#endif

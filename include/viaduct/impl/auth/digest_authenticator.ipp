#ifndef VIADUCT_IMPL_AUTH_DIGEST_AUTHENTICATOR_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_AUTHENTICATOR_IPP

#include <viaduct/auth/digest_authenticator.hpp>
#include <viaduct/impl/auth/digest_book.hpp>

#include <utility>

namespace viaduct {
namespace detail {

class digest_exchange final : public auth_exchange
{
public:
    explicit digest_exchange(std::shared_ptr<digest_book> book) noexcept : book_{std::move(book)} {}

    void respond(auth_request const& request, challenge const* offer, auth_completion done) override
    {
        error_code ec;
        auto value = answer(request, offer, ec);
        done(ec, std::move(value));
    }

    [[nodiscard]] auth_verdict judge(challenge const& offer) override
    {
        error_code ec;
        auto const checked = parse_digest_challenge(offer, ec);
        if (checked && may_go_on(*checked)) return auth_verdict::proceed;
        book_->forget(input_.nonce); // or the next tunnel would send the wrong password once more
        return auth_verdict::rejected;
    }

    void accepted(field_list answer) override
    {
        auto info = parse_digest_info(answer);
        if (!info.rspauth.empty() && !proves_itself(info.rspauth)) return book_->forget(input_.nonce);
        if (info.nextnonce.empty() || input_.nonce.empty()) return;
        if (is_session(answered_.algorithm))
            return; // whose first nonce is in the key (RFC 7616 section 3.4.2)
        answered_.nonce = std::move(info.nextnonce);
        book_->take_over(answered_);
    }

private:
    [[nodiscard]] std::string answer(auth_request const& request, challenge const* offer, error_code& ec)
    {
        std::optional<digest_challenge> checked;
        if (offer) {
            checked = parse_digest_challenge(*offer, ec);
            if (ec) return {};
        }
        remembered_ = !checked;
        auto turn = checked ? book_->next(std::move(*checked)) : book_->next();
        if (!turn || turn->cnonce.empty()) {
            ec = errc::credentials_unavailable;
            return {};
        }
        answered_ = std::move(turn->offer);
        input_ = make_digest_input(answered_, request, turn->cnonce, turn->nc);
        auto value = digest_authorization(answered_, input_, book_->who(), ec);
        if (ec) book_->forget(answered_.nonce); // no tunnel need begin with what cannot be answered
        return value;
    }

    [[nodiscard]] bool may_go_on(digest_challenge const& offer)
    {
        if (offer.stale) return stale_left_ != 0 && stale_left_-- != 0;
        if (remembered_) return std::exchange(remembered_left_, false);
        if (offer.realm != answered_.realm) return std::exchange(realm_left_, false);
        return false;
    }

    [[nodiscard]] bool proves_itself(std::string_view rspauth) const
    {
        auto secret = digest_secret(answered_.algorithm, book_->who(), answered_.realm);
        bool const proven = is_digest_rspauth(rspauth, secret, input_);
        wipe(secret);
        return proven;
    }

    std::shared_ptr<digest_book> book_;
    digest_challenge answered_; // what the last answer was made of
    digest_input input_;
    bool remembered_ = false; // no challenge had come for that answer
    unsigned stale_left_ = 2; // how often each excuse is still accepted
    bool remembered_left_ = true;
    bool realm_left_ = true;
};

} // namespace detail

VIADUCT_DECL digest_authenticator::digest_authenticator(credentials who)
    : book_{std::make_shared<detail::digest_book>(std::move(who))}
{}

VIADUCT_DECL int digest_authenticator::strength(challenge const& offer) const
{
    error_code ec;
    auto const checked = parse_digest_challenge(offer, ec);
    return checked ? digest_strength(checked->algorithm) : 0;
}

VIADUCT_DECL std::string digest_authenticator::objection(challenge const& offer) const
{
    std::string const name{offer.find("algorithm").value_or("MD5")};
    auto const algorithm = detail::digest_algorithm_of(name);
    auto const qop = detail::best_qop(offer.find("qop").value_or(""));
    if (offer.find("nonce").value_or("").empty()) return "a Digest challenge without a nonce";
    if (!algorithm) return "a Digest challenge with the unknown algorithm '" + name + '\'';
    if (!qop) return "a Digest challenge whose qop is neither auth nor auth-int";
    if (detail::is_session(*algorithm) && *qop == digest_qop::none)
        return "a Digest challenge with " + name + " and no qop";
    if (digest_strength(*algorithm) == 0)
        return "a Digest challenge with " + name + ", which OpenSSL has not";
    if (strength(offer) == 0) return "a Digest challenge whose realm, nonce or opaque cannot be sent back";
    return {};
}

VIADUCT_DECL bool digest_authenticator::can_begin() const
{
    return book_->has_nonce();
}

VIADUCT_DECL std::unique_ptr<auth_exchange> digest_authenticator::begin()
{
    return std::make_unique<detail::digest_exchange>(book_);
}

VIADUCT_DECL auth_scheme digest_scheme() noexcept
{
    return {"Digest", [](credentials const& who) -> std::shared_ptr<authenticator> {
                return std::make_shared<digest_authenticator>(who);
            }};
}

} // namespace viaduct

#endif

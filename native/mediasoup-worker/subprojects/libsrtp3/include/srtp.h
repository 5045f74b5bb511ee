#pragma once

// What mediasoup needs of libsrtp 3, told in terms of libsrtp 2:
//  - a policy is an object behind a pointer, filled by functions, not a struct to write into;
//  - packets go from one buffer to another, where version 2 works in place;
//  - two error codes are new.

#define srtp_policy_t srtp_v2_policy
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

constexpr auto srtp_err_status_buffer_small = srtp_err_status_t(srtp_err_status_pkt_idx_adv + 1);
constexpr auto srtp_err_status_cryptex_err = srtp_err_status_t(srtp_err_status_pkt_idx_adv + 2);

namespace srtp_on_v2 {

struct Policy {
  srtp_v2_policy settings{};
  // Master key with the salt behind it, as version 2 takes them.
  std::array<std::uint8_t, SRTP_MAX_KEY_LEN> key_and_salt{};
};

using InPlace = srtp_err_status_t (*)(srtp_t, void*, int*);

// `growth`: most bytes that the call can add behind the packet.
inline srtp_err_status_t between_buffers(InPlace work, srtp_t session, const std::uint8_t* from,
                                         std::size_t from_length, std::uint8_t* to,
                                         std::size_t* to_length, std::size_t growth) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (from_length > most - growth || from_length + growth > *to_length) {
    return srtp_err_status_buffer_small;
  }
  if (from != to) std::memmove(to, from, from_length);
  auto length = static_cast<int>(from_length);
  const srtp_err_status_t status = work(session, to, &length);
  if (status == srtp_err_status_ok) *to_length = static_cast<std::size_t>(length);
  return status;
}

}  // namespace srtp_on_v2

using srtp_policy_t = srtp_on_v2::Policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy) {
  *policy = new (std::nothrow) srtp_on_v2::Policy;
  return *policy == nullptr ? srtp_err_status_alloc_fail : srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp_policy_t policy) { delete policy; }

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc) {
  policy->settings.ssrc = ssrc;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile) {
  auto& settings = policy->settings;
  const auto rtp = srtp_crypto_policy_set_from_profile_for_rtp(&settings.rtp, profile);
  if (rtp != srtp_err_status_ok) return rtp;
  return srtp_crypto_policy_set_from_profile_for_rtcp(&settings.rtcp, profile);
}

// Master key identifiers, which version 3 takes here too, are not supported: mediasoup has none.
inline srtp_err_status_t srtp_policy_add_key(srtp_policy_t policy, const std::uint8_t* key,
                                             std::size_t key_length, const std::uint8_t* salt,
                                             std::size_t salt_length, const std::uint8_t* /*mki*/,
                                             std::size_t mki_length) {
  auto& store = policy->key_and_salt;
  if (mki_length > 0 || key_length > store.size() || salt_length > store.size() - key_length) {
    return srtp_err_status_bad_param;
  }
  std::copy_n(salt, salt_length, std::copy_n(key, key_length, store.begin()));
  policy->settings.key = store.data();
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, std::size_t packets) {
  policy->settings.window_size = static_cast<unsigned long>(packets);
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool is_allowed) {
  policy->settings.allow_repeat_tx = is_allowed ? 1 : 0;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy) {
  return srtp_create(session, &policy->settings);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, std::uint32_t ssrc_network_order) {
  return srtp_remove_stream(session, ssrc_network_order);
}

inline srtp_err_status_t srtp_protect(srtp_t session, const std::uint8_t* rtp, std::size_t rtp_length,
                                      std::uint8_t* srtp, std::size_t* srtp_length,
                                      std::size_t /*mki_index*/) {
  const srtp_on_v2::InPlace work = srtp_protect;
  return srtp_on_v2::between_buffers(work, session, rtp, rtp_length, srtp, srtp_length,
                                     SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(srtp_t session, const std::uint8_t* srtp,
                                        std::size_t srtp_length, std::uint8_t* rtp,
                                        std::size_t* rtp_length) {
  const srtp_on_v2::InPlace work = srtp_unprotect;
  return srtp_on_v2::between_buffers(work, session, srtp, srtp_length, rtp, rtp_length, 0);
}

inline srtp_err_status_t srtp_protect_rtcp(srtp_t session, const std::uint8_t* rtcp,
                                           std::size_t rtcp_length, std::uint8_t* srtcp,
                                           std::size_t* srtcp_length, std::size_t /*mki_index*/) {
  constexpr std::size_t index_bytes = 4;
  const srtp_on_v2::InPlace work = srtp_protect_rtcp;
  return srtp_on_v2::between_buffers(work, session, rtcp, rtcp_length, srtcp, srtcp_length,
                                     SRTP_MAX_TRAILER_LEN + index_bytes);
}

inline srtp_err_status_t srtp_unprotect_rtcp(srtp_t session, const std::uint8_t* srtcp,
                                             std::size_t srtcp_length, std::uint8_t* rtcp,
                                             std::size_t* rtcp_length) {
  const srtp_on_v2::InPlace work = srtp_unprotect_rtcp;
  return srtp_on_v2::between_buffers(work, session, srtcp, srtcp_length, rtcp, rtcp_length, 0);
}

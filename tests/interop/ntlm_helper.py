"""Squid's NTLM helper for one user, who must really know the password (NTLMv2 of [MS-NLMP]).

usage: ntlm_helper.py DOMAIN USER NT_HASH

Squid's own ntlm_fake_auth makes challenges that only lenient clients can read: the name in them lies outside.
"""

import base64
import hmac
import os
import struct
import sys

SIGNATURE = b"NTLMSSP\0"

# Unicode, request target, NTLM, always sign, target is a domain, extended session security, target info, 128 bit
FLAGS = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00010000 | 0x00080000 | 0x00800000 | 0x20000000

HEAD_SIZE = 48  # of a challenge, in front of what its fields point to


def challenge_message(domain, nonce):
    name = domain.encode("utf-16-le")
    info = b"".join(struct.pack("<HH", kind, len(name)) + name for kind in (2, 1)) + bytes(4)
    return (SIGNATURE + struct.pack("<I", 2) + struct.pack("<HHI", len(name), len(name), HEAD_SIZE)
            + struct.pack("<I", FLAGS) + nonce + bytes(8)
            + struct.pack("<HHI", len(info), len(info), HEAD_SIZE + len(name)) + name + info)


def field(message, at):
    size, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset:offset + size]


def is_right(message, nonce, domain, user, nt_hash):
    response, said_domain, said_user = (field(message, at) for at in (20, 28, 36))
    if said_user.decode("utf-16-le") != user or said_domain.decode("utf-16-le") != domain:
        return False
    key = hmac.digest(nt_hash, user.upper().encode("utf-16-le") + said_domain, "md5")
    return hmac.compare_digest(hmac.digest(key, nonce + response[16:], "md5"), response[:16])


def main(domain, user, nt_hash):
    nonce = bytes(8)
    for line in sys.stdin:
        command, _, token = line.strip().partition(" ")
        if command == "YR":
            nonce = os.urandom(8)
            answer = "TT " + base64.b64encode(challenge_message(domain, nonce)).decode()
        elif command == "KK" and is_right(base64.b64decode(token), nonce, domain, user, bytes.fromhex(nt_hash)):
            answer = "AF " + user
        else:
            answer = "NA wrong"
        print(answer, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

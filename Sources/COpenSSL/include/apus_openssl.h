// What the server asks of OpenSSL's libcrypto, in calls that any thread may make.
#pragma once

#include <stddef.h>

/// The digest of `count` bytes. `algorithm`: 0 MD5, 1 SHA-256, 2 SHA-512, 3 SHA-512/256. `out` has room for 64 bytes.
/// Returns the length of the digest; 0 when the library does not offer the algorithm (MD5 under FIPS rules).
size_t apus_digest(int algorithm, const void *bytes, size_t count, unsigned char *out);

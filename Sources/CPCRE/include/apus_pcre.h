// What the server asks of PCRE2: compiling a pattern once, matching it from any thread, within limits.
#pragma once

#include <stddef.h>

typedef struct apus_pcre apus_pcre;

/// Compiles a pattern; NULL when it cannot be, with a message (NUL-terminated) and the place of the mistake.
apus_pcre *apus_pcre_compile(const void *pattern, size_t length, int ignores_case, char *message, size_t room, size_t *place);
/// Number of groups in parentheses.
int apus_pcre_groups(const apus_pcre *pattern);
/// Finds the first match. Writes `count` pairs of begin and end, (size_t)-1 for groups that took no part.
/// Gives 1 for a match, 0 for none, -1 when a limit ended it, -2 for another error.
int apus_pcre_match(const apus_pcre *pattern, const void *text, size_t length, size_t *pairs, int count);
void apus_pcre_free(apus_pcre *pattern);

#include "apus_pcre.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

struct apus_pcre {
    pcre2_code *code;
    // Never changed once it is made, so that threads may share it.
    pcre2_match_context *limits;
};

apus_pcre *apus_pcre_compile(
    const void *pattern, size_t length, int ignores_case, char *message, size_t room, size_t *place
) {
    apus_pcre *made = calloc(1, sizeof *made);
    int error = 0;
    if (made) {
        made->limits = pcre2_match_context_create(NULL);
        made->code = pcre2_compile(
            length ? pattern : (const void *)"", length, ignores_case ? PCRE2_CASELESS : 0, &error, place, NULL);
    }
    if (!made || !made->limits || !made->code) {
        if (room > 0) message[0] = 0;
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, room);
        apus_pcre_free(made);
        return NULL;
    }
    // A pattern such as (a+)+$ would otherwise take a worker away for minutes.
    pcre2_set_match_limit(made->limits, 200000);
    pcre2_set_depth_limit(made->limits, 20000);
    pcre2_set_heap_limit(made->limits, 16384);
    // Without it everything works too, slower.
    pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    return made;
}

int apus_pcre_groups(const apus_pcre *pattern) {
    uint32_t count = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return (int)count;
}

int apus_pcre_match(const apus_pcre *pattern, const void *text, size_t length, size_t *pairs, int count) {
    pcre2_match_data *data = pcre2_match_data_create((uint32_t)count, NULL);
    if (!data) return -2;
    PCRE2_SPTR subject = length ? text : (PCRE2_SPTR) "";
    int found = pcre2_match(pattern->code, subject, length, 0, 0, data, pattern->limits);
    // The stack of compiled code is small; the other way takes the heap.
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(pattern->code, subject, length, 0, PCRE2_NO_JIT, data, pattern->limits);
    if (found >= 0) {
        const PCRE2_SIZE *ranges = pcre2_get_ovector_pointer(data);
        // 0: there are more groups than room for them.
        int known = found == 0 ? count : found;
        for (int index = 0; index < count; index++) {
            int isThere = index < known && ranges[2 * index] <= ranges[2 * index + 1];
            pairs[2 * index] = isThere ? ranges[2 * index] : (size_t)-1;
            pairs[2 * index + 1] = isThere ? ranges[2 * index + 1] : (size_t)-1;
        }
    }
    pcre2_match_data_free(data);
    if (found >= 0) return 1;
    switch (found) {
    case PCRE2_ERROR_NOMATCH: return 0;
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT: return -1;
    default: return -2;
    }
}

void apus_pcre_free(apus_pcre *pattern) {
    if (!pattern) return;
    pcre2_code_free(pattern->code);
    pcre2_match_context_free(pattern->limits);
    free(pattern);
}

#include "apus_openssl.h"

#include <openssl/evp.h>
#include <pthread.h>

#define ALGORITHMS 4

static const char *const names[ALGORITHMS] = {"MD5", "SHA256", "SHA512", "SHA512-256"};
static EVP_MD *methods[ALGORITHMS];
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *context) { EVP_MD_CTX_free(context); }

// Looking an algorithm up by name costs more than a digest, so that is done once.
static void fetch(void) {
    for (int i = 0; i < ALGORITHMS; i++) methods[i] = EVP_MD_fetch(NULL, names[i], NULL);
    pthread_key_create(&context_key, free_context);
}

size_t apus_digest(int algorithm, const void *bytes, size_t count, unsigned char *out) {
    if (algorithm < 0 || algorithm >= ALGORITHMS) return 0;
    pthread_once(&once, fetch);
    EVP_MD *method = methods[algorithm];
    if (method == NULL) return 0;
    EVP_MD_CTX *context = pthread_getspecific(context_key);
    if (context == NULL) {
        context = EVP_MD_CTX_new();
        if (context == NULL) return 0;
        pthread_setspecific(context_key, context);
    }
    unsigned int length = 0;
    if (EVP_DigestInit_ex2(context, method, NULL) != 1 || EVP_DigestUpdate(context, bytes, count) != 1 ||
        EVP_DigestFinal_ex(context, out, &length) != 1)
        return 0;
    return length;
}

#include "apus_openssl.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#define ALGORITHMS 4

static const char *const names[ALGORITHMS] = {"MD5", "SHA256", "SHA512", "SHA512-256"};
static EVP_MD *methods[ALGORITHMS];
static pthread_key_t contexts_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_contexts(void *pointer) {
    EVP_MD_CTX **contexts = pointer;
    for (int i = 0; i < ALGORITHMS; i++) EVP_MD_CTX_free(contexts[i]);
    free(contexts);
}

// Of this thread. Each algorithm has its own: one that changes its algorithm allocates.
static EVP_MD_CTX *context_for(int algorithm) {
    EVP_MD_CTX **contexts = pthread_getspecific(contexts_key);
    if (contexts == NULL) {
        contexts = calloc(ALGORITHMS, sizeof *contexts);
        if (contexts == NULL) return NULL;
        pthread_setspecific(contexts_key, contexts);
    }
    if (contexts[algorithm] == NULL) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        if (context != NULL && EVP_DigestInit_ex2(context, methods[algorithm], NULL) != 1) {
            EVP_MD_CTX_free(context);
            context = NULL;
        }
        contexts[algorithm] = context;
    }
    return contexts[algorithm];
}

// Looking an algorithm up by name costs more than a digest, so that is done once.
static void fetch(void) {
    for (int i = 0; i < ALGORITHMS; i++) methods[i] = EVP_MD_fetch(NULL, names[i], NULL);
    pthread_key_create(&contexts_key, free_contexts);
}

size_t apus_digest(int algorithm, const void *bytes, size_t count, unsigned char *out) {
    if (algorithm < 0 || algorithm >= ALGORITHMS) return 0;
    pthread_once(&once, fetch);
    if (methods[algorithm] == NULL) return 0;
    EVP_MD_CTX *context = context_for(algorithm);
    unsigned int length = 0;
    if (context == NULL || EVP_DigestInit_ex2(context, NULL, NULL) != 1 ||
        EVP_DigestUpdate(context, bytes, count) != 1 || EVP_DigestFinal_ex(context, out, &length) != 1)
        return 0;
    return length;
}

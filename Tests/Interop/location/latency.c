// Loaded in front of libsqlite3 (LD_PRELOAD): every statement takes as long as the answer of a database far away.
//
// SQL_LATENCY_US is that time. Rows that a driver adds inside one savepoint are one statement with many rows elsewhere,
// so they count once, as the savepoint. Who finds the file locked waits for it, as he would for a database server, also
// where his driver does not ask for that.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
extern int sqlite3_busy_timeout(sqlite3 *, int);
extern int sqlite3_stmt_busy(sqlite3_stmt *);
extern const char *sqlite3_sql(sqlite3_stmt *);

static __thread int is_in_savepoint;

int sqlite3_step(sqlite3_stmt *statement) {
    static int (*step)(sqlite3_stmt *);
    static int latency = -1;
    if (!step) step = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
    if (latency < 0) latency = getenv("SQL_LATENCY_US") ? atoi(getenv("SQL_LATENCY_US")) : 0;
    if (!sqlite3_stmt_busy(statement)) {
        const char *text = sqlite3_sql(statement);
        int waits = !is_in_savepoint;
        if (text && !strncmp(text, "SAVEPOINT", 9)) is_in_savepoint = 1;
        if (text && !strncmp(text, "RELEASE", 7)) is_in_savepoint = 0;
        if (waits) usleep((useconds_t)latency);
    }
    return step(statement);
}

int sqlite3_open_v2(const char *path, sqlite3 **made, int flags, const char *system) {
    int (*open)(const char *, sqlite3 **, int, const char *) =
        (int (*)(const char *, sqlite3 **, int, const char *))dlsym(RTLD_NEXT, "sqlite3_open_v2");
    int code = open(path, made, flags, system);
    if (!code) sqlite3_busy_timeout(*made, 5000);
    return code;
}

int sqlite3_open(const char *path, sqlite3 **made) { return sqlite3_open_v2(path, made, 6, 0); }

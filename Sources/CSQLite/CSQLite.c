#include "CSQLite.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

int apus_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_text(statement, index, count > 0 ? bytes : "", count, SQLITE_TRANSIENT);
}

int apus_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

int apus_sqlite_has_moved(sqlite3 *database) {
    int moved = 0;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

int apus_sqlite_open(const char *path, int flags, sqlite3 **database) {
    // One thread at a time uses a connection, and only sqlite3_interrupt is called by others, which may be.
    int mode = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (flags == 1) mode |= SQLITE_OPEN_READONLY;
    else if (flags == 2) mode |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    else mode |= SQLITE_OPEN_READWRITE;
    if (flags == 2 && path[0] == '/') {
        // SQLite would make it readable by everybody, and there are passwords in it. Whatever fails here fails below.
        int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        if (file >= 0) close(file);
    }
    int code = sqlite3_open_v2(path, database, mode, NULL);
    if (code != SQLITE_OK) return code;
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return SQLITE_OK;
}

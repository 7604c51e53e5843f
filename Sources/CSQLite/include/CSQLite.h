// SQLite's C interface, and what of it Swift cannot call: functions with a variable number of arguments, casts to
// function pointers.
#pragma once

#include <sqlite3.h>

/// Binds a copy of the bytes as text.
int apus_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count);
/// Binds a copy of the bytes as a blob.
int apus_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count);
/// Whether the file has been removed, renamed or replaced since it was opened; 0 for a database in memory.
int apus_sqlite_has_moved(sqlite3 *database);
/// Opens a database so that it does what is meant: a name in double quotes is a name, never a text, and the schema of a
/// file cannot run functions behind our back.
/// - Parameter flags: 0 read and write, 1 read only, 2 make it when it is missing, for its owner and group.
int apus_sqlite_open(const char *path, int flags, sqlite3 **database);

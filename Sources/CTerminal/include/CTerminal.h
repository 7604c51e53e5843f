// A secret from a terminal: calls without pointers, so that Swift needs nothing unsafe.
#pragma once

/// Whether the standard input is a terminal.
int apus_terminal_is_there(void);
/// Stops showing what is typed; keys such as Ctrl-C come as bytes. Gives 0 when that cannot be done.
int apus_terminal_hide(void);
/// Shows again what is typed.
void apus_terminal_show(void);
/// The next byte of the standard input; -1 at its end.
int apus_terminal_next(void);

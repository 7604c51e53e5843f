#include "CTerminal.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static int hidden;

int apus_terminal_is_there(void) { return isatty(STDIN_FILENO); }

int apus_terminal_hide(void) {
    if (hidden) return 1;
    if (tcgetattr(STDIN_FILENO, &before) != 0) return 0;
    struct termios quiet = before;
    // Without ISIG no signal can end the program while the terminal is silent.
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
    // Ctrl-C ends the line, so that it is read at once.
    quiet.c_cc[VEOL] = 3;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) return 0;
    hidden = 1;
    return 1;
}

void apus_terminal_show(void) {
    if (hidden) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    hidden = 0;
}

int apus_terminal_next(void) {
    unsigned char byte;
    for (;;) {
        ssize_t count = read(STDIN_FILENO, &byte, 1);
        if (count == 1) return byte;
        if (count < 0 && errno == EINTR) continue;
        return -1;
    }
}

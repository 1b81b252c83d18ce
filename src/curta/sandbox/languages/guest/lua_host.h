/* What Lua leaves to the system, as far as the sandbox has it: a name in the guest's own /tmp, and no other program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static inline FILE *temporary_file(void) {
    static unsigned made;
    char name[32];
    snprintf(name, sizeof name, "/tmp/lua_file_%06x", ++made);
    FILE *file = fopen(name, "w+b");
    if (file) remove(name);
    return file;
}

#define tmpfile temporary_file
#define LUA_TMPNAMBUFSIZE 32
#define lua_tmpnam(name, failed) \
    { static unsigned made; failed = snprintf(name, LUA_TMPNAMBUFSIZE, "/tmp/lua_%06x", ++made) < 0; }
#define l_system(command) ((command) ? (errno = ENOTSUP, -1) : 0)

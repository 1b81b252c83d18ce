/* JavaScript in the sandbox: QuickJS-ng with a console, timers, modules and files.

   javascript MAIN.js: runs the file as a script, or as a module when it can only be one. What scripts find
   (console, process, require("fs"), ...) is made in javascript.js from the few functions that are defined here.
   Exit code: 1 after an error, which is told on stderr with its lines. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "quickjs.h"

#define MOST_PENDING 64

static const char prelude[] = {
#embed "javascript.js" suffix(, 0)
};

static JSValue rejected[MOST_PENDING][2];
static int rejections;

/* Errors */

static JSValue failed(JSContext *context, const char *path) {
    int number = errno;
    JSValue error = JS_NewError(context);
    const char *code = number == ENOENT ? "ENOENT" : number == EEXIST ? "EEXIST" : number == EISDIR ? "EISDIR"
        : number == ENOTDIR ? "ENOTDIR" : number == ENOTEMPTY ? "ENOTEMPTY" : number == ENOSPC ? "ENOSPC"
        : number == EROFS ? "EROFS" : number == EACCES ? "EACCES" : "EIO";
    char message[512];
    snprintf(message, sizeof message, "%s: %s, '%.300s'", code, strerror(number), path);
    JS_DefinePropertyValueStr(context, error, "message", JS_NewString(context, message), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(context, error, "code", JS_NewString(context, code), JS_PROP_C_W_E);
    return JS_Throw(context, error);
}

static void tell(JSContext *context, JSValueConst error) {
    const char *message = JS_ToCString(context, error);
    JSValue stack = JS_IsError(error) ? JS_GetPropertyStr(context, error, "stack") : JS_UNDEFINED;
    const char *lines = JS_IsUndefined(stack) ? NULL : JS_ToCString(context, stack);
    fprintf(stderr, "Uncaught %s\n%s", message ? message : "error", lines ? lines : "");
    JS_FreeCString(context, message);
    JS_FreeCString(context, lines);
    JS_FreeValue(context, stack);
}

static void on_rejection(JSContext *context, JSValueConst promise, JSValueConst reason, bool handled, void *unused) {
    for (int i = 0; i < rejections; i++)
        if (handled && JS_VALUE_GET_PTR(rejected[i][0]) == JS_VALUE_GET_PTR(promise)) {
            JS_FreeValue(context, rejected[i][0]);
            JS_FreeValue(context, rejected[i][1]);
            rejections--;
            memmove(rejected[i], rejected[i + 1], (rejections - i) * sizeof rejected[0]);
            return;
        }
    if (!handled && rejections < MOST_PENDING) {
        rejected[rejections][0] = JS_DupValue(context, promise);
        rejected[rejections++][1] = JS_DupValue(context, reason);
    }
}

/* Files. Data goes both ways as Uint8Array. */

static char *contents(const char *path, size_t *size) {
    FILE *file = path ? fopen(path, "rb") : stdin;
    if (!file) return NULL;
    size_t room = 1 << 16;
    char *data = malloc(room + 1);
    for (*size = 0; data;) {
        size_t count = fread(data + *size, 1, room - *size, file);
        if (!count) break;
        *size += count;
        if (*size == room) {
            char *more = realloc(data, (room *= 2) + 1);
            if (!more) free(data);
            data = more;
        }
    }
    int number = !data ? ENOMEM : ferror(file) ? errno : 0;
    if (path) fclose(file);
    if (number) {
        free(data);
        errno = number;
        return NULL;
    }
    data[*size] = 0;
    return data;
}

#define PATH(n) const char *path = JS_ToCString(context, arguments[n]); if (!path) return JS_EXCEPTION
#define ANSWER(condition, value) JSValue answer = (condition) ? (value) : failed(context, path); \
    JS_FreeCString(context, path); return answer

static JSValue js_read(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    size_t size;
    char *data = contents(strcmp(path, "/dev/stdin") ? path : NULL, &size);
    JSValue answer = data ? JS_NewUint8ArrayCopy(context, (uint8_t *)data, size) : failed(context, path);
    free(data);
    JS_FreeCString(context, path);
    return answer;
}

static JSValue js_text(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    size_t size;
    uint8_t *data = JS_GetUint8Array(context, &size, arguments[0]);
    return data ? JS_NewStringLen(context, (char *)data, size) : JS_EXCEPTION;
}

static JSValue js_bytes(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    size_t size;
    const char *text = JS_ToCStringLen(context, &size, arguments[0]);
    if (!text) return JS_EXCEPTION;
    JSValue answer = JS_NewUint8ArrayCopy(context, (const uint8_t *)text, size);
    JS_FreeCString(context, text);
    return answer;
}

static JSValue js_write(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    const char *mode = JS_ToCString(context, arguments[2]);
    size_t size = 0;
    uint8_t *data = JS_GetUint8Array(context, &size, arguments[1]);
    FILE *file = mode && (data || !size) ? fopen(path, mode) : NULL;
    int good = file && fwrite(data, 1, size, file) == size;
    if (file) good = fclose(file) == 0 && good;
    JS_FreeCString(context, mode);
    ANSWER(good, JS_UNDEFINED);
}

static JSValue js_print(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    size_t size;
    int stream = 1;
    const char *text = JS_ToCStringLen(context, &size, arguments[1]);
    if (!text || JS_ToInt32(context, &stream, arguments[0])) return JS_EXCEPTION;
    fwrite(text, 1, size, stream == 2 ? stderr : stdout);
    fflush(stream == 2 ? stderr : stdout);
    JS_FreeCString(context, text);
    return JS_UNDEFINED;
}

static JSValue js_list(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    DIR *folder = opendir(path);
    JSValue names = folder ? JS_NewArray(context) : JS_UNDEFINED;
    uint32_t place = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            JS_SetPropertyUint32(context, names, place++, JS_NewString(context, entry->d_name));
    if (folder) closedir(folder);
    ANSWER(folder, names);
}

static JSValue js_stat(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    struct stat found;
    if (stat(path, &found)) {
        ANSWER(0, JS_UNDEFINED);
    }
    JSValue told = JS_NewObject(context);
    JS_SetPropertyStr(context, told, "folder", JS_NewBool(context, S_ISDIR(found.st_mode)));
    JS_SetPropertyStr(context, told, "size", JS_NewInt64(context, found.st_size));
    JS_SetPropertyStr(context, told, "mtimeMs", JS_NewInt64(context, found.st_mtim.tv_sec * 1000LL));
    ANSWER(1, told);
}

static JSValue js_make_folder(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    ANSWER(!mkdir(path, 0777), JS_UNDEFINED);
}

static JSValue js_remove(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    ANSWER(!unlink(path), JS_UNDEFINED);
}

static JSValue js_remove_folder(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    ANSWER(!rmdir(path), JS_UNDEFINED);
}

static JSValue js_rename(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    PATH(0);
    const char *target = JS_ToCString(context, arguments[1]);
    int good = target && !rename(path, target);
    JS_FreeCString(context, target);
    ANSWER(good, JS_UNDEFINED);
}

/* The process */

static JSValue js_exit(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    int code = 0;
    JS_ToInt32(context, &code, arguments[0]);
    exit(code);
}

static JSValue js_sleep(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    double milliseconds = 0;
    JS_ToFloat64(context, &milliseconds, arguments[0]);
    if (milliseconds > 0) usleep((useconds_t)(milliseconds < 4e6 ? milliseconds * 1000 : 4e9));
    return JS_UNDEFINED;
}

static JSValue js_now(JSContext *context, JSValueConst this, int count, JSValueConst *arguments) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return JS_NewFloat64(context, now.tv_sec * 1e3 + now.tv_nsec / 1e6);
}

static const struct { const char *name; JSCFunction *function; int count; } functions[] = {
    {"read", js_read, 1}, {"write", js_write, 3}, {"text", js_text, 1}, {"bytes", js_bytes, 1}, {"print", js_print, 2},
    {"list", js_list, 1}, {"stat", js_stat, 1}, {"makeFolder", js_make_folder, 1}, {"remove", js_remove, 1},
    {"removeFolder", js_remove_folder, 1}, {"rename", js_rename, 2}, {"exit", js_exit, 1}, {"sleep", js_sleep, 1},
    {"now", js_now, 0},
};

/* Modules: files, and what javascript.js has under a name such as "fs". */

static int export_builtin(JSContext *context, JSModuleDef *module) {
    JSAtom name = JS_GetModuleName(context, module);
    JSValue global = JS_GetGlobalObject(context), asked = JS_AtomToString(context, name);
    JSValue require = JS_GetPropertyStr(context, global, "require");
    JSValue found = JS_Call(context, require, global, 1, &asked);
    JSPropertyEnum *names = NULL;
    uint32_t count = 0;
    JS_GetOwnPropertyNames(context, &names, &count, found, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);
    for (uint32_t i = 0; i < count; i++) {
        const char *each = JS_AtomToCString(context, names[i].atom);
        JS_SetModuleExport(context, module, each, JS_GetProperty(context, found, names[i].atom));
        JS_FreeCString(context, each);
    }
    JS_SetModuleExport(context, module, "default", JS_DupValue(context, found));
    JS_FreePropertyEnum(context, names, count);
    JS_FreeValue(context, found);
    JS_FreeValue(context, require);
    JS_FreeValue(context, asked);
    JS_FreeValue(context, global);
    JS_FreeAtom(context, name);
    return 0;
}

static JSModuleDef *builtin(JSContext *context, const char *name) {
    JSValue global = JS_GetGlobalObject(context), asked = JS_NewString(context, name);
    JSValue require = JS_GetPropertyStr(context, global, "require");
    JSValue found = JS_Call(context, require, global, 1, &asked);
    JSModuleDef *module = JS_IsException(found) ? NULL : JS_NewCModule(context, name, export_builtin);
    JSPropertyEnum *names = NULL;
    uint32_t count = 0;
    if (module) {
        JS_GetOwnPropertyNames(context, &names, &count, found, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);
        for (uint32_t i = 0; i < count; i++) {
            const char *each = JS_AtomToCString(context, names[i].atom);
            JS_AddModuleExport(context, module, each);
            JS_FreeCString(context, each);
        }
        JS_AddModuleExport(context, module, "default");
        JS_FreePropertyEnum(context, names, count);
    }
    JS_FreeValue(context, found);
    JS_FreeValue(context, require);
    JS_FreeValue(context, asked);
    JS_FreeValue(context, global);
    return module;
}

static JSModuleDef *load_module(JSContext *context, const char *name, void *unused) {
    if (name[0] != '/' && name[0] != '.') return builtin(context, name);
    size_t size;
    char *source = contents(name, &size);
    if (!source) {
        failed(context, name);
        return NULL;
    }
    JSValue compiled = JS_Eval(context, source, size, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    free(source);
    if (JS_IsException(compiled)) return NULL;
    JSModuleDef *module = JS_VALUE_GET_PTR(compiled);
    JS_FreeValue(context, compiled);
    return module;
}

/* Running */

static void stop_with_error(JSContext *context) {
    JSValue error = JS_GetException(context);
    tell(context, error);
    exit(1);
}

static void finish_jobs(JSContext *context) {
    JSContext *of;
    int state;
    while ((state = JS_ExecutePendingJob(JS_GetRuntime(context), &of)) > 0);
    if (state < 0) stop_with_error(of);
    if (rejections) {
        tell(context, rejected[0][1]);
        exit(1);
    }
}

static void run_timers(JSContext *context) {
    JSValue global = JS_GetGlobalObject(context);
    JSValue turn = JS_GetPropertyStr(context, global, "__turn");
    JSAtom name = JS_NewAtom(context, "__turn");
    JS_DeleteProperty(context, global, name, 0);
    for (;;) {
        finish_jobs(context);
        JSValue more = JS_Call(context, turn, JS_UNDEFINED, 0, NULL);
        if (JS_IsException(more)) stop_with_error(context);
        if (!JS_ToBool(context, more)) return;
    }
}

static void define_functions(JSContext *context) {
    JSValue global = JS_GetGlobalObject(context), host = JS_NewObject(context);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        JS_SetPropertyStr(context, host, functions[i].name,
            JS_NewCFunction(context, functions[i].function, functions[i].name, functions[i].count));
    JS_SetPropertyStr(context, global, "__host", host);
    JS_FreeValue(context, global);
    JSValue done = JS_Eval(context, prelude, sizeof prelude - 1, "javascript.js", JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(done)) stop_with_error(context);
    JS_FreeValue(context, done);
}

/* A script is not strict unless it says so. What is no script but a module (`import`, `await`) is one. */
static JSValue evaluate(JSContext *context, const char *source, size_t size) {
    const char *name = "/work/main.js"; /* imports are relative to /work */
    JSValue script = JS_Eval(context, source, size, name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (!JS_IsException(script)) return JS_EvalFunction(context, script);
    if (!JS_DetectModule(source, size)) return script;
    JS_FreeValue(context, JS_GetException(context));
    return JS_Eval(context, source, size, name, JS_EVAL_TYPE_MODULE);
}

int main(int count, char **arguments) {
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = runtime ? JS_NewContext(runtime) : NULL;
    size_t size;
    char *source = context && count > 1 ? contents(arguments[1], &size) : NULL;
    if (!source) {
        perror("javascript");
        return 1;
    }
    JS_SetMaxStackSize(runtime, 4 << 20);
    JS_SetModuleLoaderFunc(runtime, NULL, load_module, NULL);
    JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
    define_functions(context);
    JSValue value = evaluate(context, source, size);
    if (JS_IsException(value)) stop_with_error(context);
    JS_FreeValue(context, value);
    run_timers(context);
    return 0;
}

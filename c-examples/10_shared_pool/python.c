/* Python inside a C program.
 *
 * Compiled with PYTHON_LIBRARY (the path of libpython3.x.so) and PYTHON_PATH (the folder of the binding and that of
 * shared_pool.py, with a colon between them), or without both where there is no such library. The four functions that are
 * used are in every Python 3, so no Python.h is needed. */

#include "runtimes.h"

#include <stddef.h>

#ifndef PYTHON_LIBRARY

static const char *missing(void)
{
    return "no Python with a shared library was found when this was compiled";
}

const struct runtime python = {"Python", missing, NULL, NULL, NULL, NULL};

#else

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int (*run_text)(const char *text);
static int (*finalize)(void);

static const char *missing(void)
{
    return NULL;
}

/* ISO C has no cast from data to code; POSIX says that the bytes are the same. */
static int find(void *library, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL)
        fprintf(stderr, "Python: %s\n", dlerror());
    memcpy(function, &symbol, size);
    return symbol != NULL;
}

static int start(void)
{
    void (*initialize)(int handles_signals);
    /* GLOBAL: Python's extension modules, ctypes among them, are not linked with libpython and look for its symbols in
     * what the process has. */
    void *library = dlopen(PYTHON_LIBRARY, RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        fprintf(stderr, "Python: %s\n", dlerror());
        return 0;
    }
    if (!find(library, "Py_InitializeEx", &initialize, sizeof initialize)
        || !find(library, "PyRun_SimpleString", &run_text, sizeof run_text)
        || !find(library, "Py_FinalizeEx", &finalize, sizeof finalize))
        return 0;
    /* 0: the host keeps its signal handlers. */
    initialize(0);
    return run_text("import sys\n"
                    "sys.path[:0] = '" PYTHON_PATH "'.split(':')\n"
                    "sys.dont_write_bytecode = True\n"
                    "import shared_pool\n")
           == 0;
}

static int work(const char *pool, uint64_t instance, const char *wanted, const char *language)
{
    char text[256];
    snprintf(text, sizeof text, "shared_pool.work('%s', %" PRIu64 ", '%s', '%s')", pool, instance, wanted, language);
    return run_text(text) == 0;
}

static int meet_the_limit(const char *pool)
{
    char text[256];
    snprintf(text, sizeof text, "shared_pool.meet_the_limit('%s')", pool);
    return run_text(text) == 0;
}

static int stop(void)
{
    return finalize() == 0;
}

const struct runtime python = {"Python", missing, start, work, meet_the_limit, stop};

#endif

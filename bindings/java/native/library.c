/* Finds the library's functions, and what the glue needs of the Java side. */

#define _GNU_SOURCE /* dladdr, RTLD_NOLOAD */
#include "glue.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

struct glue_library lib;
struct glue_java java;

/* A pointer to a function out of one to an object: POSIX has them alike, ISO C knows no cast. */
static void put_function(void *member, void *symbol)
{
    memcpy(member, &symbol, sizeof symbol);
}

static jclass global_class(JNIEnv *env, const char *name)
{
    jclass local = (*env)->FindClass(env, name);
    jclass global;
    if (local == NULL)
        return NULL;
    global = (*env)->NewGlobalRef(env, local);
    (*env)->DeleteLocalRef(env, local);
    return global;
}

static int find_outcome(JNIEnv *env)
{
    jclass outcome = (*env)->FindClass(env, "org/orapool/Outcome");
    if (outcome == NULL)
        return 0;
    java.outcome_found = (*env)->GetFieldID(env, outcome, "found", "Z");
    if (java.outcome_found != NULL)
        java.outcome_warning = (*env)->GetFieldID(env, outcome, "warning", "Lorg/orapool/OraPoolException;");
    (*env)->DeleteLocalRef(env, outcome);
    return java.outcome_warning != NULL;
}

static int find_exception(JNIEnv *env)
{
    java.exception_class = global_class(env, "org/orapool/OraPoolException");
    if (java.exception_class == NULL)
        return 0;
    java.exception_new = (*env)->GetMethodID(env, java.exception_class, "<init>",
                                             "(II[BZZLorg/orapool/OraPoolException;)V");
    return java.exception_new != NULL;
}

static int find_callbacks(JNIEnv *env)
{
    java.callbacks_class = global_class(env, "org/orapool/Callbacks");
    if (java.callbacks_class == NULL)
        return 0;
    java.callbacks_run = (*env)->GetStaticMethodID(env, java.callbacks_class, "run", "(JJ[B[B)I");
    if (java.callbacks_run == NULL)
        return 0;
    java.callbacks_released = (*env)->GetStaticMethodID(env, java.callbacks_class, "released", "(J)V");
    return java.callbacks_released != NULL;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
    JNIEnv *env;
    (void)reserved;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK)
        return JNI_ERR;
    java.vm = vm;
    if (!find_exception(env) || !find_callbacks(env) || !find_outcome(env))
        return JNI_ERR;
    return JNI_VERSION_10;
}

JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
    JNIEnv *env;
    (void)reserved;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK)
        return;
    (*env)->DeleteGlobalRef(env, java.exception_class);
    (*env)->DeleteGlobalRef(env, java.callbacks_class);
}

/* All functions that must be there; the name of the first that is not, or NULL. */
static const char *find_functions(void *handle, struct glue_library *found)
{
#define GLUE_FIND(name)                                                                                                \
    put_function(&found->name, dlsym(handle, "orapool_" #name));                                                       \
    if (found->name == NULL)                                                                                           \
        return "orapool_" #name;
    GLUE_FUNCTIONS(GLUE_FIND)
#undef GLUE_FIND
#define GLUE_FIND(name) put_function(&found->optional.name, dlsym(handle, "orapool_" #name));
    GLUE_FIND(request_start)
    GLUE_FIND(completion_fd)
    GLUE_FIND(next_completion)
    GLUE_FIND(request_finish)
    GLUE_FIND(request_cancel)
    GLUE_FIND(events)
#undef GLUE_FIND
    return NULL;
}

/* 0 if the library is what the glue was compiled for; else `why` says what it is. */
static int check_library(void *handle, struct glue_library *found, char *why, size_t room)
{
    uint32_t (*version)(void);
    const char *missing;
    uint32_t is;
    put_function(&version, dlsym(handle, "orapool_version"));
    if (version == NULL) {
        snprintf(why, room, "it is no orapool library: it has no orapool_version");
        return -1;
    }
    is = version();
    if (is >> 16 != ORAPOOL_VERSION_MAJOR || (is >> 8 & 0xff) != ORAPOOL_VERSION_MINOR) {
        snprintf(why, room, "it is version %u.%u.%u, and this binding is for %d.%d", (unsigned)(is >> 16),
                 (unsigned)(is >> 8 & 0xff), (unsigned)(is & 0xff), ORAPOOL_VERSION_MAJOR, ORAPOOL_VERSION_MINOR);
        return -1;
    }
    missing = find_functions(handle, found);
    if (missing != NULL) {
        snprintf(why, room, "it has no %s", missing);
        return -1;
    }
    return 0;
}

/* Loads the library from `path`; with only_if_loaded it takes only one that is in the process already. Null, or why it
 * can not be used. */
NATIVE(jbyteArray, load)(JNIEnv *env, jclass cls, jbyteArray path, jboolean only_if_loaded)
{
    struct glue_text text;
    struct glue_library found;
    char why[512] = "";
    void *handle;
    (void)cls;
    if (!glue_text_read(env, path, &text))
        return NULL;
    memset(&found, 0, sizeof found);
    /* RTLD_LOCAL, as every other binding: no symbol of the library hides another's. */
    handle = dlopen(text.bytes, RTLD_NOW | RTLD_LOCAL | (only_if_loaded ? RTLD_NOLOAD : 0));
    if (handle == NULL) {
        const char *error = dlerror();
        snprintf(why, sizeof why, "%s", error == NULL ? "it is not loaded" : error);
    } else if (check_library(handle, &found, why, sizeof why) == 0) {
        /* Never closed again: pools and their threads live in it. */
        lib = found;
    } else {
        dlclose(handle);
    }
    glue_text_done(&text);
    return why[0] == '\0' ? NULL : glue_bytes(env, why, strlen(why));
}

NATIVE(jbyteArray, libraryPath)(JNIEnv *env, jclass cls)
{
    Dl_info info;
    void *function;
    (void)cls;
    memcpy(&function, &lib.version, sizeof function);
    if (dladdr(function, &info) == 0 || info.dli_fname == NULL)
        return NULL;
    return glue_bytes(env, info.dli_fname, strlen(info.dli_fname));
}

NATIVE(jint, version)(JNIEnv *env, jclass cls)
{
    (void)env;
    (void)cls;
    return (jint)lib.version();
}

NATIVE(jlong, instanceId)(JNIEnv *env, jclass cls)
{
    (void)env;
    (void)cls;
    return (jlong)lib.instance_id();
}

NATIVE(jbyteArray, statusName)(JNIEnv *env, jclass cls, jint status)
{
    const char *name = lib.status_name(status);
    (void)cls;
    return glue_bytes(env, name, strlen(name));
}

NATIVE(jboolean, hasRequests)(JNIEnv *env, jclass cls)
{
    const struct glue_optional *optional = &lib.optional;
    (void)env;
    (void)cls;
    return optional->request_start != NULL && optional->completion_fd != NULL && optional->next_completion != NULL
           && optional->request_finish != NULL && optional->request_cancel != NULL;
}

NATIVE(jboolean, hasEvents)(JNIEnv *env, jclass cls)
{
    (void)env;
    (void)cls;
    return lib.optional.events != NULL;
}

/* What the files of the glue share: the library's functions, texts that come and go, errors that become exceptions.
 *
 * The glue translates and decides nothing. Each native method of org.orapool.Native is one function of orapool.h. */

#ifndef ORAPOOL_GLUE_H
#define ORAPOOL_GLUE_H

#include <jni.h>
#include <orapool.h>
#include <stdint.h>

/* The functions of the library, which is loaded at run time: the jar works wherever liborapool.so lies, and names the
 * place that it took it from. Their types are those of the header. */
#define GLUE_FUNCTIONS(X)                                                                                              \
    X(attrs_new) X(attrs_set_text) X(attrs_set_int) X(attrs_set_callback) X(attrs_free)                                \
    X(error_status) X(error_code) X(error_message) X(error_is_transient) X(error_is_session_dead) X(error_next)        \
    X(error_free) X(version) X(instance_id) X(status_name)                                                             \
    X(create) X(open) X(reconfigure) X(close) X(get_stats) X(metrics) X(text_free)                                     \
    X(session_get) X(session_release) X(session_is_new) X(session_identity) X(session_execute) X(session_commit)       \
    X(session_rollback) X(session_ping) X(session_break) X(session_set_call_timeout) X(session_tag) X(session_set_tag) \
    X(session_drcp_state) X(session_drcp_enabled) X(session_drcp_multitag_enabled) X(session_drcp_return_tag)          \
    X(session_need_to_purge_statement_cache) X(session_attach) X(session_detach)                                       \
    X(stmt_prepare) X(stmt_bind_null) X(stmt_bind_int) X(stmt_bind_double) X(stmt_bind_text) X(stmt_bind_bytes)        \
    X(stmt_execute) X(stmt_fetch) X(stmt_column_count) X(stmt_column_name) X(stmt_column_is_null) X(stmt_column_int)   \
    X(stmt_column_double) X(stmt_column_text) X(stmt_column_bytes) X(stmt_free)

struct orapool_request;

/* What an early library may lack: requests and events. NULL, then; the native methods say so. */
struct glue_optional {
    orapool_status (*request_start)(orapool *, const orapool_attrs *, const char *, size_t, uint32_t, uint64_t,
                                    struct orapool_request **, orapool_error **);
    int32_t (*completion_fd)(orapool *);
    orapool_status (*next_completion)(orapool *, uint64_t *, struct orapool_request **, orapool_error **);
    orapool_status (*request_finish)(struct orapool_request *, orapool_session **, const char **, size_t *, int32_t *,
                                     orapool_error **);
    void (*request_cancel)(struct orapool_request *);
    orapool_status (*events)(orapool *, uint64_t, char **, size_t *, uint64_t *, orapool_error **);
};

struct glue_library {
#define GLUE_MEMBER(name) __typeof__(&orapool_##name) name;
    GLUE_FUNCTIONS(GLUE_MEMBER)
#undef GLUE_MEMBER
    struct glue_optional optional;
};

/* Filled once, before any other native method is called; never changed afterwards. */
extern struct glue_library lib;

/* What the glue knows of the Java side, from JNI_OnLoad to JNI_OnUnload. */
struct glue_java {
    JavaVM *vm;
    jclass exception_class;
    jmethodID exception_new;
    jclass callbacks_class;
    jmethodID callbacks_run;
    jmethodID callbacks_released;
    jfieldID outcome_found;
    jfieldID outcome_warning;
};
extern struct glue_java java;

/* Handles travel as jlong; they are tokens and never looked behind. */
#define HANDLE(type, token) ((type *)(uintptr_t)(token))
#define TOKEN(handle) ((jlong)(uintptr_t)(handle))

/* Bytes of a Java array, copied. Short ones, which nearly all are, need no allocation. */
struct glue_text {
    const char *bytes; /* NULL if the array is null */
    size_t len;
    char *heap;
    char room[256];
};

/* Reads an array, which may be null. 0: an OutOfMemoryError is pending, and there is nothing to give back. */
int glue_text_read(JNIEnv *env, jbyteArray array, struct glue_text *text);
/* Gives the copy back, wiped: it may have been a password. */
void glue_text_done(struct glue_text *text);
/* A new array with these bytes; NULL for NULL, and with an OutOfMemoryError pending. */
jbyteArray glue_bytes(JNIEnv *env, const char *bytes, size_t len);

/* The exception for an error and its causes, which stay the caller's; NULL with another exception pending. */
jthrowable glue_exception(JNIEnv *env, const orapool_error *error, orapool_status status);
/* After a call: frees its error. A failure becomes a pending exception and gives 0, all else 1. */
int glue_succeeded(JNIEnv *env, orapool_status status, orapool_error *error);
/* As glue_succeeded, and puts the warning of ORAPOOL_SUCCESS_WITH_INFO into an Outcome. */
int glue_succeeded_with(JNIEnv *env, orapool_status status, orapool_error *error, jobject outcome);
/* Throws ORAPOOL_UNSUPPORTED for a function that the loaded library does not have. */
void glue_throw_missing(JNIEnv *env, const char *what);

/* The session callback of every pool whose callback is in Java; ctx is the number under which Callbacks knows it. */
int32_t glue_callback(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len, const char *actual,
                      size_t actual_len);
void glue_callback_released(void *ctx);

#define NATIVE(result, name) JNIEXPORT result JNICALL Java_org_orapool_Native_##name

#endif

/* Attributes, pools and requests. */

#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

NATIVE(jlong, attrsNew)(JNIEnv *env, jclass cls)
{
    orapool_attrs *attrs;
    orapool_error *error;
    orapool_status status = lib.attrs_new(&attrs, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? TOKEN(attrs) : 0;
}

NATIVE(void, attrsSetText)(JNIEnv *env, jclass cls, jlong attrs, jint attr, jbyteArray value)
{
    struct glue_text text;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, value, &text))
        return;
    status = lib.attrs_set_text(HANDLE(orapool_attrs, attrs), (uint32_t)attr, text.bytes, text.len, &error);
    glue_text_done(&text);
    glue_succeeded(env, status, error);
}

NATIVE(void, attrsSetInt)(JNIEnv *env, jclass cls, jlong attrs, jint attr, jlong value)
{
    orapool_error *error;
    orapool_status status = lib.attrs_set_int(HANDLE(orapool_attrs, attrs), (uint32_t)attr, value, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

/* ctx 0 unsets the callback. */
NATIVE(void, attrsSetCallback)(JNIEnv *env, jclass cls, jlong attrs, jlong ctx)
{
    orapool_error *error;
    orapool_status status =
        ctx == 0 ? lib.attrs_set_callback(HANDLE(orapool_attrs, attrs), NULL, NULL, NULL, &error)
                 : lib.attrs_set_callback(HANDLE(orapool_attrs, attrs), glue_callback, (void *)(uintptr_t)ctx,
                                          glue_callback_released, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, attrsFree)(JNIEnv *env, jclass cls, jlong attrs)
{
    (void)env;
    (void)cls;
    lib.attrs_free(HANDLE(orapool_attrs, attrs));
}

NATIVE(jlong, poolCreate)(JNIEnv *env, jclass cls, jbyteArray name, jlong attrs, jint mode, jobject outcome)
{
    struct glue_text text;
    orapool *pool;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, name, &text))
        return 0;
    status = lib.create(text.bytes, text.len, HANDLE(orapool_attrs, attrs), (uint32_t)mode, &pool, &error);
    glue_text_done(&text);
    return glue_succeeded_with(env, status, error, outcome) ? TOKEN(pool) : 0;
}

NATIVE(jlong, poolOpen)(JNIEnv *env, jclass cls, jbyteArray name)
{
    struct glue_text text;
    orapool *pool;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, name, &text))
        return 0;
    status = lib.open(text.bytes, text.len, &pool, &error);
    glue_text_done(&text);
    return glue_succeeded(env, status, error) ? TOKEN(pool) : 0;
}

NATIVE(void, poolReconfigure)(JNIEnv *env, jclass cls, jlong pool, jlong changes)
{
    orapool_error *error;
    orapool_status status = lib.reconfigure(HANDLE(orapool, pool), HANDLE(orapool_attrs, changes), &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, poolClose)(JNIEnv *env, jclass cls, jlong pool, jint mode, jlong drain_ms)
{
    orapool_error *error;
    orapool_status status = lib.close(HANDLE(orapool, pool), (uint32_t)mode, drain_ms, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

/* The numbers behind struct_size, in their order. */
NATIVE(jlongArray, poolStats)(JNIEnv *env, jclass cls, jlong pool)
{
    enum { COUNT = sizeof(orapool_stats) / sizeof(uint64_t) - 1 };
    orapool_stats stats;
    uint64_t numbers[COUNT + 1];
    jlong signed_numbers[COUNT];
    orapool_error *error;
    orapool_status status;
    jlongArray array;
    size_t at;
    (void)cls;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    status = lib.get_stats(HANDLE(orapool, pool), &stats, &error);
    if (!glue_succeeded(env, status, error))
        return NULL;
    memcpy(numbers, &stats, sizeof numbers);
    for (at = 0; at < COUNT; at++)
        signed_numbers[at] = (jlong)numbers[at + 1];
    array = (*env)->NewLongArray(env, COUNT);
    if (array != NULL)
        (*env)->SetLongArrayRegion(env, array, 0, COUNT, signed_numbers);
    return array;
}

NATIVE(jbyteArray, poolMetrics)(JNIEnv *env, jclass cls, jlong pool, jint format)
{
    char *text;
    size_t len;
    orapool_error *error;
    orapool_status status = lib.metrics(HANDLE(orapool, pool), (uint32_t)format, &text, &len, &error);
    jbyteArray array = glue_succeeded(env, status, error) ? glue_bytes(env, text, len) : NULL;
    (void)cls;
    lib.text_free(text);
    return array;
}

/* last: an array of one number, which becomes that of the latest event. */
NATIVE(jbyteArray, poolEvents)(JNIEnv *env, jclass cls, jlong pool, jlong after, jlongArray last)
{
    char *text = NULL;
    size_t len = 0;
    uint64_t number = 0;
    jlong signed_number;
    orapool_error *error;
    orapool_status status;
    jbyteArray array = NULL;
    (void)cls;
    if (lib.optional.events == NULL) {
        glue_throw_missing(env, "the library that is loaded has no events (orapool_events)");
        return NULL;
    }
    status = lib.optional.events(HANDLE(orapool, pool), (uint64_t)after, &text, &len, &number, &error);
    if (glue_succeeded(env, status, error)) {
        signed_number = (jlong)number;
        (*env)->SetLongArrayRegion(env, last, 0, 1, &signed_number);
        array = glue_bytes(env, text == NULL ? "" : text, len);
    }
    lib.text_free(text);
    return array;
}

static int has_requests(JNIEnv *env)
{
    if (lib.optional.request_start != NULL)
        return 1;
    glue_throw_missing(env, "the library that is loaded has no requests (orapool_request_start)");
    return 0;
}

NATIVE(jlong, requestStart)
(JNIEnv *env, jclass cls, jlong pool, jlong attrs, jbyteArray tag, jint mode, jlong user_data)
{
    struct glue_text text;
    struct orapool_request *request;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!has_requests(env) || !glue_text_read(env, tag, &text))
        return 0;
    status = lib.optional.request_start(HANDLE(orapool, pool), HANDLE(orapool_attrs, attrs), text.bytes, text.len,
                                        (uint32_t)mode, (uint64_t)user_data, &request, &error);
    glue_text_done(&text);
    return glue_succeeded(env, status, error) ? TOKEN(request) : 0;
}

/* A descriptor, or a status below 0. */
NATIVE(jint, completionFd)(JNIEnv *env, jclass cls, jlong pool)
{
    (void)cls;
    return has_requests(env) ? lib.optional.completion_fd(HANDLE(orapool, pool)) : 0;
}

static void discard(int fd, int *ended)
{
    char bytes[64];
    ssize_t got;
    do {
        got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (got > 0 || (got < 0 && errno == EINTR));
    *ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Waits until completions may be there, and takes the signal off the socket. False: the pool's handle was closed. */
NATIVE(jboolean, awaitCompletions)(JNIEnv *env, jclass cls, jint fd)
{
    struct pollfd waited = {0, POLLIN, 0};
    int ended = 0;
    int ready;
    (void)env;
    (void)cls;
    waited.fd = fd;
    do {
        ready = poll(&waited, 1, -1);
    } while (ready < 0 && errno == EINTR);
    discard(fd, &ended);
    return ended ? JNI_FALSE : JNI_TRUE;
}

NATIVE(void, closeFd)(JNIEnv *env, jclass cls, jint fd)
{
    (void)env;
    (void)cls;
    close(fd);
}

/* completion: an array of two numbers, user_data and request. False: there is none now. */
NATIVE(jboolean, nextCompletion)(JNIEnv *env, jclass cls, jlong pool, jlongArray completion)
{
    struct orapool_request *request;
    uint64_t user_data;
    jlong numbers[2];
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!has_requests(env))
        return JNI_FALSE;
    status = lib.optional.next_completion(HANDLE(orapool, pool), &user_data, &request, &error);
    if (!glue_succeeded(env, status, error) || status == ORAPOOL_PENDING)
        return JNI_FALSE;
    numbers[0] = (jlong)user_data;
    numbers[1] = TOKEN(request);
    (*env)->SetLongArrayRegion(env, completion, 0, 2, numbers);
    return JNI_TRUE;
}

NATIVE(jlong, requestFinish)(JNIEnv *env, jclass cls, jlong request, jobject outcome)
{
    orapool_session *session;
    int32_t found;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!has_requests(env))
        return 0;
    status = lib.optional.request_finish(HANDLE(struct orapool_request, request), &session, NULL, NULL, &found, &error);
    if (!glue_succeeded_with(env, status, error, outcome))
        return 0;
    if (found != 0)
        (*env)->SetBooleanField(env, outcome, java.outcome_found, JNI_TRUE);
    return TOKEN(session);
}

NATIVE(void, requestCancel)(JNIEnv *env, jclass cls, jlong request)
{
    (void)cls;
    if (has_requests(env))
        lib.optional.request_cancel(HANDLE(struct orapool_request, request));
}

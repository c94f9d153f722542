/* Texts in and out, and errors as exceptions. */

#include "glue.h"

#include <stdlib.h>
#include <string.h>

static void throw_out_of_memory(JNIEnv *env)
{
    jclass cls = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
    if (cls == NULL)
        return;
    (*env)->ThrowNew(env, cls, "native memory for a text");
    (*env)->DeleteLocalRef(env, cls);
}

int glue_text_read(JNIEnv *env, jbyteArray array, struct glue_text *text)
{
    char *room = text->room;
    jsize len;
    text->bytes = NULL;
    text->len = 0;
    text->heap = NULL;
    if (array == NULL)
        return 1;
    len = (*env)->GetArrayLength(env, array);
    /* A NUL stands behind the bytes, for dlopen. */
    if ((size_t)len >= sizeof text->room) {
        room = text->heap = malloc((size_t)len + 1);
        if (room == NULL) {
            throw_out_of_memory(env);
            return 0;
        }
    }
    (*env)->GetByteArrayRegion(env, array, 0, len, (jbyte *)room);
    room[len] = '\0';
    text->bytes = room;
    text->len = (size_t)len;
    return 1;
}

void glue_text_done(struct glue_text *text)
{
    /* Volatile: the compiler must not see that nobody reads it again. */
    volatile char *bytes = text->heap != NULL ? text->heap : text->room;
    size_t at;
    for (at = 0; at < text->len; at++)
        bytes[at] = 0;
    free(text->heap);
    text->heap = NULL;
    text->len = 0;
}

jbyteArray glue_bytes(JNIEnv *env, const char *bytes, size_t len)
{
    jbyteArray array;
    if (bytes == NULL)
        return NULL;
    if (len > INT32_MAX) {
        throw_out_of_memory(env);
        return NULL;
    }
    array = (*env)->NewByteArray(env, (jsize)len);
    if (array != NULL && len > 0)
        (*env)->SetByteArrayRegion(env, array, 0, (jsize)len, (const jbyte *)bytes);
    return array;
}

/* One error of a chain, with the exception of its cause. */
static jthrowable one_exception(JNIEnv *env, const orapool_error *error, orapool_status status, jthrowable cause)
{
    size_t len;
    const char *text = lib.error_message(error, &len);
    jbyteArray message = glue_bytes(env, text, len);
    jthrowable exception;
    if (text != NULL && message == NULL)
        return NULL;
    exception = (*env)->NewObject(env, java.exception_class, java.exception_new, (jint)status,
                                  (jint)lib.error_code(error), message,
                                  lib.error_is_transient(error) ? JNI_TRUE : JNI_FALSE,
                                  lib.error_is_session_dead(error) ? JNI_TRUE : JNI_FALSE, cause);
    if (message != NULL)
        (*env)->DeleteLocalRef(env, message);
    return (*env)->ExceptionCheck(env) ? NULL : exception;
}

/* The causes first: an exception is made with its cause. */
jthrowable glue_exception(JNIEnv *env, const orapool_error *error, orapool_status status)
{
    const orapool_error *next = lib.error_next(error);
    jthrowable cause = NULL, exception;
    if (next != NULL) {
        cause = glue_exception(env, next, lib.error_status(next));
        if (cause == NULL)
            return NULL;
    }
    exception = one_exception(env, error, status, cause);
    if (cause != NULL)
        (*env)->DeleteLocalRef(env, cause);
    return exception;
}

int glue_succeeded(JNIEnv *env, orapool_status status, orapool_error *error)
{
    if (status < 0) {
        jthrowable exception = glue_exception(env, error, status);
        if (exception != NULL) {
            (*env)->Throw(env, exception);
            (*env)->DeleteLocalRef(env, exception);
        }
    }
    if (error != NULL)
        lib.error_free(error);
    return status >= 0;
}

int glue_succeeded_with(JNIEnv *env, orapool_status status, orapool_error *error, jobject outcome)
{
    if (status >= 0 && error != NULL) {
        jthrowable warning = glue_exception(env, error, status);
        /* Without memory for the warning the session still has to reach its owner. */
        (*env)->ExceptionClear(env);
        (*env)->SetObjectField(env, outcome, java.outcome_warning, warning);
        if (warning != NULL)
            (*env)->DeleteLocalRef(env, warning);
    }
    return glue_succeeded(env, status, error);
}

void glue_throw_missing(JNIEnv *env, const char *what)
{
    jbyteArray message = glue_bytes(env, what, strlen(what));
    jthrowable exception;
    if (message == NULL)
        return;
    exception = (*env)->NewObject(env, java.exception_class, java.exception_new, (jint)ORAPOOL_UNSUPPORTED, 0,
                                  message, JNI_FALSE, JNI_FALSE, NULL);
    if (exception != NULL && !(*env)->ExceptionCheck(env))
        (*env)->Throw(env, exception);
}

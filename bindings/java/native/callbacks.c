/* From the library into Java: the session callback. */

#include "glue.h"

/* The environment of this thread, which is attached for as long as the call lasts if it is none of Java's: a pool is
 * shared, and a get of another language runs this callback as well. NULL if there is no JVM any more. */
static JNIEnv *enter(int *attached)
{
    JavaVMAttachArgs args = {JNI_VERSION_10, NULL, NULL};
    JNIEnv *env = NULL;
    char name[] = "orapool-callback";
    *attached = 0;
    if ((*java.vm)->GetEnv(java.vm, (void **)&env, JNI_VERSION_10) == JNI_OK)
        return env;
    args.name = name;
    if ((*java.vm)->AttachCurrentThreadAsDaemon(java.vm, (void **)&env, &args) != JNI_OK)
        return NULL;
    *attached = 1;
    return env;
}

static void leave(JNIEnv *env, int attached)
{
    /* Callbacks.run catches all; what is left is a failure inside the failure. Nothing may cross the library. */
    (*env)->ExceptionClear(env);
    if (attached)
        (*java.vm)->DetachCurrentThread(java.vm);
}

/* Calls Callbacks.run; 0, which is a failure, if that could not be called or threw. */
static int32_t run(JNIEnv *env, void *ctx, orapool_session *session, jbyteArray wanted, jbyteArray actual)
{
    jint result = (*env)->CallStaticIntMethod(env, java.callbacks_class, java.callbacks_run, TOKEN(ctx),
                                              TOKEN(session), wanted, actual);
    return (*env)->ExceptionCheck(env) ? 0 : result;
}

int32_t glue_callback(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len, const char *actual,
                      size_t actual_len)
{
    int attached;
    int32_t result = 0;
    jbyteArray wanted_bytes, actual_bytes = NULL;
    JNIEnv *env = enter(&attached);
    if (env == NULL)
        return 0;
    wanted_bytes = glue_bytes(env, wanted, wanted_len);
    if (!(*env)->ExceptionCheck(env))
        actual_bytes = glue_bytes(env, actual, actual_len);
    if (!(*env)->ExceptionCheck(env))
        result = run(env, ctx, session, wanted_bytes, actual_bytes);
    if (wanted_bytes != NULL)
        (*env)->DeleteLocalRef(env, wanted_bytes);
    if (actual_bytes != NULL)
        (*env)->DeleteLocalRef(env, actual_bytes);
    leave(env, attached);
    return result;
}

void glue_callback_released(void *ctx)
{
    int attached;
    JNIEnv *env = enter(&attached);
    if (env == NULL)
        return;
    (*env)->CallStaticVoidMethod(env, java.callbacks_class, java.callbacks_released, TOKEN(ctx));
    leave(env, attached);
}

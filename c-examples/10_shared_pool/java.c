/* A JVM inside a C program, by the JNI invocation API.
 *
 * Compiled with JVM_LIBRARY (the path of libjvm.so) and JAVA_CLASS_PATH, or without both where there is no JDK. */

#include "runtimes.h"

#include <stddef.h>

#ifndef JVM_LIBRARY

static const char *missing(void)
{
    return "no JDK 17 or later was found when this was compiled";
}

const struct runtime java = {"Java", missing, NULL, NULL, NULL, NULL};

#else

#include <dlfcn.h>
#include <jni.h>
#include <stdio.h>
#include <string.h>

static JavaVM *jvm;
static JNIEnv *env;
static jclass shared_pool;

static const char *missing(void)
{
    return NULL;
}

/* A pending exception has to be told and cleared before the next call of JNI. */
static int no_exception(void)
{
    if (!(*env)->ExceptionCheck(env))
        return 1;
    (*env)->ExceptionDescribe(env);
    return 0;
}

static int start(void)
{
    typedef jint (*create)(JavaVM **jvm, void **env, void *arguments);
    create create_jvm;
    JavaVMOption options[2] = {{(char *)"-Djava.class.path=" JAVA_CLASS_PATH, NULL},
                               /* SIGINT, SIGTERM and SIGHUP stay the host's. SIGSEGV the JVM needs for itself, and what
                                * is not its own it hands on to a handler that was there before. */
                               {(char *)"-Xrs", NULL}};
    JavaVMInitArgs arguments = {JNI_VERSION_10, 2, options, JNI_FALSE};
    void *library = dlopen(JVM_LIBRARY, RTLD_NOW);
    void *symbol = library != NULL ? dlsym(library, "JNI_CreateJavaVM") : NULL;
    if (symbol == NULL) {
        fprintf(stderr, "Java: %s\n", dlerror());
        return 0;
    }
    /* ISO C has no cast from data to code; POSIX says that the bytes are the same. */
    memcpy(&create_jvm, &symbol, sizeof create_jvm);
    if (create_jvm(&jvm, (void **)&env, &arguments) != JNI_OK) {
        fprintf(stderr, "Java: the JVM did not start\n");
        return 0;
    }
    shared_pool = (*env)->FindClass(env, "SharedPool");
    return no_exception();
}

static int work(const char *pool, uint64_t instance, const char *wanted, const char *language)
{
    jmethodID method = (*env)->GetStaticMethodID(env, shared_pool, "work",
                                                 "(Ljava/lang/String;JLjava/lang/String;Ljava/lang/String;)V");
    if (no_exception())
        (*env)->CallStaticVoidMethod(env, shared_pool, method, (*env)->NewStringUTF(env, pool), (jlong)instance,
                                     (*env)->NewStringUTF(env, wanted), (*env)->NewStringUTF(env, language));
    return no_exception();
}

static int meet_the_limit(const char *pool)
{
    jmethodID method = (*env)->GetStaticMethodID(env, shared_pool, "meetTheLimit", "(Ljava/lang/String;)V");
    if (no_exception())
        (*env)->CallStaticVoidMethod(env, shared_pool, method, (*env)->NewStringUTF(env, pool));
    return no_exception();
}

static int stop(void)
{
    return (*jvm)->DestroyJavaVM(jvm) == JNI_OK;
}

const struct runtime java = {"Java", missing, start, work, meet_the_limit, stop};

#endif

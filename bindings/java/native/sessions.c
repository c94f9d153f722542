/* Sessions. */

#include "glue.h"

NATIVE(jlong, sessionGet)
(JNIEnv *env, jclass cls, jlong pool, jlong attrs, jbyteArray tag, jint mode, jobject outcome)
{
    struct glue_text text;
    orapool_session *session;
    int32_t found;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, tag, &text))
        return 0;
    status = lib.session_get(HANDLE(orapool, pool), &session, HANDLE(orapool_attrs, attrs), text.bytes, text.len, NULL,
                             NULL, &found, (uint32_t)mode, &error);
    glue_text_done(&text);
    if (!glue_succeeded_with(env, status, error, outcome))
        return 0;
    if (found != 0)
        (*env)->SetBooleanField(env, outcome, java.outcome_found, JNI_TRUE);
    return TOKEN(session);
}

NATIVE(void, sessionRelease)(JNIEnv *env, jclass cls, jlong session, jbyteArray tag, jint mode)
{
    struct glue_text text;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, tag, &text))
        return;
    status = lib.session_release(HANDLE(orapool_session, session), text.bytes, text.len, (uint32_t)mode, &error);
    glue_text_done(&text);
    glue_succeeded(env, status, error);
}

NATIVE(jboolean, sessionIsNew)(JNIEnv *env, jclass cls, jlong session)
{
    (void)env;
    (void)cls;
    return lib.session_is_new(HANDLE(orapool_session, session)) ? JNI_TRUE : JNI_FALSE;
}

/* SID in the upper half, serial number in the lower. */
NATIVE(jlong, sessionIdentity)(JNIEnv *env, jclass cls, jlong session)
{
    uint32_t sid, serial;
    orapool_error *error;
    orapool_status status = lib.session_identity(HANDLE(orapool_session, session), &sid, &serial, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? (jlong)((uint64_t)sid << 32 | serial) : 0;
}

NATIVE(jlong, sessionExecute)(JNIEnv *env, jclass cls, jlong session, jbyteArray sql)
{
    struct glue_text text;
    uint64_t rows;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, sql, &text))
        return 0;
    status = lib.session_execute(HANDLE(orapool_session, session), text.bytes, text.len, &rows, &error);
    glue_text_done(&text);
    return glue_succeeded(env, status, error) ? (jlong)rows : 0;
}

NATIVE(void, sessionCommit)(JNIEnv *env, jclass cls, jlong session)
{
    orapool_error *error;
    orapool_status status = lib.session_commit(HANDLE(orapool_session, session), &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, sessionRollback)(JNIEnv *env, jclass cls, jlong session)
{
    orapool_error *error;
    orapool_status status = lib.session_rollback(HANDLE(orapool_session, session), &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, sessionPing)(JNIEnv *env, jclass cls, jlong session)
{
    orapool_error *error;
    orapool_status status = lib.session_ping(HANDLE(orapool_session, session), &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, sessionBreak)(JNIEnv *env, jclass cls, jlong session)
{
    orapool_error *error;
    orapool_status status = lib.session_break(HANDLE(orapool_session, session), &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, sessionSetCallTimeout)(JNIEnv *env, jclass cls, jlong session, jlong timeout_ms)
{
    orapool_error *error;
    orapool_status status = lib.session_set_call_timeout(HANDLE(orapool_session, session), timeout_ms, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(jbyteArray, sessionTag)(JNIEnv *env, jclass cls, jlong session)
{
    size_t len;
    const char *tag = lib.session_tag(HANDLE(orapool_session, session), &len);
    (void)cls;
    return glue_bytes(env, tag, len);
}

NATIVE(void, sessionSetTag)(JNIEnv *env, jclass cls, jlong session, jbyteArray tag, jint mode)
{
    struct glue_text text;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, tag, &text))
        return;
    status = lib.session_set_tag(HANDLE(orapool_session, session), text.bytes, text.len, (uint32_t)mode, &error);
    glue_text_done(&text);
    glue_succeeded(env, status, error);
}

NATIVE(jint, sessionDrcpState)(JNIEnv *env, jclass cls, jlong session)
{
    (void)env;
    (void)cls;
    return lib.session_drcp_state(HANDLE(orapool_session, session));
}

NATIVE(jboolean, sessionDrcpEnabled)(JNIEnv *env, jclass cls, jlong session)
{
    (void)env;
    (void)cls;
    return lib.session_drcp_enabled(HANDLE(orapool_session, session)) ? JNI_TRUE : JNI_FALSE;
}

NATIVE(jboolean, sessionDrcpMultitagEnabled)(JNIEnv *env, jclass cls, jlong session)
{
    (void)env;
    (void)cls;
    return lib.session_drcp_multitag_enabled(HANDLE(orapool_session, session)) ? JNI_TRUE : JNI_FALSE;
}

NATIVE(jbyteArray, sessionDrcpReturnTag)(JNIEnv *env, jclass cls, jlong session)
{
    size_t len;
    const char *tag = lib.session_drcp_return_tag(HANDLE(orapool_session, session), &len);
    (void)cls;
    return glue_bytes(env, tag, len);
}

NATIVE(jboolean, sessionNeedToPurge)(JNIEnv *env, jclass cls, jlong session)
{
    (void)env;
    (void)cls;
    return lib.session_need_to_purge_statement_cache(HANDLE(orapool_session, session)) ? JNI_TRUE : JNI_FALSE;
}

NATIVE(jboolean, sessionAttach)(JNIEnv *env, jclass cls, jlong session, jbyteArray tag)
{
    struct glue_text text;
    int32_t found;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, tag, &text))
        return JNI_FALSE;
    status = lib.session_attach(HANDLE(orapool_session, session), text.bytes, text.len, &found, &error);
    glue_text_done(&text);
    return glue_succeeded(env, status, error) && found ? JNI_TRUE : JNI_FALSE;
}

NATIVE(void, sessionDetach)(JNIEnv *env, jclass cls, jlong session, jbyteArray tag)
{
    struct glue_text text;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, tag, &text))
        return;
    status = lib.session_detach(HANDLE(orapool_session, session), text.bytes, text.len, &error);
    glue_text_done(&text);
    glue_succeeded(env, status, error);
}

/* Statements. */

#include "glue.h"

NATIVE(jlong, stmtPrepare)(JNIEnv *env, jclass cls, jlong session, jbyteArray sql)
{
    struct glue_text text;
    orapool_stmt *stmt;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, sql, &text))
        return 0;
    status = lib.stmt_prepare(HANDLE(orapool_session, session), text.bytes, text.len, &stmt, &error);
    glue_text_done(&text);
    return glue_succeeded(env, status, error) ? TOKEN(stmt) : 0;
}

NATIVE(void, stmtBindNull)(JNIEnv *env, jclass cls, jlong stmt, jint position)
{
    orapool_error *error;
    orapool_status status = lib.stmt_bind_null(HANDLE(orapool_stmt, stmt), (uint32_t)position, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, stmtBindInt)(JNIEnv *env, jclass cls, jlong stmt, jint position, jlong value)
{
    orapool_error *error;
    orapool_status status = lib.stmt_bind_int(HANDLE(orapool_stmt, stmt), (uint32_t)position, value, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, stmtBindDouble)(JNIEnv *env, jclass cls, jlong stmt, jint position, jdouble value)
{
    orapool_error *error;
    orapool_status status = lib.stmt_bind_double(HANDLE(orapool_stmt, stmt), (uint32_t)position, value, &error);
    (void)cls;
    glue_succeeded(env, status, error);
}

NATIVE(void, stmtBindText)(JNIEnv *env, jclass cls, jlong stmt, jint position, jbyteArray value)
{
    struct glue_text text;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, value, &text))
        return;
    status = lib.stmt_bind_text(HANDLE(orapool_stmt, stmt), (uint32_t)position, text.bytes, text.len, &error);
    glue_text_done(&text);
    glue_succeeded(env, status, error);
}

NATIVE(void, stmtBindBytes)(JNIEnv *env, jclass cls, jlong stmt, jint position, jbyteArray value)
{
    struct glue_text bytes;
    orapool_error *error;
    orapool_status status;
    (void)cls;
    if (!glue_text_read(env, value, &bytes))
        return;
    status = lib.stmt_bind_bytes(HANDLE(orapool_stmt, stmt), (uint32_t)position, bytes.bytes, bytes.len, &error);
    glue_text_done(&bytes);
    glue_succeeded(env, status, error);
}

NATIVE(jlong, stmtExecute)(JNIEnv *env, jclass cls, jlong stmt)
{
    uint64_t rows;
    orapool_error *error;
    orapool_status status = lib.stmt_execute(HANDLE(orapool_stmt, stmt), &rows, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? (jlong)rows : 0;
}

NATIVE(jboolean, stmtFetch)(JNIEnv *env, jclass cls, jlong stmt)
{
    orapool_error *error;
    orapool_status status = lib.stmt_fetch(HANDLE(orapool_stmt, stmt), &error);
    (void)cls;
    return glue_succeeded(env, status, error) && status != ORAPOOL_NO_DATA ? JNI_TRUE : JNI_FALSE;
}

NATIVE(jint, stmtColumnCount)(JNIEnv *env, jclass cls, jlong stmt)
{
    (void)env;
    (void)cls;
    return (jint)lib.stmt_column_count(HANDLE(orapool_stmt, stmt));
}

NATIVE(jbyteArray, stmtColumnName)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    size_t len;
    const char *name = lib.stmt_column_name(HANDLE(orapool_stmt, stmt), (uint32_t)column, &len);
    (void)cls;
    return glue_bytes(env, name, len);
}

NATIVE(jboolean, stmtColumnIsNull)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    (void)env;
    (void)cls;
    return lib.stmt_column_is_null(HANDLE(orapool_stmt, stmt), (uint32_t)column) ? JNI_TRUE : JNI_FALSE;
}

NATIVE(jlong, stmtColumnInt)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    int64_t value;
    orapool_error *error;
    orapool_status status = lib.stmt_column_int(HANDLE(orapool_stmt, stmt), (uint32_t)column, &value, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? (jlong)value : 0;
}

NATIVE(jdouble, stmtColumnDouble)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    double value;
    orapool_error *error;
    orapool_status status = lib.stmt_column_double(HANDLE(orapool_stmt, stmt), (uint32_t)column, &value, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? value : 0.0;
}

NATIVE(jbyteArray, stmtColumnText)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    const char *text;
    size_t len;
    orapool_error *error;
    orapool_status status = lib.stmt_column_text(HANDLE(orapool_stmt, stmt), (uint32_t)column, &text, &len, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? glue_bytes(env, text, len) : NULL;
}

NATIVE(jbyteArray, stmtColumnBytes)(JNIEnv *env, jclass cls, jlong stmt, jint column)
{
    const void *bytes;
    size_t len;
    orapool_error *error;
    orapool_status status = lib.stmt_column_bytes(HANDLE(orapool_stmt, stmt), (uint32_t)column, &bytes, &len, &error);
    (void)cls;
    return glue_succeeded(env, status, error) ? glue_bytes(env, bytes, len) : NULL;
}

NATIVE(void, stmtFree)(JNIEnv *env, jclass cls, jlong stmt)
{
    (void)env;
    (void)cls;
    lib.stmt_free(HANDLE(orapool_stmt, stmt));
}

/* orapool.h - the Oracle session pool that every runtime in a process shares.
 *
 * Generated from src/capi; do not edit. `ORAPOOL_BLESS=1 cargo test --test header` writes it anew.
 *
 * What holds for every function:
 *
 * Calls     return an orapool_status. `error` is the last parameter of each call that can fail, may be NULL, and is
 *           written on every return: NULL, or an error that the caller frees with orapool_error_free. There is no
 *           "last error" of a thread.
 * Out       parameters are written on every path: on failure with NULL or 0.
 * Text in   is UTF-8 bytes and a length, or ORAPOOL_NTS for text that ends with a NUL. NULL with length 0 or
 *           ORAPOOL_NTS, and empty text, mean absent; NULL with another length is an invalid argument. Single tags
 *           alone may be any bytes.
 * Text out  is a pointer and a length, with a NUL behind it, owned by the handle that it came from.
 * Handles   (all but orapool_error) are tokens, never addresses: do not look behind them. One that is stale, of
 *           another kind, NULL or garbage gives ORAPOOL_INVALID_HANDLE, never undefined behaviour. Of two threads
 *           that release one session exactly one succeeds.
 * Threads   Pools, attributes and requests may be used from any threads at once. A session, its statements and an
 *           error belong to one thread at a time; orapool_session_break alone may come from another.
 * Bits      and formats that are unknown, in whichever call: ORAPOOL_INVALID_ARGUMENT with 24300. Unknown
 *           attributes: ORAPOOL_UNSUPPORTED with 24315.
 * Callbacks run on the thread inside the call that they belong to, with no lock held. Their success is 1, because 0
 *           is what a binding returns for code that raised.
 * Accessors without a status give NULL or 0 for a bad handle and in a forked child.
 * Bugs      of the library do not unwind into the caller: ORAPOOL_PANIC, and the pool stays usable.
 * fork()    leaves the child with ORAPOOL_FORKED from everything but orapool_version, orapool_status_name, what
 *           reads or frees errors, and the frees. The child never touches the parent's connections. With
 *           orapool_after_fork it begins anew, and can make pools of its own.
 * Times     are in milliseconds and say so in their names; -1 = for ever or never, 0 = at once, unless said
 *           otherwise.
 *
 * Behaviour follows OCI's session pool (OCISessionPoolCreate, OCISessionGet, OCISessionRelease) as Oracle's
 * documentation and the tests of Oracle's drivers show it; where a function departs from that it says so.
 */


#ifndef ORAPOOL_H
#define ORAPOOL_H

#include <stddef.h>
#include <stdint.h>

/* A length: the text ends with a NUL. */
#define ORAPOOL_NTS ((size_t)-1)

/*
 text: the user who logs on, or `main[proxy]` as in OCI.
 */
#define ORAPOOL_ATTR_USER 1

/*
 text: that user's password. Wiped from memory when the bag goes, and can not be read back.
 */
#define ORAPOOL_ATTR_PASSWORD 2

/*
 text: `embedded:NAME` is the embedded engine, all else an Oracle connect string.
 */
#define ORAPOOL_ATTR_CONNECT_STRING 3

/*
 text: `embedded` or `oci`; default: by the connect string.
 */
#define ORAPOOL_ATTR_DRIVER 4

/*
 text: sessions of different classes never stand in for one another. Under DRCP pools of one user and class share the
 sessions of pooled servers; default there: POOL_CONNECTION_CLASS of the connect string, else one that is made up for the
 pool, which no other shares.
 */
#define ORAPOOL_ATTR_CONNECTION_CLASS 5

/*
 text: the edition of the database that sessions work in.
 */
#define ORAPOOL_ATTR_EDITION 6

/*
 text: V$SESSION_CONNECT_INFO.CLIENT_DRIVER; default `orapool : <version>`.
 */
#define ORAPOOL_ATTR_DRIVER_NAME 7

/*
 text: the folder of `libclntsh.so`, for `oci`; default: where the system looks for libraries, and $ORACLE_HOME/lib. A
 process loads it once, with its first such pool: another folder is an error later.
 */
#define ORAPOOL_ATTR_CLIENT_LIB_DIR 8

/*
 text: the folder of tnsnames.ora, for `oci`; sets TNS_ADMIN for the process, with its first such pool.
 */
#define ORAPOOL_ATTR_CONFIG_DIR 9

/*
 text: a PL/SQL procedure `[schema.][package.]procedure` that is called as procedure(wanted, actual) in a get whose
 session has not the properties that were asked for, before the get returns. It sets the session's state, or raises:
 then the session is dropped and the get fails with 56610. Other names than Oracle's stand in double quotes.
 */
#define ORAPOOL_ATTR_FIXUP_CALLBACK 10

/*
 text, per get: who asks (file:line, request id); shown in leak reports, metrics and time-outs.
 */
#define ORAPOOL_ATTR_CONTEXT 11

/*
 int, default 1: sessions that are kept open.
 */
#define ORAPOOL_ATTR_SESSIONS_MIN 20

/*
 int, default 4, up to 65535: sessions that are never exceeded, ORAPOOL_GET_FORCEGET apart.
 */
#define ORAPOOL_ATTR_SESSIONS_MAX 21

/*
 int, default 1 (0 counts as 1): sessions by which the pool grows.
 */
#define ORAPOOL_ATTR_SESSIONS_INCREMENT 22

/*
 int, default ORAPOOL_GET_WAIT: what a get does when no session is idle.
 */
#define ORAPOOL_ATTR_GET_MODE 23

/*
 int, default 5000: how long a get in ORAPOOL_GET_TIMEDWAIT waits; given to a get it is that get's deadline,
 whatever the mode. -1 = for ever; 0 = for no loan and no connect of others.
 */
#define ORAPOOL_ATTR_WAIT_TIMEOUT_MS 24

/*
 int, default -1 = any number: gets that may wait for loans; one more fails at once (24496). A get that waits for a
 connect of its own does not count.
 */
#define ORAPOOL_ATTR_WAITERS_MAX 25

/*
 int, default 1: all sessions are of the pool's user. 0: each get may name one.
 */
#define ORAPOOL_ATTR_HOMOGENEOUS 26

/*
 int, default 0. 1: log on by the operating system or a wallet, with no user and password.
 */
#define ORAPOOL_ATTR_EXTERNAL_AUTH 27

/*
 int, default ORAPOOL_PURITY_DEFAULT: what others may have left in the session.
 */
#define ORAPOOL_ATTR_PURITY 28

/*
 int, default 0 = never: idle time after which a session is closed while more than the minimum are open.
 */
#define ORAPOOL_ATTR_IDLE_TIMEOUT_MS 30

/*
 int, default 0 = never: age at which a session is closed as soon as it is not on loan; up to 2.5 % less, so that
 sessions which were made together do not end together.
 */
#define ORAPOOL_ATTR_LIFETIME_MAX_MS 31

/*
 int, default 0 = no limit: loans after which a session is closed.
 */
#define ORAPOOL_ATTR_USES_MAX 32

/*
 int, default 60000: idle time after which a session is pinged before it is handed out; 0 always, -1 never.
 */
#define ORAPOOL_ATTR_PING_INTERVAL_MS 33

/*
 int, default 5000: how long such a ping may take, within the get's own deadline; -1 = for ever.
 */
#define ORAPOOL_ATTR_PING_TIMEOUT_MS 34

/*
 int, default 20000: how long a connect may take, then 12170; -1 = for ever. `oci` can not stop a log-on that hangs: it
 is left alone, and the connect string has to limit it (TRANSPORT_CONNECT_TIMEOUT and the like). While 32 log-ons to one
 database hang like that, the next fail with 12170 at once.
 */
#define ORAPOOL_ATTR_CONNECT_TIMEOUT_MS 35

/*
 int, default 20: statements that a session keeps parsed, where the driver does that (`embedded` keeps a number of
 its own).
 */
#define ORAPOOL_ATTR_STATEMENT_CACHE_SIZE 36

/*
 int, default 0 = off: a loan that lasts longer is counted as a leak, and is an event (orapool_events).
 */
#define ORAPOOL_ATTR_LEAK_AFTER_MS 37

/*
 int, default 4, 1 to 64: connects that are made side by side.
 */
#define ORAPOOL_ATTR_CONNECTS_MAX 38

/*
 int, default 0 = off: a get that waits so long, or longer, is an event when its wait is over (orapool_events).
 */
#define ORAPOOL_ATTR_WAIT_REPORT_MS 39

/*
 Waits for as long as it takes.
 */
#define ORAPOOL_GET_WAIT 0

/*
 Waits for nobody else; connects for itself while there is a place.
 */
#define ORAPOOL_GET_NOWAIT 1

/*
 Connects beyond the maximum rather than wait; then ORAPOOL_SUCCESS_WITH_INFO, 24417.
 */
#define ORAPOOL_GET_FORCEGET 2

/*
 Waits for ORAPOOL_ATTR_WAIT_TIMEOUT_MS.
 */
#define ORAPOOL_GET_TIMEDWAIT 3

/*
 As ORAPOOL_PURITY_SELF.
 */
#define ORAPOOL_PURITY_DEFAULT 0

/*
 A session that nobody has had.
 */
#define ORAPOOL_PURITY_NEW 1

/*
 Whatever others of the same user and class left.
 */
#define ORAPOOL_PURITY_SELF 2

/*
 What a session callback returns when the session is as it should be. Every other value is a failure; 0 among them,
 because it is what many bindings return for code that raised.
 */
#define ORAPOOL_CALLBACK_OK 1

/*
 From orapool_session_drcp_state: the session has a server of its own, or the handle is bad.
 */
#define ORAPOOL_DRCP_NONE 0

/*
 From orapool_session_drcp_state: a line to the broker, and no server.
 */
#define ORAPOOL_DRCP_DETACHED 1

/*
 From orapool_session_drcp_state: a call attached a server.
 */
#define ORAPOOL_DRCP_ATTACHED_IMPLICIT 2

/*
 From orapool_session_drcp_state: the get or orapool_session_attach attached a server.
 */
#define ORAPOOL_DRCP_ATTACHED_EXPLICIT 3

/*
 Done.
 */
#define ORAPOOL_SUCCESS 0

/*
 Done; *error holds a warning (24414, 24417, or the database's at a log-on, such as 28002).
 */
#define ORAPOOL_SUCCESS_WITH_INFO 1

/*
 Not yet complete.
 */
#define ORAPOOL_PENDING 2

/*
 No more rows.
 */
#define ORAPOOL_NO_DATA 100

/*
 The database refused or the pool's state does: orapool_error_code gives the ORA number.
 */
#define ORAPOOL_ERROR -1

/*
 A handle that is NULL, used up, of another kind, or never was one.
 */
#define ORAPOOL_INVALID_HANDLE -2

/*
 An argument that can not be used; the message says what would be right.
 */
#define ORAPOOL_INVALID_ARGUMENT -3

/*
 No session in time: 24457, 24459 and 24496 tell why.
 */
#define ORAPOOL_TIMEOUT -4

/*
 The pool is closed or closing (24461).
 */
#define ORAPOOL_CLOSED -5

/*
 An attribute or struct size that is unknown here, or something that the driver can not do.
 */
#define ORAPOOL_UNSUPPORTED -6

/*
 A pool of that name exists, with other attributes.
 */
#define ORAPOOL_CONFLICT -7

/*
 A session callback failed.
 */
#define ORAPOOL_CALLBACK_FAILED -8

/*
 This process was forked off one that used the library; the pools are the parent's.
 */
#define ORAPOOL_FORKED -9

/*
 The request was cancelled.
 */
#define ORAPOOL_CANCELLED -10

/*
 A bug of the library, caught; the pool stays usable.
 */
#define ORAPOOL_PANIC -99

/*
 Major version of this header.
 */
#define ORAPOOL_VERSION_MAJOR 0

/*
 Minor version of this header.
 */
#define ORAPOOL_VERSION_MINOR 1

/*
 Patch level of this header.
 */
#define ORAPOOL_VERSION_PATCH 0

/*
 For orapool_create: a pool of that name must not exist.
 */
#define ORAPOOL_CREATE_NEW 0

/*
 For orapool_create: open the pool if it exists with the same attributes.
 */
#define ORAPOOL_CREATE_OR_OPEN 1

/*
 For orapool_close: only if no session is on loan and no get waits.
 */
#define ORAPOOL_CLOSE_DEFAULT 0

/*
 For orapool_close: now, for every handle of the pool.
 */
#define ORAPOOL_CLOSE_FORCE 1

/*
 For orapool_session_get: a session that nobody has had, whatever the attribute says. The value is OCI's.
 */
#define ORAPOOL_SESSGET_PURITY_NEW 64

/*
 For orapool_session_get: whatever others of the same user and class left. The value is OCI's.
 */
#define ORAPOOL_SESSGET_PURITY_SELF 128

/*
 For orapool_session_release: closes the session instead of keeping it. The value is OCI's.
 */
#define ORAPOOL_SESSRLS_DROPSESS 1

/*
 For orapool_session_native: OCISvcCtx *.
 */
#define ORAPOOL_NATIVE_OCI_SVCCTX 3

/*
 For orapool_session_native: OCIEnv *.
 */
#define ORAPOOL_NATIVE_OCI_ENV 5

/*
 For orapool_session_native: OCIServer *.
 */
#define ORAPOOL_NATIVE_OCI_SERVER 6

/*
 For orapool_session_native: OCISession *.
 */
#define ORAPOOL_NATIVE_OCI_SESSION 7

/*
 For orapool_metrics: Prometheus' text format.
 */
#define ORAPOOL_METRICS_PROMETHEUS 0

/*
 For orapool_metrics: one JSON object.
 */
#define ORAPOOL_METRICS_JSON 1

/*
 For orapool_session_get: a session with another tag serves as well, when there is none with the one asked for and none
 without. The value is OCI's.
 */
#define ORAPOOL_SESSGET_MATCHANY 32

/*
 For orapool_session_get: the tag is a list of properties, name=value;name=value. The value is OCI's.
 */
#define ORAPOOL_SESSGET_MULTIPROPERTY_TAG 1024

/*
 For orapool_session_release: the session has the tag that is given from now on, or none. The value is OCI's.
 */
#define ORAPOOL_SESSRLS_RETAG 2

/*
 For orapool_session_release with ORAPOOL_SESSRLS_RETAG, and for orapool_session_set_tag: the tag is a list of
 properties, name=value;name=value. The value is OCI's.
 */
#define ORAPOOL_SESSRLS_MULTIPROPERTY_TAG 4

/*
 A pool, as one of its users sees it. Any thread may use it at any time. Freed by orapool_close.
 */
typedef struct orapool orapool;

/*
 A bag of attributes, for the creation of a pool and for gets. Freed by orapool_attrs_free.
 */
typedef struct orapool_attrs orapool_attrs;

/*
 An error or a warning, with its causes behind it. A plain object: one thread at a time, freed once, by
 orapool_error_free.
 */
typedef struct orapool_error orapool_error;

/*
 A get that no thread waits in. Any thread may use it at any time. Freed by orapool_request_finish and by
 orapool_request_cancel.
 */
typedef struct orapool_request orapool_request;

/*
 A session on loan. One thread at a time; orapool_session_break alone may come from another. Freed by
 orapool_session_release.
 */
typedef struct orapool_session orapool_session;

/*
 A statement of a session on loan, with the session's thread rule. Freed by orapool_stmt_free.
 */
typedef struct orapool_stmt orapool_stmt;

/*
 What a call returns: 0 or more is not an error.
 */
typedef int32_t orapool_status;

/*
 Puts a session's state right before orapool_session_get returns it. It is called for a session that nobody has had,
 and for one whose tag is not what was asked for, after the fix-up procedure if the pool has one.

 ctx:        what was given with the callback.
 session:    the session, to work with as after the get. It can not be released in here; the callback says with
             orapool_session_set_tag what the state is now.
 wanted:     the tag that was asked for; NULL = none.
 wanted_len: its length in bytes.
 actual:     the tag that the session has; NULL = none.
 actual_len: its length in bytes.

 Returns ORAPOOL_CALLBACK_OK; with any other value the session is dropped and the get fails with
 ORAPOOL_CALLBACK_FAILED. It runs on the thread of the get, or of orapool_request_finish, with no lock held, from several threads at once if several
 get. It may get other sessions of the same pool; where that would have to wait for a loan without a deadline it
 fails with 24496. A transaction that it leaves open goes on in the loan. Nothing may unwind or jump out of it, nor may the
 thread be ended in it, as pthread_exit does: that ends the process. wanted and actual are there until it returns.
 */
typedef int32_t (*orapool_session_callback)(void *ctx,
                                            orapool_session *session,
                                            const char *wanted,
                                            size_t wanted_len,
                                            const char *actual,
                                            size_t actual_len);

/*
 Called once with ctx when no bag and no pool has the callback any more, on whichever thread gave up the last. Who sets the
 same callback and ctx after that begins a new registration, with a call of its own.
 */
typedef void (*orapool_ctx_free)(void *ctx);

/*
 What a pool looks like and what has happened in it. Only uint64_t, only ever appended to, so that it can be read as
 an array. The caller sets struct_size to sizeof(orapool_stats) before the call; the library writes no more than
 that, and into struct_size how many bytes it wrote.
 */
typedef struct {
    /*
     In: bytes that the caller has room for; out: bytes that were written.
     */
    uint64_t struct_size;
    /*
     Sessions that are open: busy and idle together.
     */
    uint64_t open;
    /*
     Sessions on loan.
     */
    uint64_t busy;
    /*
     Sessions open and not on loan.
     */
    uint64_t idle;
    /*
     Sessions that are being made, or are about to be.
     */
    uint64_t connecting;
    /*
     Gets that wait for a session.
     */
    uint64_t waiting;
    /*
     Gets that succeeded: always releases + busy.
     */
    uint64_t gets;
    /*
     Of these, gets that found the very tag, its properties in whichever order.
     */
    uint64_t gets_tag_exact;
    /*
     Of these, gets that found the tag with more properties.
     */
    uint64_t gets_tag_superset;
    /*
     Of these, gets that took a session with another tag.
     */
    uint64_t gets_tag_partial;
    /*
     Of these, gets that found a session without a tag which had been on loan before.
     */
    uint64_t gets_untagged;
    /*
     Of these, gets that found a session nobody had had.
     */
    uint64_t gets_new;
    /*
     Gets that failed with ORAPOOL_TIMEOUT, but for those in rejected.
     */
    uint64_t timeouts;
    /*
     Gets that were turned away because as many were waiting as ORAPOOL_ATTR_WAITERS_MAX allows.
     */
    uint64_t rejected;
    /*
     Loans that ended, drops among them.
     */
    uint64_t releases;
    /*
     Releases that asked for the session to be closed.
     */
    uint64_t drops;
    /*
     Sessions that were made.
     */
    uint64_t connects;
    /*
     Sessions that could not be made.
     */
    uint64_t connect_failures;
    /*
     Pings of idle sessions before they were handed out.
     */
    uint64_t pings;
    /*
     Pings that were not answered in time.
     */
    uint64_t ping_failures;
    /*
     PL/SQL fix-ups that ran.
     */
    uint64_t fixups;
    /*
     PL/SQL fix-ups that failed; no gets.
     */
    uint64_t fixup_failures;
    /*
     Session callbacks that ran.
     */
    uint64_t callbacks;
    /*
     Session callbacks that failed; no gets.
     */
    uint64_t callback_failures;
    /*
     Sessions closed because they were idle for too long.
     */
    uint64_t closed_idle;
    /*
     Sessions closed because of their age.
     */
    uint64_t closed_lifetime;
    /*
     Sessions closed because they had been lent often enough.
     */
    uint64_t closed_uses;
    /*
     Sessions closed because they were found dead.
     */
    uint64_t closed_dead;
    /*
     Idle sessions that were replaced because a get needed another kind.
     */
    uint64_t evictions;
    /*
     Loans that lasted longer than ORAPOOL_ATTR_LEAK_AFTER_MS.
     */
    uint64_t leaks;
    /*
     Nanoseconds that gets have waited, all together.
     */
    uint64_t wait_ns_total;
    /*
     Nanoseconds of the longest wait.
     */
    uint64_t wait_ns_max;
    /*
     The most sessions that were seen on loan at once. Looked at when statistics are read and by each get that does
     not find the session that its thread released last; a peak made of such short gets alone can go unseen.
     */
    uint64_t peak_busy;
    /*
     Pooled servers that were attached.
     */
    uint64_t drcp_attaches;
    /*
     Attaches that came upon another session than before.
     */
    uint64_t drcp_session_changes;
} orapool_stats;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Makes an empty bag of attributes.

 attrs: out, the bag, the caller's to free with orapool_attrs_free; NULL on failure.

 Returns ORAPOOL_INVALID_ARGUMENT if attrs is NULL. Any thread; never blocks. Since 0.1.
 */
orapool_status orapool_attrs_new(orapool_attrs **attrs, orapool_error **error);

/*
 Sets a text attribute; NULL or an empty text unsets it. The text is copied.

 attr: an ORAPOOL_ATTR_* of kind text.
 text: UTF-8, without NUL characters; NULL with len 0 or ORAPOOL_NTS.
 len:  its length in bytes, or ORAPOOL_NTS.

 Returns ORAPOOL_UNSUPPORTED (24315) for an attribute that this library does not know, ORAPOOL_INVALID_ARGUMENT for
 one that takes a number and for a text that is not UTF-8, has a NUL, or is too long (1024 bytes; connect string,
 directories and context 32768). On an error the bag is as it was. Any thread; never blocks. Since 0.1.
 */
orapool_status orapool_attrs_set_text(orapool_attrs *attrs,
                                      uint32_t attr,
                                      const char *text,
                                      size_t len,
                                      orapool_error **error);

/*
 Sets a number attribute.

 attr:  an ORAPOOL_ATTR_* of kind int.
 value: in the attribute's range; times in milliseconds.

 Returns ORAPOOL_UNSUPPORTED (24315) for an attribute that this library does not know, ORAPOOL_INVALID_ARGUMENT for
 one that takes a text and for a value out of range; the message tells the range. On an error the bag is as it was.
 Any thread; never blocks. Since 0.1.
 */
orapool_status orapool_attrs_set_int(orapool_attrs *attrs,
                                     uint32_t attr,
                                     int64_t value,
                                     orapool_error **error);

/*
 Frees a bag and wipes its password. Pools that were created with it are not affected.

 attrs: NULL, a stale or a foreign handle is fine and does nothing; so does every call in a forked child.

 Any thread; never blocks. Since 0.1.
 */
void orapool_attrs_free(orapool_attrs *attrs);

/*
 Sets the session callback of the pools that are created with this bag.

 callback: the callback; NULL unsets it, and then ctx and ctx_free are NULL.
 ctx:      handed to each call; may be NULL. The library never looks at what it points to.
 ctx_free: called once with ctx when it can be used no more: when the last bag and the last pool with it are gone, and
           no call of it runs. May be NULL. Setting the same callback, ctx and ctx_free again, here or in another bag,
           is the same registration and makes no second call.

 On an error the bag is as it was and ctx is the caller's still. Returns ORAPOOL_INVALID_ARGUMENT if callback is NULL
 and another is not. Any thread; never blocks, but ctx_free of a callback that is replaced runs in here. Since 0.1.
 */
orapool_status orapool_attrs_set_callback(orapool_attrs *attrs,
                                          orapool_session_callback callback,
                                          void *ctx,
                                          orapool_ctx_free ctx_free,
                                          orapool_error **error);

/*
 Whether a pooled server is attached to the session, and by what: an ORAPOOL_DRCP_*.

 Under DRCP (`:pooled` or (SERVER=POOLED) in the connect string) a session on loan is a line to the database's broker.
 A get without a tag takes a line alone, and its first call that needs a server attaches one
 (ORAPOOL_DRCP_ATTACHED_IMPLICIT). A get with a tag, with ORAPOOL_SESSGET_PURITY_NEW, or of a pool with a session
 callback attaches it at once (ORAPOOL_DRCP_ATTACHED_EXPLICIT). Every release gives it back.

 session: a bad handle gives ORAPOOL_DRCP_NONE. The session's thread; never blocks. Since 0.1.
 */
int32_t orapool_session_drcp_state(orapool_session *session);

/*
 1 if the session's server comes from a pool of the database (DRCP), else 0. JDBC's isDRCPEnabled.

 session: a bad handle gives 0. The session's thread; never blocks. Since 0.1.
 */
int32_t orapool_session_drcp_enabled(orapool_session *session);

/*
 1 if the tags that orapool_session_attach and orapool_session_detach take are lists of properties: the session came
 from a get with ORAPOOL_SESSGET_MULTIPROPERTY_TAG, which may have had no tag. Else 0, and they are single tags. JDBC's
 isDRCPMultitagEnabled, where a connection property says it.

 session: a bad handle gives 0, and so does a session with a server of its own. The session's thread; never blocks.
 Since 0.1.
 */
int32_t orapool_session_drcp_multitag_enabled(orapool_session *session);

/*
 The tag that the session of the last attached server came with, whatever it was changed to since. JDBC's
 getDRCPReturnTag.

 len: out, its length in bytes; may be NULL.

 Returns NULL, and 0 in len, if it had none, if none was attached during this loan, for a session with a server of its
 own, for a bad handle and in a forked child. The text belongs to the session: it is there until the next server is
 attached or the session is released. A NUL stands behind it. The session's thread; never blocks. Since 0.1.
 */
const char *orapool_session_drcp_return_tag(orapool_session *session,
                                            size_t *len);

/*
 1 if the last attach came upon another session of the database than the one before it did: what the caller has cached
 of that session (its SID, cursors, settings) is void. The library's own statements go on as they are. JDBC's
 needToPurgeStatementCache.

 session: a bad handle gives 0, and so does a session with a server of its own. The session's thread; never blocks.
 Since 0.1.
 */
int32_t orapool_session_need_to_purge_statement_cache(orapool_session *session);

/*
 Attaches a pooled server. JDBC's attachServerConnection.

 tag:     NULL, or the tag that the server's session should have, as orapool_session_drcp_multitag_enabled says.
 tag_len: its length in bytes, or ORAPOOL_NTS; 0 = no tag.
 found:   out, 1 if the session has the tag or the fix-up procedure made it so; may be NULL.

 Without a tag nothing happens now: the next call that needs a server attaches one. With a tag it is attached at once:
 one with that tag, else one without a tag, and then the fix-up procedure is called if the pool has one. If a server is
 attached already it serves if it has the tag.

 Blocks until a server is free, at most for the wait limit of the loan's get.

 Returns ORAPOOL_TIMEOUT (24457) if none was free in time, ORAPOOL_ERROR with 24487 for a tag that is no list of
 properties, 56610 if the fix-up procedure failed (the loan goes on without a server), or the database's number.
 ORAPOOL_INVALID_ARGUMENT if a server is attached that has another tag. ORAPOOL_UNSUPPORTED for a session with a server
 of its own, and for a tag when the connect string has a POOL_BOUNDARY. The session's thread. Since 0.1.
 */
orapool_status orapool_session_attach(orapool_session *session,
                                      const char *tag,
                                      size_t tag_len,
                                      int32_t *found,
                                      orapool_error **error);

/*
 Gives the pooled server back while the loan goes on, so that others can work while this session waits for something.
 JDBC's detachServerConnection.

 tag:     the tag that the server's session has from now on; NULL or empty = the one that it has.
 tag_len: its length in bytes, or ORAPOOL_NTS.

 Without a server, and without a tag, it does nothing. Statements of the session stay: the next execute attaches a
 server, whose session may be another.

 Returns ORAPOOL_INVALID_ARGUMENT, and nothing has changed, if a transaction is open, if rows of a query were not all
 fetched, or if there is a tag and no server. ORAPOOL_ERROR with 24488 for a tag that is no list of properties, where
 orapool_session_drcp_multitag_enabled is 1. ORAPOOL_UNSUPPORTED for a session with a server of its own. The session's
 thread; blocks for as long as the database takes. Since 0.1.
 */
orapool_status orapool_session_detach(orapool_session *session,
                                      const char *tag,
                                      size_t tag_len,
                                      orapool_error **error);

/*
 The status that the call returned which gave this error, or, of a cause, the status that fits it.

 error: NULL gives ORAPOOL_SUCCESS. The thread that has the error; never blocks; works in a forked child. Since 0.1.
 */
orapool_status orapool_error_status(const orapool_error *error);

/*
 The ORA number, 24496 for ORA-24496; 0 where there is none.

 error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
 */
int32_t orapool_error_code(const orapool_error *error);

/*
 The text for people, in UTF-8, with its ORA number in front where it has one. It never holds a password.

 error: NULL gives NULL.
 len:   out, the length in bytes without the NUL; may be NULL.

 The text ends with a NUL, belongs to the error and lives as long. The thread that has the error; never blocks;
 works in a forked child. Since 0.1.
 */
const char *orapool_error_message(const orapool_error *error,
                                  size_t *len);

/*
 1 if the same call may succeed when it is made again later or on another session, else 0: a get that found no
 session in time, a lost line, a server that is starting. A call timeout (3136) is not among them: the same call on
 the same data takes as long again.

 error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
 */
int32_t orapool_error_is_transient(const orapool_error *error);

/*
 1 if the session that met this error is of no more use, else 0. Its release closes it; the pool makes another.

 error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
 */
int32_t orapool_error_is_session_dead(const orapool_error *error);

/*
 The cause of this error; NULL at the end of the chain.

 error: NULL gives NULL.

 The cause belongs to the error that it was got from and lives as long; do not free it. The thread that has the
 error; never blocks; works in a forked child. Since 0.1.
 */
const orapool_error *orapool_error_next(const orapool_error *error);

/*
 Frees an error and its causes.

 error: NULL is fine. Not a cause that came from orapool_error_next, and none twice: errors are plain objects.

 Any thread, but no two at once; never blocks; works in a forked child. Since 0.1.
 */
void orapool_error_free(orapool_error *error);

/*
 What has happened in a pool: its latest events, at most 1024, each as one line of JSON. The library never calls the
 application to tell of them: ask now and then, and pass what `last` was.

 pool:  a handle of the pool, also of one that was closed through another handle.
 after: 0, or `last` of the call before: events with higher numbers are told.
 text:  out, the events, oldest first, each ending with a line feed, in UTF-8 with a NUL behind it; empty if there are
        none. The caller's to free with orapool_text_free; NULL on failure.
 len:   out, its length in bytes without the NUL; may be NULL.
 last:  out, the number of the pool's newest event, for the next call's `after`; 0 on failure; may be NULL.

 Each line is an object with `number`, counted from 1 in each pool; `time_ms`, milliseconds since 1970, UTC; `kind`;
 `level`, `warn` or `info`; and details by kind, which docs/operating.md lists. Others may be added. If events were
 overwritten before they were read, the first line is {"kind":"lost","count":n}. No password is ever in one.

 Returns ORAPOOL_INVALID_ARGUMENT if `after` is higher than the newest event's number, as it is when it comes from a
 former pool of that name: begin again with 0. Once the handle itself was closed: ORAPOOL_INVALID_HANDLE. Any thread;
 never blocks. Since 0.1.
 */
orapool_status orapool_events(orapool *pool,
                              uint64_t after,
                              char **text,
                              size_t *len,
                              uint64_t *last,
                              orapool_error **error);

/*
 The version of the library that is loaded: major << 16 | minor << 8 | patch. Compare it with the
 ORAPOOL_VERSION_* of the header that you compiled against.

 Any thread; never blocks; works in a forked child. Since 0.1.
 */
uint32_t orapool_version(void);

/*
 A number that this loaded copy of the library has to itself. Two runtimes of a process that see the same number
 share its pools; different numbers mean that two copies of the library were loaded. A create under a name warns of that,
 as far as it shows: a copy in a program that was linked with the archive and exports no symbols can not be seen.

 Never 0, but in a forked child, where it is 0. Any thread; never blocks. Since 0.1.
 */
uint64_t orapool_instance_id(void);

/*
 Lets a forked child use the library: all that its parent had is left to the parent, and the child begins with nothing.

 To be called by the child after fork(), before its first other call; a pre-fork server calls it in each worker. From
 then on the child makes pools of its own, of the same names if it likes; the parent's handles are
 ORAPOOL_INVALID_HANDLE to it, and freeing them does nothing. What the parent's pools had in memory stays there; their
 connections are the parent's, and are not touched. In a process that was not forked, and in a child whose parent did not use
 the library before the fork, it does nothing.

 As with all work in the child of a process with several threads, it is safe only if no other thread was inside the
 library at the fork; the pools' own threads do not count while the pools are idle. If that can not be had, fork before the
 first use, or start the child with exec.

 Returns ORAPOOL_UNSUPPORTED if the parent has loaded Oracle's client library, which can not begin anew, and
 for the eighth child of a child; then the child goes on getting ORAPOOL_FORKED. One thread of the child, before it starts
 others that use the library; never blocks. Since 0.1.
 */
orapool_status orapool_after_fork(orapool_error **error);

/*
 The name of a status, such as "ORAPOOL_TIMEOUT"; "ORAPOOL_?" for a number that is none.

 Never NULL; static, NUL-terminated, not to be freed. Any thread; never blocks; works in a forked child. Since 0.1.
 */
const char *orapool_status_name(orapool_status status);

/*
 Creates a pool and opens ORAPOOL_ATTR_SESSIONS_MIN sessions, or opens a pool that exists.

 name:  the name under which everybody in the process can open it, in UTF-8; NULL: nobody else can.
 attrs: what to connect to, who logs on, sizes and times; copied, stays the caller's. NULL is an empty bag.
 mode:  ORAPOOL_CREATE_NEW or ORAPOOL_CREATE_OR_OPEN. "The same attributes" means all that were set at the creation,
        the password included.
 pool:  out, a handle that is the caller's alone, to be closed with orapool_close; NULL on failure.

 Blocks for as long as the sessions take to be made, at most ORAPOOL_ATTR_CONNECTS_MAX at a time and
 ORAPOOL_ATTR_CONNECT_TIMEOUT_MS each. Heterogeneous pools, those with ORAPOOL_ATTR_EXTERNAL_AUTH and those of pooled
 servers (DRCP, orapool_session_drcp_state) start with none.

 Returns ORAPOOL_SUCCESS_WITH_INFO (24414) if only a part of the minimum could be opened: the pool is usable, goes on
 trying, and the cause comes next in the chain; and with the database's number when a log-on was a success with a
 warning, such as 28002, the password will expire; with both it comes last in the chain; and with code 0 if a pool of
 pooled servers has no connection class, so that one was made up for it; and with code 0 if a pool with a name is made
 while another copy of this library is loaded, which does not share it (orapool_instance_id). ORAPOOL_ERROR with the
 database's number if none could be opened, or if the credentials were refused (1017, 28000, 28001), which is not tried
 again; 24413 for sizes that do not go together, 24415 for a homogeneous pool without a user, 1005 without a password,
 12162 without a connect string.
 ORAPOOL_CONFLICT for a name that is taken; under ORAPOOL_CREATE_OR_OPEN the message names the attributes that differ.
 ORAPOOL_UNSUPPORTED for a driver that this library does not have. ORAPOOL_INVALID_ARGUMENT (24300) for another mode.
 Any thread. Since 0.1.
 */
orapool_status orapool_create(const char *name,
                              size_t name_len,
                              const orapool_attrs *attrs,
                              uint32_t mode,
                              orapool **pool,
                              orapool_error **error);

/*
 Opens a pool that exists in this process, whichever runtime created it.

 name: its name, in UTF-8; not NULL.
 pool: out, a handle that is the caller's alone, to be closed with orapool_close; NULL on failure.

 Waits while another thread is creating that pool. Returns ORAPOOL_ERROR (24416) if there is no pool of that name; the
 message tells if another copy of this library is loaded, which may have it. Any thread. Since 0.1.
 */
orapool_status orapool_open(const char *name,
                            size_t name_len,
                            orapool **pool,
                            orapool_error **error);

/*
 Changes sizes, times and modes of an open pool: all of what `changes` sets, or on an error nothing.

 pool:    the pool; the change is for all of its handles.
 changes: the attributes to change; stays the caller's; not NULL.

 Can be changed: SESSIONS_MIN, SESSIONS_MAX, SESSIONS_INCREMENT, GET_MODE, WAIT_TIMEOUT_MS, WAITERS_MAX, PURITY,
 CONNECTS_MAX and USES_MAX, LIFETIME_MAX_MS, STATEMENT_CACHE_SIZE (for sessions made from now on), IDLE_TIMEOUT_MS,
 PING_INTERVAL_MS, PING_TIMEOUT_MS, CONNECT_TIMEOUT_MS, LEAK_AFTER_MS, WAIT_REPORT_MS. Sessions above a lowered maximum
 are closed at once while they are idle, else when they are released; a raised minimum is filled in the background.

 Returns ORAPOOL_INVALID_ARGUMENT for any other attribute, ORAPOOL_ERROR (24413) for sizes that do not go together,
 ORAPOOL_CLOSED (24461). Blocks only for log-offs. Any thread. Since 0.1.
 */
orapool_status orapool_reconfigure(orapool *pool,
                                   const orapool_attrs *changes,
                                   orapool_error **error);

/*
 Gives a handle up. The last handle of a pool closes the pool; ORAPOOL_CLOSE_FORCE closes it for every handle.

 pool:     the handle; used up unless an error says otherwise.
 mode:     ORAPOOL_CLOSE_DEFAULT or ORAPOOL_CLOSE_FORCE.
 drain_ms: for the last handle, with ORAPOOL_CLOSE_DEFAULT. 0: fail if sessions are on loan. More: gets fail with
           24461 from now on, loans may come back for so many milliseconds, then as ORAPOOL_CLOSE_FORCE. -1: waits for
           ever. On a handle that is not the last, and with ORAPOOL_CLOSE_FORCE, it means nothing.

 When it returns, the sessions are logged off and no thread of the pool is left. FORCE breaks running calls, wakes
 waiting gets with ORAPOOL_CLOSED and takes loans away; a call whose driver does not obey a break for 5 s is left to
 close its session when it ends. A log-on that hangs in Oracle's client library for 5 s more is left alone as well: its
 thread outlasts the close, touches nothing of the pool, and logs off what it gets in the end. Other handles of the pool,
 loans, statements and requests then give ORAPOOL_CLOSED, and closing, releasing, finishing or freeing them still frees
 what they hold. A handle that is given up while the pool stays open takes its queue of completions along; its requests
 go on, to be finished or cancelled by their own handles.

 Returns ORAPOOL_ERROR (24422) if sessions are on loan or gets wait: the pool stays open and the handle valid.
 ORAPOOL_CLOSED (24461) if the pool was closed through another handle (this one is used up), or is being closed
 (it is not). ORAPOOL_INVALID_ARGUMENT for another mode (24300) or a drain_ms below -1: nothing happened. Any thread.
 Since 0.1.
 */
orapool_status orapool_close(orapool *pool,
                             uint32_t mode,
                             int64_t drain_ms,
                             orapool_error **error);

/*
 Asks for a session without waiting for it.

 pool, attrs, tag, tag_len, mode: as for orapool_session_get; attrs stays the caller's and may be freed at once.
 user_data: what orapool_next_completion is to tell the request by; the library does not look at it.
 request:   out, the request, the caller's to end with orapool_request_finish or orapool_request_cancel, on any thread;
            NULL on failure. The request may be complete, and have been told, before this returns.

 Never blocks. The request waits in one queue with the gets, first come, first served, and its deadline, its get mode and
 all else mean what they mean for a get. What may have to wait for the database, a connect, a ping, an attach or a
 fix-up, is done by threads of the pool; the session callback runs in orapool_request_finish.

 Fails as orapool_session_get does for arguments that make no sense, and with ORAPOOL_CLOSED (24461). What else becomes of
 the get, a time-out, a refusal under ORAPOOL_GET_NOWAIT, a connect that fails, is for orapool_request_finish to tell. Any
 thread. Since 0.1.
 */
orapool_status orapool_request_start(orapool *pool,
                                     const orapool_attrs *attrs,
                                     const char *tag,
                                     size_t tag_len,
                                     uint32_t mode,
                                     uint64_t user_data,
                                     orapool_request **request,
                                     orapool_error **error);

/*
 A socket that is readable while there are completions for orapool_next_completion.

 pool: a handle of the pool; each handle has completions of its own.

 Returns a file descriptor, or less than 0: a status (ORAPOOL_INVALID_HANDLE, ORAPOOL_FORKED, or ORAPOOL_ERROR if the
 process can have no more descriptors). It is a stream socket, non-blocking, closed on exec, and the caller's to close;
 further calls give duplicates of it. Wait for it to become readable, read what is in it and throw that away,
 then call orapool_next_completion until that returns ORAPOOL_PENDING. (Who does not read it finds it readable for as
 long as there are completions, and silent after that.)
 When the pool handle is closed, it reads as ended: then the requests that are left are to be finished or cancelled by
 their own handles. Any thread; never blocks. Since 0.1.
 */
int32_t orapool_completion_fd(orapool *pool);

/*
 Tells of a request that is complete: finishing it does not wait any more, but for a session callback.

 pool:      the handle with which the request was started.
 user_data: out, what the request was started with; 0 if there is none; may be NULL.
 request:   out, the handle that orapool_request_start gave; not NULL.

 Each request is told once, in the order in which they completed; one that was finished or cancelled is not told any more.

 Returns ORAPOOL_PENDING if no request is complete, ORAPOOL_CLOSED (24461) if none is and the pool is closed. Any thread;
 never blocks. Since 0.1.
 */
orapool_status orapool_next_completion(orapool *pool,
                                       uint64_t *user_data,
                                       orapool_request **request,
                                       orapool_error **error);

/*
 Ends a request and hands out the session that it has won. Waits for it if it is not complete.

 request:     the request; used up, whatever this returns, but for an ORAPOOL_INVALID_ARGUMENT.
 session, ret_tag, ret_tag_len, found: as for orapool_session_get.

 The session callback, if it is due, runs in here. Returns what orapool_session_get returns, ORAPOOL_SUCCESS_WITH_INFO
 among it; ORAPOOL_CANCELLED if another thread cancels the request meanwhile; ORAPOOL_CLOSED (24461) if the pool was closed:
 then the session is gone. ORAPOOL_INVALID_HANDLE if it was finished or cancelled before; of several threads that finish it
 exactly one gets the session. In a session callback of the same pool it does not wait without a deadline: ORAPOOL_TIMEOUT
 with 24496. Any thread. Since 0.1.
 */
orapool_status orapool_request_finish(orapool_request *request,
                                      orapool_session **session,
                                      const char **ret_tag,
                                      size_t *ret_tag_len,
                                      int32_t *found,
                                      orapool_error **error);

/*
 Calls a request off, wherever it has come to. A session that it had won goes back; a connect under way serves others.

 request: the request; used up. NULL, and one that was finished or cancelled: nothing happens. A finish of it that waits in
          another thread returns ORAPOOL_CANCELLED.

 Any thread; blocks only for the rollback of what a fix-up left open. In a forked child nothing happens. Since 0.1.
 */
void orapool_request_cancel(orapool_request *request);

/*
 Gets a session from the pool.

 pool:        where from.
 session:     out, the session, the caller's to release with orapool_session_release, on any thread; NULL on failure.
 attrs:       NULL, or what sets this get apart. Read are USER, PASSWORD, EXTERNAL_AUTH (heterogeneous pools alone),
              CONNECTION_CLASS, PURITY, EDITION, CONTEXT, GET_MODE and WAIT_TIMEOUT_MS; the others are passed over.
 tag:         NULL, or the state that the session should have: any bytes, or with ORAPOOL_SESSGET_MULTIPROPERTY_TAG
              properties name=value;name=value, the most important first: UTF-8, at most 64 and 4000 bytes, each name
              once, nothing empty; blanks and case count.
 tag_len:     its length in bytes, or ORAPOOL_NTS; 0 = no tag.
 ret_tag:     out, the session's tag as orapool_session_tag gives it, NULL if it has none and on failure; may be NULL.
 ret_tag_len: out, its length in bytes; may be NULL.
 found:       out, 1 if the session has the state that was asked for, by its tag or after the fix-up procedure; 0
              otherwise and if no tag was given; may be NULL.
 mode:        ORAPOOL_SESSGET_* bits, or 0.

 Without a tag an untagged session is taken: of the idle ones of that user, class and edition the one that the calling
 thread released last, else the one that was released last. With a tag it is, in this order: one with the very tag;
 one with the same properties in another order; with ORAPOOL_SESSGET_MATCHANY one that has all of them and others, the
 fewest; an untagged one; with ORAPOOL_SESSGET_MATCHANY one with another tag, the one that matches furthest to the
 left. With ORAPOOL_SESSGET_PURITY_NEW it is one that nobody has had. Under DRCP (orapool_session_drcp_state) all this is
 the database's choice, among the free sessions of its pooled servers: tag and purity are told it when a server is
 attached, and the deadline holds for that as well. One that was idle for
 ORAPOOL_ATTR_PING_INTERVAL_MS is pinged first, and replaced if it does not answer. If none fits, the pool grows; if
 it can not, the session that was idle for longest goes to make room for one that fits; else the get mode decides.
 Waiting gets are served in the order of arrival; a get that comes later may overtake the oldest only until that has
 waited for 100 us.

 If the session has not the properties that were asked for and the pool has a fix-up procedure
 (ORAPOOL_ATTR_FIXUP_CALLBACK), that is called, in one round trip: then found is 1 and the tag is the one asked for, and
 behind it the former properties of other names. What it leaves uncommitted is rolled back. A session that turns out to
 be dead is replaced once. Then the session callback runs (orapool_attrs_set_callback), for a session that nobody has had
 and for one that is not what was asked for.

 Blocks as the get mode says: in ORAPOOL_GET_WAIT for ever, for as long as a connect takes if one is made for this
 get. A deadline (ORAPOOL_GET_TIMEDWAIT, or ORAPOOL_ATTR_WAIT_TIMEOUT_MS given to the get) covers all that the get
 waits for, fix-up and callback apart; a connect that it does not wait for any more goes on, and its session stays in the pool.

 Returns ORAPOOL_SUCCESS_WITH_INFO (24417) when ORAPOOL_GET_FORCEGET made the pool larger than its maximum, and with the
 database's number when the log-on of this session was a success with a warning, such as 28002, the password will
 expire: told once, to the first who has the session; with both it comes last in the chain.
 ORAPOOL_TIMEOUT: 24457 all sessions are on loan, 24459 connects are under way, 24496 ORAPOOL_GET_NOWAIT or too many
 wait; the message tells what the pool looks like, and the last connect error comes next in the chain. ORAPOOL_ERROR
 with the database's number if the connect for this get failed (the pool is unharmed), 24415 and 24419 for a user or
 password that is missing, 24487 for a tag that is no list of properties (the message tells the byte), 56612 for a tag
 without ORAPOOL_SESSGET_MULTIPROPERTY_TAG when the pool has a fix-up procedure, 56610 if that procedure failed, with
 its error next in the chain: the session was dropped. ORAPOOL_CALLBACK_FAILED if the session callback returned another
 value than ORAPOOL_CALLBACK_OK, which the message tells: the session was dropped. ORAPOOL_INVALID_ARGUMENT: 24419 for a user given to a homogeneous pool, 24300 for unknown
 mode bits or both purities. ORAPOOL_CLOSED (24461), also if the pool
 is closed while a callback runs. Any thread. Since 0.1.
 */
orapool_status orapool_session_get(orapool *pool,
                                   orapool_session **session,
                                   const orapool_attrs *attrs,
                                   const char *tag,
                                   size_t tag_len,
                                   const char **ret_tag,
                                   size_t *ret_tag_len,
                                   int32_t *found,
                                   uint32_t mode,
                                   orapool_error **error);

/*
 Gives a session back to its pool.

 session: the session; used up, but for an ORAPOOL_INVALID_ARGUMENT. Of several threads that release one session
          exactly one succeeds.
 tag:     with ORAPOOL_SESSRLS_RETAG the tag that the session has from now on, in place of the former; NULL or empty =
          none. Else ignored.
 tag_len: its length in bytes, or ORAPOOL_NTS.
 mode:    0, or of these bits: ORAPOOL_SESSRLS_DROPSESS closes the session, whatever else is asked for; the pool makes
          another when it needs one. ORAPOOL_SESSRLS_RETAG. ORAPOOL_SESSRLS_MULTIPROPERTY_TAG: the tag is properties
          as in orapool_session_get; without RETAG it means nothing.

 Under DRCP the pooled server is given back, and a tag is its session's: without an attached server it means nothing.

 An open transaction is rolled back, statements of the session are closed, a call timeout ends; what ALTER SESSION has
 set stays, and the tag that says so. A session that is known to be dead is closed and replaced. Without a transaction
 to roll back this does not block.

 Returns ORAPOOL_ERROR with 24488 for a tag that is no list of properties: the message tells the byte where it goes
 wrong, and the session stays on loan as it was. ORAPOOL_ERROR with another number if the rollback failed: the session
 was closed. ORAPOOL_CLOSED (24461) if the pool took the session away when it was closed. ORAPOOL_INVALID_HANDLE if it
 was released before. ORAPOOL_INVALID_ARGUMENT, and it stays on loan: 24300 for unknown mode bits; if another thread is
 inside a call of the session; in its own session callback. Any thread. Since 0.1.
 */
orapool_status orapool_session_release(orapool_session *session,
                                       const char *tag,
                                       size_t tag_len,
                                       uint32_t mode,
                                       orapool_error **error);

/*
 1 if nobody has had this session before: then its state is that of a fresh log-on. Else 0. Under DRCP it is the session
 of the attached server that counts, and 0 as long as none is attached.

 session: a bad handle gives 0. The session's thread; never blocks. Since 0.1.
 */
int32_t orapool_session_is_new(orapool_session *session);

/*
 SID and serial number of the session, as V$SESSION shows them.

 sid:    out, 0 on failure; may be NULL.
 serial: out, 0 on failure; may be NULL.

 The session's thread; may ask the server. Since 0.1.
 */
orapool_status orapool_session_identity(orapool_session *session,
                                        uint32_t *sid,
                                        uint32_t *serial,
                                        orapool_error **error);

/*
 Runs one SQL statement without binds.

 sql:  UTF-8, without a semicolon at its end; not NULL.
 len:  its length in bytes, or ORAPOOL_NTS.
 rows: out, rows inserted, updated or deleted; of a query, which is run and its rows discarded, the number of rows; 0
       for all else and on failure; may be NULL.

 Returns ORAPOOL_ERROR with the database's number; orapool_error_is_session_dead tells whether the session is lost.
 1013 after a break, 3136 after the call timeout. The session's thread; blocks for as long as the statement takes.
 Since 0.1.
 */
orapool_status orapool_session_execute(orapool_session *session,
                                       const char *sql,
                                       size_t len,
                                       uint64_t *rows,
                                       orapool_error **error);

/*
 Commits the session's transaction; without one it does nothing.

 The session's thread; blocks for as long as the database takes. Since 0.1.
 */
orapool_status orapool_session_commit(orapool_session *session, orapool_error **error);

/*
 Rolls the session's transaction back; without one it does nothing. A release does the same.

 The session's thread; blocks for as long as the database takes. Since 0.1.
 */
orapool_status orapool_session_rollback(orapool_session *session, orapool_error **error);

/*
 Asks the server for a sign of life. Under DRCP, with no server attached, it looks whether the line is up: a ping would
 take a server.

 The session's thread; blocks until the answer comes or the call timeout is over. Since 0.1.
 */
orapool_status orapool_session_ping(orapool_session *session,
                                    orapool_error **error);

/*
 Breaks the call that the session is in: that call fails with 1013. With no call running it does nothing, and no
 later call and no later holder of the session is hit.

 Any thread; does not wait for the call to end. Since 0.1.
 */
orapool_status orapool_session_break(orapool_session *session,
                                     orapool_error **error);

/*
 Limits each later call of this loan; a call that takes longer fails with 3136 and leaves the session usable. The
 limit ends with the loan.

 timeout_ms: milliseconds; 0 or -1 = no limit.

 Returns ORAPOOL_INVALID_ARGUMENT for a number below -1. The session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_session_set_call_timeout(orapool_session *session,
                                                int64_t timeout_ms,
                                                orapool_error **error);

/*
 The driver's own handle, for what this library does not do. It is valid while the session is on loan, and the pool
 does not learn what was done through it.

 kind:   an ORAPOOL_NATIVE_*.
 handle: out, the driver's handle; NULL on failure.

 Returns ORAPOOL_UNSUPPORTED if the driver has no such handle (`embedded` has none; `oci` has all but the OCISvcCtx, and
 its message says how to make one of the others), ORAPOOL_INVALID_ARGUMENT (24300) for another kind. The session's
 thread; never blocks. Since 0.1.
 */
orapool_status orapool_session_native(orapool_session *session,
                                      uint32_t kind,
                                      void **handle,
                                      orapool_error **error);

/*
 Reads the statistics of a pool. The sessions are counted at one moment; the counters of events are each exact.

 stats: in, struct_size; out, the statistics, all 0 on failure; not NULL.

 Returns ORAPOOL_UNSUPPORTED if struct_size is less than the struct had in the first release, ORAPOOL_CLOSED (24461)
 once the pool is closed. Any thread; never blocks. Since 0.1.
 */
orapool_status orapool_get_stats(orapool *pool,
                                 orapool_stats *stats,
                                 orapool_error **error);

/*
 The statistics as text for machines. docs/operating.md tells what each name means.

 format: ORAPOOL_METRICS_PROMETHEUS or ORAPOOL_METRICS_JSON. The page for Prometheus is named after OpenTelemetry's
         conventions, db_client_connection_*, and orapool_* where these have no name. It is of one pool: serve each pool
         under a path of its own. The names of the JSON object are those of orapool_stats, and some more.
 text:   out, UTF-8 with a NUL behind it, the caller's to free with orapool_text_free; NULL on failure.
 len:    out, its length in bytes without the NUL; may be NULL.

 Returns ORAPOOL_INVALID_ARGUMENT for another format (24300), ORAPOOL_CLOSED (24461) once the pool is closed. Any
 thread; never blocks. Since 0.1.
 */
orapool_status orapool_metrics(orapool *pool,
                               uint32_t format,
                               char **text,
                               size_t *len,
                               orapool_error **error);

/*
 Frees a text that the library made for the caller.

 text: from orapool_metrics or orapool_events, not changed in length, and not twice; NULL is fine.

 Any thread; never blocks; works in a forked child. Since 0.1.
 */
void orapool_text_free(char *text);

/*
 Prepares a statement.

 session: where it will run. The statement ends with the loan: after the release only orapool_stmt_free is of use.
 sql:     UTF-8, without a semicolon at its end; binds are written :1 or :name; not NULL.
 len:     its length in bytes, or ORAPOOL_NTS.
 stmt:    out, the statement, the caller's to free with orapool_stmt_free; NULL on failure.

 Returns ORAPOOL_ERROR with the database's number if the text is wrong and that can be known before it is executed. The
 session's thread; may ask the server. Since 0.1.
 */
orapool_status orapool_stmt_prepare(orapool_session *session,
                                    const char *sql,
                                    size_t len,
                                    orapool_stmt **stmt,
                                    orapool_error **error);

/*
 Binds NULL.

 position: of the placeholder, counted from 1 in the order of the text.

 Returns ORAPOOL_ERROR (1036) for a position that the statement does not have. The bind stays for all executions until
 it is bound anew. The session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_stmt_bind_null(orapool_stmt *stmt,
                                      uint32_t position,
                                      orapool_error **error);

/*
 Binds a whole number. For the rest see orapool_stmt_bind_null. Since 0.1.
 */
orapool_status orapool_stmt_bind_int(orapool_stmt *stmt,
                                     uint32_t position,
                                     int64_t value,
                                     orapool_error **error);

/*
 Binds a floating-point number. Returns ORAPOOL_INVALID_ARGUMENT for what is not finite, which no NUMBER holds. For the
 rest see orapool_stmt_bind_null. Since 0.1.
 */
orapool_status orapool_stmt_bind_double(orapool_stmt *stmt,
                                        uint32_t position,
                                        double value,
                                        orapool_error **error);

/*
 Binds a text, which is copied. NULL and an empty text bind NULL, as everywhere in Oracle.

 text: UTF-8.
 len:  its length in bytes, or ORAPOOL_NTS.

 Returns ORAPOOL_INVALID_ARGUMENT for what is not UTF-8. For the rest see orapool_stmt_bind_null. Since 0.1.
 */
orapool_status orapool_stmt_bind_text(orapool_stmt *stmt,
                                      uint32_t position,
                                      const char *text,
                                      size_t len,
                                      orapool_error **error);

/*
 Binds bytes (RAW, BLOB), which are copied. NULL and no bytes bind NULL.

 bytes: any bytes.
 len:   how many; not ORAPOOL_NTS.

 For the rest see orapool_stmt_bind_null. Since 0.1.
 */
orapool_status orapool_stmt_bind_bytes(orapool_stmt *stmt,
                                       uint32_t position,
                                       const void *bytes,
                                       size_t len,
                                       orapool_error **error);

/*
 Executes the statement; may be repeated, with other binds. Rows of a former execution that were not fetched are gone.

 rows: out, rows inserted, updated or deleted; 0 for all else and on failure; may be NULL.

 Returns ORAPOOL_ERROR with the database's number: 1008 if a placeholder is not bound, 1013 after a break, 3136 after
 the call timeout. The session's thread; blocks for as long as the statement takes. Since 0.1.
 */
orapool_status orapool_stmt_execute(orapool_stmt *stmt,
                                    uint64_t *rows,
                                    orapool_error **error);

/*
 Moves to the next row of an executed query.

 Returns ORAPOOL_NO_DATA after the last row. Texts and bytes of the row before are gone. The session's thread; blocks
 for as long as the database takes. Since 0.1.
 */
orapool_status orapool_stmt_fetch(orapool_stmt *stmt,
                                  orapool_error **error);

/*
 How many columns the query has; 0 for what is not a query and for a bad handle, and with `oci` before the execute.

 The session's thread; never blocks. Since 0.1.
 */
uint32_t orapool_stmt_column_count(orapool_stmt *stmt);

/*
 The name of a column, as the database gives it: in upper case, unless the query quoted it.

 column: counted from 0.
 len:    out, its length in bytes without the NUL; may be NULL.

 NULL for a column that there is not and for a bad handle. The name ends with a NUL, belongs to the statement and lives
 until the next execution. The session's thread; never blocks. Since 0.1.
 */
const char *orapool_stmt_column_name(orapool_stmt *stmt,
                                     uint32_t column,
                                     size_t *len);

/*
 1 if the column of the row last fetched is NULL, else 0; 0 as well for a column that there is not, without a row, and
 for a bad handle.

 column: counted from 0. The session's thread; never blocks. Since 0.1.
 */
int32_t orapool_stmt_column_is_null(orapool_stmt *stmt,
                                    uint32_t column);

/*
 Reads a column of the row last fetched as a whole number. NULL reads as 0.

 column: counted from 0.
 value:  out; 0 on failure.

 Returns ORAPOOL_ERROR: 1455 for a number that an int64_t does not hold exactly (it is never rounded), 1722 for a text
 that is no number, 1007 for a column that there is not, 1002 without a row. The session's thread; never blocks.
 Since 0.1.
 */
orapool_status orapool_stmt_column_int(orapool_stmt *stmt,
                                       uint32_t column,
                                       int64_t *value,
                                       orapool_error **error);

/*
 Reads a column of the row last fetched as a floating-point number, the nearest to its value. NULL reads as 0.

 column: counted from 0.
 value:  out; 0 on failure.

 Returns ORAPOOL_ERROR: 1722 for a text that is no number, 1007 for a column that there is not, 1002 without a row. The
 session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_stmt_column_double(orapool_stmt *stmt,
                                          uint32_t column,
                                          double *value,
                                          orapool_error **error);

/*
 Reads a column of the row last fetched as text: numbers in all their digits, bytes in hexadecimal.

 column: counted from 0.
 text:   out, UTF-8 with a NUL behind it; NULL for SQL NULL and on failure.
 len:    out, its length in bytes without the NUL; may be NULL.

 The text belongs to the statement and lives until its next fetch, execution or free. Returns ORAPOOL_ERROR: 1007 for a
 column that there is not, 1002 without a row. The session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_stmt_column_text(orapool_stmt *stmt,
                                        uint32_t column,
                                        const char **text,
                                        size_t *len,
                                        orapool_error **error);

/*
 Reads a column of the row last fetched as bytes: of RAW and BLOB the bytes themselves, of all else its text.

 column: counted from 0.
 bytes:  out; NULL for SQL NULL and on failure.
 len:    out, how many; may be NULL.

 The bytes belong to the statement and live until its next fetch, execution or free. Returns ORAPOOL_ERROR: 1007 for a
 column that there is not, 1002 without a row. The session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_stmt_column_bytes(orapool_stmt *stmt,
                                         uint32_t column,
                                         const void **bytes,
                                         size_t *len,
                                         orapool_error **error);

/*
 Frees a statement and what was read off its columns.

 stmt: NULL, a stale or a foreign handle is fine and does nothing; so does every call in a forked child.

 The session's thread, or, after the session's release, any thread; never blocks. Since 0.1.
 */
void orapool_stmt_free(orapool_stmt *stmt);

/*
 What a session says of its state: the tag that it came with, was given by a fix-up, or was set.

 len: out, its length in bytes; may be NULL.

 Returns NULL, and 0 in len, for an untagged session, for a bad handle and in a forked child. The text belongs to the
 session: it is there until the tag changes or the session is released. A NUL stands behind it, and a single tag may
 have some in it. The session's thread; never blocks. Since 0.1.
 */
const char *orapool_session_tag(orapool_session *session,
                                size_t *len);

/*
 Says what the state of a session is from now on. It is what later gets find it by, also after a release without
 ORAPOOL_SESSRLS_RETAG. In a session callback this is how the callback says what it has set.

 tag:  the tag; NULL or empty = untagged.
 len:  its length in bytes, or ORAPOOL_NTS.
 mode: 0 = a single tag: any bytes; ORAPOOL_SESSRLS_MULTIPROPERTY_TAG = `name=value` pairs with `;` between them.

 Returns ORAPOOL_ERROR with 24488 for a tag that is no list of properties: the message tells the byte where it goes
 wrong, and the tag is as it was. ORAPOOL_INVALID_ARGUMENT: 24300 for unknown mode bits, 0 under DRCP with no server
 attached. The session's thread; never blocks. Since 0.1.
 */
orapool_status orapool_session_set_tag(orapool_session *session,
                                       const char *tag,
                                       size_t len,
                                       uint32_t mode,
                                       orapool_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ORAPOOL_H */

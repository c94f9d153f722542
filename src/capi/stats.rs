//! Statistics, as numbers and as text.

use std::ffi::{CString, c_char};
use std::ptr;

use crate::capi::arg::{put, put_words, required, room_for_words};
use crate::capi::guard::{Done, enter};
use crate::capi::pool::{find, unknown_mode};
use crate::capi::{orapool, orapool_error, orapool_status};
use crate::error::Error;
use crate::pool::{MetricsFormat, Stats};

/// For orapool_metrics: Prometheus' text format.
pub const ORAPOOL_METRICS_PROMETHEUS: u32 = 0;
/// For orapool_metrics: one JSON object.
pub const ORAPOOL_METRICS_JSON: u32 = 1;

/// What a pool looks like and what has happened in it. Only uint64_t, only ever appended to, so that it can be read as
/// an array. The caller sets struct_size to sizeof(orapool_stats) before the call; the library writes no more than
/// that, and into struct_size how many bytes it wrote.
#[repr(C)]
pub struct orapool_stats {
    /// In: bytes that the caller has room for; out: bytes that were written.
    pub struct_size: u64,
    /// Sessions that are open: busy and idle together.
    pub open: u64,
    /// Sessions on loan.
    pub busy: u64,
    /// Sessions open and not on loan.
    pub idle: u64,
    /// Sessions that are being made, or are about to be.
    pub connecting: u64,
    /// Gets that wait for a session.
    pub waiting: u64,
    /// Gets that succeeded: always releases + busy.
    pub gets: u64,
    /// Of these, gets that found the very tag, its properties in whichever order.
    pub gets_tag_exact: u64,
    /// Of these, gets that found the tag with more properties.
    pub gets_tag_superset: u64,
    /// Of these, gets that took a session with another tag.
    pub gets_tag_partial: u64,
    /// Of these, gets that found a session without a tag which had been on loan before.
    pub gets_untagged: u64,
    /// Of these, gets that found a session nobody had had.
    pub gets_new: u64,
    /// Gets that failed with ORAPOOL_TIMEOUT, but for those in rejected.
    pub timeouts: u64,
    /// Gets that were turned away because as many were waiting as ORAPOOL_ATTR_WAITERS_MAX allows.
    pub rejected: u64,
    /// Loans that ended, drops among them.
    pub releases: u64,
    /// Releases that asked for the session to be closed.
    pub drops: u64,
    /// Sessions that were made.
    pub connects: u64,
    /// Sessions that could not be made.
    pub connect_failures: u64,
    /// Pings of idle sessions before they were handed out.
    pub pings: u64,
    /// Pings that were not answered in time.
    pub ping_failures: u64,
    /// PL/SQL fix-ups that ran.
    pub fixups: u64,
    /// PL/SQL fix-ups that failed; no gets.
    pub fixup_failures: u64,
    /// Session callbacks that ran.
    pub callbacks: u64,
    /// Session callbacks that failed; no gets.
    pub callback_failures: u64,
    /// Sessions closed because they were idle for too long.
    pub closed_idle: u64,
    /// Sessions closed because of their age.
    pub closed_lifetime: u64,
    /// Sessions closed because they had been lent often enough.
    pub closed_uses: u64,
    /// Sessions closed because they were found dead.
    pub closed_dead: u64,
    /// Idle sessions that were replaced because a get needed another kind.
    pub evictions: u64,
    /// Loans that lasted longer than ORAPOOL_ATTR_LEAK_AFTER_MS.
    pub leaks: u64,
    /// Nanoseconds that gets have waited, all together.
    pub wait_ns_total: u64,
    /// Nanoseconds of the longest wait.
    pub wait_ns_max: u64,
    /// The most sessions that were seen on loan at once. Looked at when statistics are read and by each get that does
    /// not find the session that its thread released last; a peak made of such short gets alone can go unseen.
    pub peak_busy: u64,
    /// Pooled servers that were attached.
    pub drcp_attaches: u64,
    /// Attaches that came upon another session than before.
    pub drcp_session_changes: u64,
}

const WORDS: usize = size_of::<orapool_stats>() / 8;
const FIRST_RELEASE: usize = 35 * 8;
const _: () = assert!(size_of::<Stats>() + 8 == size_of::<orapool_stats>());
const _: () = assert!(FIRST_RELEASE <= size_of::<orapool_stats>());
// The pool's struct and the C struct list the same fields in the same order.
const _: () =
    assert!(std::mem::offset_of!(Stats, releases) + 8 == std::mem::offset_of!(orapool_stats, releases));
const _: () =
    assert!(std::mem::offset_of!(Stats, peak_busy) + 8 == std::mem::offset_of!(orapool_stats, peak_busy));

fn words_of(stats: &Stats) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    // SAFETY: `Stats` is a C struct of one u64 less than `words` has, which the assertion above checks.
    let fields = unsafe { std::slice::from_raw_parts(ptr::from_ref(stats).cast::<u64>(), WORDS - 1) };
    for (word, field) in words.iter_mut().skip(1).zip(fields) {
        *word = *field;
    }
    words
}

/// Reads the statistics of a pool. The sessions are counted at one moment; the counters of events are each exact.
///
/// stats: in, struct_size; out, the statistics, all 0 on failure; not NULL.
///
/// Returns ORAPOOL_UNSUPPORTED if struct_size is less than the struct had in the first release, ORAPOOL_CLOSED (24461)
/// once the pool is closed. Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_get_stats(
    pool: *mut orapool,
    stats: *mut orapool_stats,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let to = stats.cast::<u64>();
    // SAFETY: see the header: NULL or a struct whose first word tells its size.
    let room = unsafe { room_for_words(to, FIRST_RELEASE) };
    if let Ok(room) = room {
        // SAFETY: the size says that there is so much room.
        unsafe { put_words(to, room, &[0; WORDS]) };
    }
    enter(error, || {
        let room = room?;
        let words = words_of(&find(pool)?.stats_if_open()?);
        // SAFETY: as above.
        unsafe { put_words(to, room, &words) };
        Ok(Done::Success)
    })
}

/// The statistics as text for machines. docs/operating.md tells what each name means.
///
/// format: ORAPOOL_METRICS_PROMETHEUS or ORAPOOL_METRICS_JSON. The page for Prometheus is named after OpenTelemetry's
///         conventions, db_client_connection_*, and orapool_* where these have no name. It is of one pool: serve each pool
///         under a path of its own. The names of the JSON object are those of orapool_stats, and some more.
/// text:   out, UTF-8 with a NUL behind it, the caller's to free with orapool_text_free; NULL on failure.
/// len:    out, its length in bytes without the NUL; may be NULL.
///
/// Returns ORAPOOL_INVALID_ARGUMENT for another format (24300), ORAPOOL_CLOSED (24461) once the pool is closed. Any
/// thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_metrics(
    pool: *mut orapool,
    format: u32,
    text: *mut *mut c_char,
    len: *mut usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a pointer.
    unsafe { put(text, ptr::null_mut()) };
    // SAFETY: see the header: NULL or a place for a size.
    unsafe { put(len, 0) };
    enter(error, || {
        required(text, "text")?;
        let pool = find(pool)?;
        let format = match format {
            ORAPOOL_METRICS_PROMETHEUS => MetricsFormat::Prometheus,
            ORAPOOL_METRICS_JSON => MetricsFormat::Json,
            _ => {
                let known = "ORAPOOL_METRICS_PROMETHEUS or ORAPOOL_METRICS_JSON";
                return Err(unknown_mode("orapool_metrics", format, known));
            }
        };
        pool.stats_if_open()?;
        let metrics = CString::new(pool.metrics(format))
            .map_err(|_| Error::invalid_argument("the metrics hold a NUL character"))?;
        // SAFETY: as above.
        unsafe { put(len, metrics.as_bytes().len()) };
        // SAFETY: as above.
        unsafe { put(text, metrics.into_raw()) };
        Ok(Done::Success)
    })
}

/// Frees a text that the library made for the caller.
///
/// text: from orapool_metrics or orapool_events, not changed in length, and not twice; NULL is fine.
///
/// Any thread; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_text_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: see the header: a text that the library made with `into_raw`, freed once.
        drop(unsafe { CString::from_raw(text) });
    }
}

//! Faults on demand: `FUNCTION:n:what`, separated by `;`.
//!
//! The n-th call of the function, counted from when the fault was set, does `what`: `error=ORA`, `hang=MS`, `dead` or `info=ORA`.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call does nothing and fails.
    Error(i32),
    /// The call takes so much longer.
    Hang(Duration),
    /// The line breaks: the session is gone.
    Dead,
    /// The call succeeds with this warning.
    Info(i32),
}

struct Planned {
    calls_left: u64,
    fault: Fault,
}

type Plan = HashMap<String, Vec<Planned>>;

/// Whether any fault waits: without one a call costs no lock, which benchmarks would measure.
static ANY: AtomicBool = AtomicBool::new(true);

static PLAN: LazyLock<Mutex<Plan>> = LazyLock::new(|| {
    let mut plan = Plan::new();
    let text = std::env::var("ORAPOOL_STANDIN_FAULTS").unwrap_or_default();
    if let Err(error) = add_to(&mut plan, &text) {
        eprintln!("STANDIN: ORAPOOL_STANDIN_FAULTS: {error}");
    }
    Mutex::new(plan)
});

/// Adds faults to those that wait; on an error none of them.
pub fn add(text: &str) -> Result<(), String> {
    let mut plan = PLAN.lock();
    ANY.store(true, Ordering::Release);
    add_to(&mut plan, text)
}

pub fn forget() {
    PLAN.lock().clear();
}

fn add_to(plan: &mut Plan, text: &str) -> Result<(), String> {
    let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
    let parsed: Result<Vec<_>, String> = items.map(parse).collect();
    for (function, planned) in parsed? {
        plan.entry(function).or_default().push(planned);
    }
    Ok(())
}

fn parse(item: &str) -> Result<(String, Planned), String> {
    let wrong = || format!("`{item}` is not FUNCTION:n:error=ORA, :hang=MS, :dead or :info=ORA");
    let mut parts = item.splitn(3, ':');
    let (Some(function), Some(number), Some(what)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let calls_left: u64 = number.parse().map_err(|_| wrong())?;
    let fault = match what.split_once('=') {
        None if what == "dead" => Fault::Dead,
        Some(("error", code)) => Fault::Error(code.parse().map_err(|_| wrong())?),
        Some(("info", code)) => Fault::Info(code.parse().map_err(|_| wrong())?),
        Some(("hang", ms)) => Fault::Hang(Duration::from_millis(ms.parse().map_err(|_| wrong())?)),
        _ => return Err(wrong()),
    };
    if calls_left == 0 || !function.starts_with("OCI") {
        return Err(wrong());
    }
    Ok((function.to_owned(), Planned { calls_left, fault }))
}

/// Counts a call; the fault that is due with it, if any.
pub fn due(function: &str) -> Option<Fault> {
    if !ANY.load(Ordering::Acquire) {
        return None;
    }
    let mut plan = PLAN.lock();
    ANY.store(!plan.is_empty(), Ordering::Release);
    let waiting = plan.get_mut(function)?;
    for planned in waiting.iter_mut() {
        planned.calls_left = planned.calls_left.saturating_sub(1);
    }
    let index = waiting.iter().position(|planned| planned.calls_left == 0)?;
    let fault = waiting.swap_remove(index).fault;
    plan.retain(|_, waiting| !waiting.is_empty());
    Some(fault)
}

//! What belongs to one process. A forked child that begins anew has all of it for itself, and leaves what its parent had
//! where it lies: some other thread of the parent may have held a lock of it at the fork.

use std::sync::atomic::{AtomicUsize, Ordering};

use once_cell::sync::OnceCell;

use crate::error::Error;

/// How many processes of one line, each a child of the one before, can use the library.
const GENERATIONS: usize = 8;

/// Which of them this one is.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// Which process of a line of forks this one is, counting those that used the library: at most 7.
pub(crate) fn generation() -> usize {
    GENERATION.load(Ordering::Relaxed)
}

/// Gives this process, a forked child, all that is [`PerProcess`] anew.
pub(crate) fn begin_anew() -> Result<(), Error> {
    let next = generation() + 1;
    if next >= GENERATIONS {
        return Err(Error::unsupported(format!(
            "{GENERATIONS} processes, each forked off the one before, have used the library; the next must be started \
             with exec"
        )));
    }
    GENERATION.store(next, Ordering::Relaxed);
    Ok(())
}

/// A value that each process makes when it first needs it.
pub(crate) struct PerProcess<T> {
    of: [OnceCell<T>; GENERATIONS],
}

impl<T: Default> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess { of: [const { OnceCell::new() }; GENERATIONS] }
    }

    /// This process's value.
    #[inline]
    pub(crate) fn get(&self) -> &T {
        self.of[generation()].get_or_init(T::default)
    }
}

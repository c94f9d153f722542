//! Sequences: outside every transaction, as Oracle's are, so that a rollback gives no number back.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::number::Number;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sequence {
    pub(crate) increment: i64,
    pub(crate) minimum: Number,
    pub(crate) maximum: Number,
    pub(crate) cycle: bool,
    pub(crate) ordered: bool,
    pub(crate) cache: i64,
    /// What the next NEXTVAL gives; beyond a bound when the sequence is used up.
    pub(crate) next: Number,
}

#[derive(Default)]
pub(crate) struct Sequences {
    by_name: BTreeMap<Name, Sequence>,
}

pub(crate) fn no_such_sequence() -> Error {
    Error::new(2289, "sequence does not exist")
}

fn exceeds(sequence: &str, bound: &str) -> Error {
    Error::new(8004, format_args!("sequence {sequence}.NEXTVAL exceeds {bound} and cannot be instantiated"))
}

impl Sequence {
    fn advance(&mut self, name: &str) -> Result<Number> {
        let ascending = self.increment > 0;
        let used_up = if ascending { self.next > self.maximum } else { self.next < self.minimum };
        if used_up && !self.cycle {
            return Err(exceeds(name, if ascending { "MAXVALUE" } else { "MINVALUE" }));
        }
        if used_up {
            self.next = if ascending { self.minimum.clone() } else { self.maximum.clone() };
        }
        let value = self.next.clone();
        self.next = value.add(&Number::new(BigDecimal::from(self.increment))?)?;
        Ok(value)
    }
}

impl Sequences {
    pub(crate) fn contains(&self, name: &Name) -> bool {
        self.by_name.contains_key(name)
    }

    pub(crate) fn get(&self, name: &Name) -> Option<&Sequence> {
        self.by_name.get(name)
    }

    pub(crate) fn put(&mut self, name: Name, sequence: Sequence) {
        self.by_name.insert(name, sequence);
    }

    pub(crate) fn remove(&mut self, name: &Name) -> Option<Sequence> {
        self.by_name.remove(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &Sequence)> {
        self.by_name.iter()
    }

    /// The next value; ORA-08004 when the sequence is used up.
    pub(crate) fn next_value(&mut self, name: &Name) -> Result<Number> {
        self.by_name.get_mut(name).ok_or_else(no_such_sequence)?.advance(&name.name)
    }
}

/// Options of CREATE and ALTER SEQUENCE; what was not said is `None`, and NOMAXVALUE and the like say `Some(None)`.
#[derive(Clone, Default)]
pub(crate) struct SequenceOptions {
    pub(crate) start: Option<Number>,
    pub(crate) increment: Option<i64>,
    pub(crate) minimum: Option<Option<Number>>,
    pub(crate) maximum: Option<Option<Number>>,
    pub(crate) cycle: Option<bool>,
    pub(crate) cache: Option<i64>,
    pub(crate) ordered: Option<bool>,
}

impl SequenceOptions {
    /// A new sequence; ORA-040xx for options that contradict each other.
    pub(crate) fn create(self) -> Result<Sequence> {
        let increment = self.increment.unwrap_or(1);
        let ascending = increment > 0;
        let minimum = self.minimum.flatten().unwrap_or_else(|| lowest(ascending));
        let maximum = self.maximum.flatten().unwrap_or_else(|| highest(ascending));
        let next = self.start.unwrap_or_else(|| if ascending { minimum.clone() } else { maximum.clone() });
        checked(Sequence {
            increment,
            minimum,
            maximum,
            cycle: self.cycle.unwrap_or(false),
            ordered: self.ordered.unwrap_or(false),
            cache: self.cache.unwrap_or(20),
            next,
        })
    }

    /// The sequence with these options changed; ORA-02283 for START WITH.
    pub(crate) fn alter(self, old: &Sequence) -> Result<Sequence> {
        if self.start.is_some() {
            return Err(Error::new(2283, "cannot alter starting sequence number"));
        }
        let mut new = old.clone();
        if let Some(increment) = self.increment {
            // The next value follows from the last one given, by the new step.
            let last = old.next.subtract(&Number::from(old.increment))?;
            new.next = last.add(&Number::from(increment))?;
            new.increment = increment;
        }
        let ascending = new.increment > 0;
        if let Some(minimum) = self.minimum {
            new.minimum = minimum.unwrap_or_else(|| lowest(ascending));
        }
        if let Some(maximum) = self.maximum {
            new.maximum = maximum.unwrap_or_else(|| highest(ascending));
        }
        new.cycle = self.cycle.unwrap_or(old.cycle);
        new.cache = self.cache.unwrap_or(old.cache);
        new.ordered = self.ordered.unwrap_or(old.ordered);
        checked(new)
    }
}

fn lowest(ascending: bool) -> Number {
    if ascending {
        Number::from(1)
    } else {
        Number::parse("-999999999999999999999999999").unwrap_or_else(|_| Number::zero())
    }
}

fn highest(ascending: bool) -> Number {
    if ascending {
        Number::parse("9999999999999999999999999999").unwrap_or_else(|_| Number::zero())
    } else {
        Number::from(-1)
    }
}

fn checked(sequence: Sequence) -> Result<Sequence> {
    if sequence.increment == 0 {
        return Err(Error::new(4002, "INCREMENT must be a nonzero integer"));
    }
    if sequence.minimum >= sequence.maximum {
        return Err(Error::new(4004, "MINVALUE must be less than MAXVALUE"));
    }
    if sequence.next < sequence.minimum && sequence.increment > 0 {
        return Err(Error::new(4006, "START WITH cannot be less than MINVALUE"));
    }
    if sequence.next > sequence.maximum && sequence.increment < 0 {
        return Err(Error::new(4008, "START WITH cannot be more than MAXVALUE"));
    }
    Ok(sequence)
}

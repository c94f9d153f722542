//! The calendar: DATE as seconds, TIMESTAMP with nanoseconds, both on the proleptic Gregorian calendar from year 1583 to 9999.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

const DAY: i64 = 86_400;

/// A date and time of day, with no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days before the first of this year, counted from year 1.
fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_before_month(year: i64, month: i64) -> i64 {
    (1..month).map(|earlier| days_in_month(year, earlier)).sum()
}

/// Days from 0001-01-01 to 1970-01-01.
const UNIX_DAYS: i64 = 719_162;

impl Civil {
    /// Seconds since 1970; ORA-018xx for what is no date.
    pub(crate) fn to_seconds(self) -> Result<i64> {
        if !(1583..=9999).contains(&self.year) {
            return Err(Error::new(
                1841,
                "(full) year must be between 1583 and 9999 in the embedded engine, which knows no Julian calendar",
            ));
        }
        if !(1..=12).contains(&self.month) {
            return Err(Error::new(1843, "not a valid month"));
        }
        if self.day < 1 || self.day > days_in_month(self.year, self.month) {
            return Err(Error::new(1839, "date not valid for month specified"));
        }
        let time_is_good =
            (0..24).contains(&self.hour) && (0..60).contains(&self.minute) && (0..60).contains(&self.second);
        if !time_is_good {
            return Err(Error::new(
                1850,
                "hour must be between 0 and 23, minutes and seconds between 0 and 59",
            ));
        }
        let days =
            days_before_year(self.year) + days_before_month(self.year, self.month) + self.day - 1 - UNIX_DAYS;
        Ok(days * DAY + self.hour * 3600 + self.minute * 60 + self.second)
    }

    pub(crate) fn from_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY) + UNIX_DAYS;
        let time = seconds.rem_euclid(DAY);
        // The guess is at most one year too high or low: 146097 days are exactly 400 years.
        let mut year = days * 400 / 146_097 + 1;
        while days_before_year(year) > days {
            year -= 1;
        }
        while days_before_year(year + 1) <= days {
            year += 1;
        }
        let mut left = days - days_before_year(year);
        let mut month = 1;
        while left >= days_in_month(year, month) {
            left -= days_in_month(year, month);
            month += 1;
        }
        Self { year, month, day: left + 1, hour: time / 3600, minute: time / 60 % 60, second: time % 60 }
    }

    /// 1 for Sunday to 7 for Saturday.
    pub(crate) fn weekday(self) -> i64 {
        // 0001-01-01 was a Monday.
        (days_before_year(self.year) + days_before_month(self.year, self.month) + self.day).rem_euclid(7) + 1
    }

    pub(crate) fn day_of_year(self) -> i64 {
        days_before_month(self.year, self.month) + self.day
    }

    /// The ISO 8601 year and week.
    pub(crate) fn iso_week(self) -> (i64, i64) {
        let monday_based = (self.weekday() + 5) % 7 + 1;
        let week = (self.day_of_year() - monday_based + 10) / 7;
        if week < 1 {
            return (self.year - 1, iso_weeks(self.year - 1));
        }
        if week > iso_weeks(self.year) {
            return (self.year + 1, 1);
        }
        (self.year, week)
    }

    /// Oracle's Julian day: days since 4712-01-01 BC.
    pub(crate) fn julian_day(self) -> i64 {
        days_before_year(self.year) + self.day_of_year() + 1_721_425
    }
}

fn iso_weeks(year: i64) -> i64 {
    let first = Civil { year, month: 1, day: 1, hour: 0, minute: 0, second: 0 }.weekday();
    let leap = days_in_month(year, 2) == 29;
    // A year has 53 weeks when it starts on a Thursday, or on a Wednesday and is a leap year.
    if first == 5 || (leap && first == 4) { 53 } else { 52 }
}

/// Checks that a computed number of seconds is still a date that the engine holds.
pub(crate) fn check_seconds(seconds: i64) -> Result<i64> {
    let low = (days_before_year(1583) - UNIX_DAYS) * DAY;
    let high = (days_before_year(10_000) - UNIX_DAYS) * DAY;
    if (low..high).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(Error::new(1841, "(full) year must be between 1583 and 9999 in the embedded engine"))
    }
}

/// The clock in UTC: seconds since 1970, and nanoseconds cut to microseconds as Oracle's clock gives them.
pub(crate) fn now() -> (i64, u32) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as i64, since.subsec_micros() * 1000)
}

/// Moves a date by whole months; the last day of a month stays the last day, as Oracle's ADD_MONTHS does.
pub(crate) fn add_months(seconds: i64, months: i64) -> Result<i64> {
    let civil = Civil::from_seconds(seconds);
    let index = (civil.year * 12 + civil.month - 1).checked_add(months).unwrap_or(0);
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let last = days_in_month(year, month);
    let was_last = civil.day == days_in_month(civil.year, civil.month);
    let day = if was_last { last } else { civil.day.min(last) };
    Civil { year, month, day, ..civil }.to_seconds()
}

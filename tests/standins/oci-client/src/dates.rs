//! Dates and timestamps: descriptors, and the text in which they travel to and from the engine.

use parking_lot::Mutex;

use crate::errors::OraError;

/// SQLT numbers of what a descriptor stands for.
pub const DTYPE_TIMESTAMP: u32 = 68;
pub const DTYPE_TIMESTAMP_TZ: u32 = 69;
pub const DTYPE_TIMESTAMP_LTZ: u32 = 70;

/// The formats that `TO_CHAR` writes and `TO_DATE` and `TO_TIMESTAMP` read.
pub const DATE_FORMAT: &str = "YYYY-MM-DD HH24:MI:SS";
pub const TIMESTAMP_FORMAT: &str = "YYYY-MM-DD HH24:MI:SS.FF9";
pub const TIMESTAMP_TZ_FORMAT: &str = "YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM";

/// A point in time, as far as its type goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub year: i16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub nanoseconds: u32,
    pub zone_hour: i8,
    pub zone_minute: i8,
}

/// An OCIDateTime descriptor.
#[derive(Debug)]
pub struct DateTime {
    pub descriptor_type: u32,
    pub value: Mutex<Moment>,
}

impl Moment {
    pub fn to_date_text(self) -> String {
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }

    pub fn to_timestamp_text(self) -> String {
        format!("{}.{:09}", self.to_date_text(), self.nanoseconds)
    }

    /// Reads what any of the three formats writes.
    pub fn parse(text: &str) -> Result<Moment, OraError> {
        let wrong = || OraError::new(1801, format_args!("the stand-in can not read `{text}` as a date"));
        let fields = text.split(['-', ' ', ':', '.', '+']).filter(|field| !field.is_empty());
        let fields: Result<Vec<u32>, _> = fields.map(str::parse).collect();
        let fields = fields.map_err(|_| wrong())?;
        let field = |index: usize| fields.get(index).copied().unwrap_or(0);
        if fields.len() < 6 {
            return Err(wrong());
        }
        let is_west = text.rfind(' ').is_some_and(|at| text[at + 1..].starts_with('-'));
        let sign = if is_west { -1 } else { 1 };
        Ok(Moment {
            year: field(0) as i16,
            month: field(1) as u8,
            day: field(2) as u8,
            hour: field(3) as u8,
            minute: field(4) as u8,
            second: field(5) as u8,
            nanoseconds: field(6),
            zone_hour: sign * field(7) as i8,
            zone_minute: sign * field(8) as i8,
        })
    }

    /// An `OCIDate` as it lies in memory: seven bytes, the eighth pads.
    pub fn to_oci_date(self) -> [u8; 7] {
        let [low, high] = self.year.to_ne_bytes();
        [low, high, self.month, self.day, self.hour, self.minute, self.second]
    }

    pub fn from_oci_date(bytes: [u8; 7]) -> Moment {
        let [low, high, month, day, hour, minute, second] = bytes;
        Moment {
            year: i16::from_ne_bytes([low, high]),
            month,
            day,
            hour,
            minute,
            second,
            ..Moment::default()
        }
    }
}

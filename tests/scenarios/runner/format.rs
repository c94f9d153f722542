//! The format of the scenario files. It is closed: a name that is not here is an error, so that no typo makes a check
//! vanish.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use super::words::{
    Capability, CloseMode, GetBit, GetMode, Knob, Purity, ReleaseBit, StatusName, UserName,
};

/// The version of the format, which each file names.
pub const FORMAT: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    pub format: u32,
    pub title: String,
    pub scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub id: String,
    pub title: String,
    pub source: Source,
    #[serde(default)]
    pub needs: Vec<Capability>,
    #[serde(default)]
    pub setup: Vec<Setup>,
    pub pool: Option<Settings>,
    pub steps: Vec<NumberedStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub kind: SourceKind,
    #[serde(rename = "where")]
    pub place: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum SourceKind {
    #[serde(rename = "vendor test")]
    VendorTest,
    #[serde(rename = "document")]
    Document,
    #[serde(rename = "decision")]
    Decision,
}

/// A statement that the owner executes before the pool exists, or a named list of them.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    Sql(String),
    Include(String),
}

/// What a pool is created with. What is not named is not set.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub increment: Option<i64>,
    pub get_mode: Option<GetMode>,
    pub wait_timeout_ms: Option<i64>,
    pub waiters_max: Option<i64>,
    pub connects_max: Option<i64>,
    pub homogeneous: Option<bool>,
    pub user: Option<UserName>,
    pub password: Option<String>,
    pub connection_class: Option<String>,
    pub purity: Option<Purity>,
    pub idle_timeout_ms: Option<i64>,
    pub lifetime_max_ms: Option<i64>,
    pub uses_max: Option<i64>,
    pub ping_interval_ms: Option<i64>,
    pub ping_timeout_ms: Option<i64>,
    pub fixup: Option<String>,
    pub callback: Option<Callback>,
    #[serde(default)]
    pub knobs: BTreeMap<Knob, u64>,
}

/// A native session callback: what each of its runs does. Runs beyond the list do nothing and succeed.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    pub runs: Vec<Run>,
}

/// What the callback does with its session, which the steps call `callback`, and what it returns.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Run {
    #[serde(default)]
    pub steps: Vec<NumberedStep>,
    #[serde(default = "success")]
    pub returns: i32,
}

/// ORAPOOL_CALLBACK_OK.
pub fn success() -> i32 {
    1
}

/// A step and its text, for reports.
#[derive(Clone)]
pub struct NumberedStep {
    pub text: String,
    pub step: Step,
}

impl<'de> Deserialize<'de> for NumberedStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let step = serde_json::from_str(raw.get())
            .map_err(|error| serde::de::Error::custom(format!("{error} in {}", raw.get())))?;
        Ok(Self { text: raw.get().split_whitespace().collect::<Vec<_>>().join(" "), step })
    }
}

/// An object with one key, the name of the step.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    Create {
        #[serde(default = "main_pool")]
        pool: String,
        /// The name under which the pool can be opened.
        name: Option<String>,
        settings: Settings,
        #[serde(default)]
        expect: Expect,
    },
    Open {
        pool: String,
        name: String,
        #[serde(default)]
        expect: Expect,
    },
    Reconfigure {
        #[serde(default = "main_pool")]
        pool: String,
        settings: Settings,
        #[serde(default)]
        expect: Expect,
    },
    Close {
        #[serde(default = "main_pool")]
        pool: String,
        #[serde(default)]
        mode: CloseMode,
        #[serde(default)]
        drain_ms: i64,
        #[serde(default)]
        expect: Expect,
    },
    Get {
        #[serde(rename = "as")]
        name: String,
        #[serde(default = "main_pool")]
        pool: String,
        tag: Option<Text>,
        #[serde(default)]
        mode: Vec<GetBit>,
        #[serde(default)]
        attrs: GetAttrs,
        #[serde(default)]
        expect: Expect,
    },
    Release {
        session: String,
        tag: Option<Text>,
        #[serde(default)]
        mode: Vec<ReleaseBit>,
        #[serde(default)]
        expect: Expect,
    },
    SetTag {
        session: String,
        tag: Option<Text>,
        #[serde(default)]
        mode: Vec<ReleaseBit>,
        #[serde(default)]
        expect: Expect,
    },
    CheckTag {
        session: String,
        #[serde(deserialize_with = "required")]
        tag: Option<Text>,
    },
    Execute {
        session: String,
        sql: String,
        #[serde(default)]
        binds: Vec<Option<String>>,
        #[serde(default)]
        expect: Expect,
    },
    Query {
        session: String,
        sql: String,
        #[serde(default)]
        binds: Vec<Option<String>>,
        rows: Vec<Vec<Option<String>>>,
    },
    Commit {
        session: String,
        #[serde(default)]
        expect: Expect,
    },
    Rollback {
        session: String,
        #[serde(default)]
        expect: Expect,
    },
    Ping {
        session: String,
        #[serde(default)]
        expect: Expect,
    },
    Kill {
        session: String,
    },
    Stats {
        #[serde(default = "main_pool")]
        pool: String,
        expect: BTreeMap<String, Number>,
    },
    WaitUntil {
        #[serde(default = "main_pool")]
        pool: String,
        stats: BTreeMap<String, Number>,
    },
    WaitUntilClosing {
        #[serde(default = "main_pool")]
        pool: String,
    },
    Calls {
        #[serde(default = "main_pool")]
        pool: String,
        native: Option<Vec<Call>>,
        fixup: Option<Vec<Call>>,
    },
    Start {
        thread: String,
        steps: Vec<NumberedStep>,
    },
    Await {
        thread: String,
    },
    Storm {
        #[serde(default = "main_pool")]
        pool: String,
        threads: usize,
        rounds: usize,
        tags: Vec<Text>,
    },
}

fn main_pool() -> String {
    "p".to_owned()
}

/// A field that must be there, although it may be null.
fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    Option::<Text>::deserialize(deserializer)
}

/// A field that says something even when it is null.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Text>>, D::Error> {
    Option::<Text>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize, Clone, Default, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GetAttrs {
    pub user: Option<UserName>,
    pub password: Option<String>,
    pub connection_class: Option<String>,
    pub purity: Option<Purity>,
    pub get_mode: Option<GetMode>,
    pub wait_timeout_ms: Option<i64>,
}

impl GetAttrs {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What must come of a call. Compared is what is named; a status that is not named is ORAPOOL_SUCCESS.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub status: Option<StatusName>,
    pub code: Option<i32>,
    pub cause_code: Option<i32>,
    #[serde(default)]
    pub message_contains: Vec<String>,
    pub session_dead: Option<bool>,
    pub transient: Option<bool>,
    pub found: Option<bool>,
    #[serde(default, deserialize_with = "named")]
    pub tag: Option<Option<Text>>,
    pub is_new: Option<bool>,
    pub same_as: Option<String>,
    #[serde(default)]
    pub not_same_as: Vec<String>,
    pub rows: Option<u64>,
}

/// A number of the statistics: the very number, or a lower bound for what goes on by itself.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
pub enum Number {
    Exactly(u64),
    Bound(Bound),
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    pub at_least: u64,
}

/// One run of a callback: the tag that was wanted, and the one that the session had.
#[derive(Deserialize, Clone)]
pub struct Call(pub Option<Text>, pub Option<Text>);

/// Bytes: as text, or made.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub enum Text {
    Plain(String),
    Made(Made),
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    Hex(String),
    Repeat(String, usize),
    Join(Vec<Text>),
    /// Inside a callback: one of its arguments.
    Argument(Argument),
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    Wanted,
    Actual,
}

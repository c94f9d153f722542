//! What the tests of the engine share.
#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use orapool_engine::{Error, Instance, InstanceOptions, LogOn, Pooled, Session, Value};

/// An instance that no other test has.
pub fn instance() -> Instance {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Instance::open(&name, &InstanceOptions::default()).expect("an instance opens")
}

/// A session of SCOTT.
pub fn log_on(instance: &Instance) -> Session {
    instance.log_on(&LogOn::with_password("scott", "tiger")).expect("SCOTT logs on")
}

pub fn session() -> Session {
    log_on(&instance())
}

/// Runs statements that must succeed.
pub fn run(session: &mut Session, statements: &[&str]) {
    for sql in statements {
        session.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Double(double) => double.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}

/// The rows of a query: columns joined by `|`, rows by `;`.
pub fn query(session: &mut Session, sql: &str, binds: &[Value]) -> Result<String, Error> {
    let mut statement = session.prepare(sql)?;
    for (index, value) in binds.iter().enumerate() {
        statement.bind(index as u32 + 1, value.clone())?;
    }
    statement.execute(session)?;
    let mut rows = Vec::new();
    while statement.fetch(session)? {
        let columns: Vec<String> = (0..statement.columns().len())
            .map(|index| text(statement.value(index).expect("a column")))
            .collect();
        rows.push(columns.join("|"));
    }
    Ok(rows.join(";"))
}

/// As `query`, for one that must succeed.
pub fn get(session: &mut Session, sql: &str) -> String {
    query(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The ORA number of a statement that must fail.
pub fn fails(session: &mut Session, sql: &str) -> i32 {
    match session.execute(sql) {
        Ok(rows) => panic!("{sql}: succeeded with {rows} rows"),
        Err(error) => {
            assert!(error.message().starts_with(&format!("ORA-{:05}: ", error.code())), "{error}");
            error.code()
        }
    }
}

/// Checks a table of queries and their rows; all failures at once.
pub fn check(session: &mut Session, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (sql, expected) in cases {
        match query(session, sql, &[]) {
            Ok(rows) if rows == *expected => {}
            Ok(rows) => wrong.push(format!("{sql}\n   gave {rows:?}, not {expected:?}")),
            Err(error) => wrong.push(format!("{sql}\n   failed: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Checks a table of statements and the ORA numbers they fail with.
pub fn check_errors(session: &mut Session, cases: &[(&str, i32)]) {
    let mut wrong = Vec::new();
    for (sql, expected) in cases {
        match session.execute(sql) {
            Err(error) if error.code() == *expected => {}
            Err(error) => wrong.push(format!("{sql}\n   ORA-{expected:05} expected, got {error}")),
            Ok(rows) => {
                wrong.push(format!("{sql}\n   ORA-{expected:05} expected, succeeded with {rows} rows"))
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Makes the procedure SHOW, whose texts `shown` reads.
pub fn with_show(session: &mut Session) {
    run(
        session,
        &[
            "create table shown_texts (n number, v varchar2(4000))",
            "create sequence shown_order",
            "create procedure show(v varchar2) is begin insert into shown_texts values (shown_order.nextval, v); end;",
        ],
    );
}

/// The texts that a block gave to SHOW, joined by `;`, or the error that ended it.
pub fn shown(session: &mut Session, block: &str) -> String {
    let outcome = session.execute(block);
    let texts = get(session, "select v from shown_texts order by n");
    run(session, &["delete from shown_texts", "commit"]);
    match outcome {
        Ok(_) => texts,
        Err(error) => error.message().to_owned(),
    }
}

/// Checks a table of expressions and the texts that they give in PL/SQL, where errors are shown by their first line; all failures at once.
pub fn check_values(session: &mut Session, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (expression, expected) in cases {
        let text = shown(session, &format!("begin show({expression}); end;"));
        let first = text.lines().next().unwrap_or_default();
        if first != *expected {
            wrong.push(format!("{expression}\n   gave {text:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Checks a table of blocks and what they show.
pub fn check_blocks(session: &mut Session, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (block, expected) in cases {
        let text = shown(session, block);
        if text != *expected {
            wrong.push(format!("{block}\n   gave {text:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Checks a table of texts and the first two lines of the errors they fail with.
pub fn check_messages(session: &mut Session, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        match session.execute(text) {
            Ok(_) => wrong.push(format!("{text}\n   succeeded, {expected:?} expected")),
            Err(error) => {
                let lines: Vec<&str> = error.message().lines().take(2).collect();
                let lines = lines.join("\n");
                if !lines.contains(expected) {
                    wrong.push(format!("{text}\n   gave {lines:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Breaks again and again, as the call may not have begun at the first.
pub fn broken(mut session: Session, sql: &'static str) -> (i32, Session) {
    let interrupter = session.interrupter();
    let (sender, receiver) = channel();
    let runner = thread::spawn(move || {
        let code = session.execute(sql).expect_err("stopped").code();
        sender.send(()).expect("send");
        (code, session)
    });
    let deadline = Instant::now() + Duration::from_secs(60);
    while receiver.recv_timeout(Duration::from_millis(5)).is_err() {
        assert!(Instant::now() < deadline, "the break had no effect");
        interrupter.interrupt();
    }
    runner.join().expect("the call ends")
}

/// A pooled connection of SCOTT's, in this class.
pub fn drcp(instance: &Instance, class: Option<&str>) -> Session {
    let mut wish = LogOn::with_password("scott", "tiger");
    wish.connection_class = class;
    wish.pooled = Some(Pooled::default());
    instance.log_on(&wish).expect("SCOTT logs on through the broker")
}

/// Waits until a query of a dedicated session gives this.
pub fn wait_for(instance: &Instance, sql: &str, expected: &str) {
    let mut session = log_on(instance);
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let rows = get(&mut session, sql);
        if rows == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{sql}\n   still gives {rows:?}, not {expected:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

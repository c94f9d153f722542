//! Tests of the harness itself, with runners that do wrong: none of it may pass for a success.

use std::process::Command;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::html::escape;
use crate::language::major_version;
use crate::process::{self, Bounds, Ending, Said};
use crate::protocol::{OwnTests, Run, Verdict, read_bench, read_own_tests, read_run};

type Checked = Result<(), Failed>;

/// A fake runner's shell can say a scenario of the three that there are: `say NAME STATUS DETAIL`.
const SAY: &str =
    r#"say() { printf '{"scenario":"%s","status":"%s","ms":1,"detail":"%s"}\n' "$1" "$2" "$3"; }"#;
const NAMES: [&str; 3] = ["f::a", "f::b", "f::c"];

/// A runner, what must be said of it, and what must have come of `f::a`, `f::b` and `f::c`: `p`assed, `f`ailed or `s`kipped.
struct Fake {
    name: &'static str,
    script: &'static str,
    problem: Option<&'static str>,
    verdicts: &'static str,
}

const FAKES: &[Fake] = &[
    Fake {
        name: "all_is_well",
        script: "say f::a passed; say f::b passed; say f::c skipped 'no kill here'",
        problem: None,
        verdicts: "pps",
    },
    Fake {
        name: "a_scenario_failed",
        script: "say f::a passed; say f::b failed why; say f::c passed; exit 1",
        problem: None,
        verdicts: "pfp",
    },
    Fake {
        name: "prints_garbage",
        script: "say f::a passed; echo hello; say f::b passed; say f::c passed",
        problem: Some("no report"),
        verdicts: "ppp",
    },
    Fake {
        name: "prints_garbage_alone",
        script: "head -c 3000 /dev/urandom; exit 0",
        problem: Some("no report"),
        verdicts: "fff",
    },
    Fake { name: "says_nothing", script: "exit 0", problem: Some("left out 3"), verdicts: "fff" },
    Fake {
        name: "dies_half_way",
        script: "say f::a passed; kill -s SEGV $$",
        problem: Some("signal 11"),
        verdicts: "pff",
    },
    Fake {
        name: "dies_after_the_last",
        script: "say f::a passed; say f::b passed; say f::c passed; kill -s ABRT $$",
        problem: Some("signal 6"),
        verdicts: "ppp",
    },
    Fake {
        name: "dies_within_a_line",
        script: "say f::a passed; printf '{\"scenario\":\"f::b\",\"stat'; exit 1",
        problem: Some("no report"),
        verdicts: "pff",
    },
    Fake {
        name: "hangs",
        script: "say f::a passed; sleep 1000",
        problem: Some("killed: it said nothing"),
        verdicts: "pff",
    },
    Fake {
        name: "hangs_with_a_child",
        script: "say f::a passed; sleep 1000 & wait",
        problem: Some("killed: it said nothing"),
        verdicts: "pff",
    },
    Fake {
        name: "leaves_out_a_scenario",
        script: "say f::a passed; say f::c passed",
        problem: Some("left out 1 of 3"),
        verdicts: "pfp",
    },
    Fake {
        name: "reports_one_twice",
        script: "say f::a passed; say f::b passed; say f::a passed; say f::c passed",
        problem: Some("f::a twice"),
        verdicts: "fpp",
    },
    Fake {
        name: "reports_a_failed_one_again_as_passed",
        script: "say f::a failed why; say f::b passed; say f::c passed; say f::a passed; exit 1",
        problem: Some("f::a twice"),
        verdicts: "fpp",
    },
    Fake {
        name: "reports_what_there_is_not",
        script: "say f::a passed; say f::b passed; say f::c passed; say f::d passed",
        problem: Some("f::d"),
        verdicts: "ppp",
    },
    Fake {
        name: "knows_another_status",
        script: "say f::a passed; say f::b PASSED; say f::c passed",
        problem: Some("no report"),
        verdicts: "pfp",
    },
    Fake {
        name: "has_another_field",
        script: "say f::a passed; say f::b passed; echo '{\"scenario\":\"f::c\",\"status\":\"passed\",\"ms\":1,\"detail\":\"\",\"x\":1}'",
        problem: Some("no report"),
        verdicts: "ppf",
    },
    Fake {
        name: "skips_without_a_reason",
        script: "say f::a passed; say f::b passed; say f::c skipped ' '",
        problem: Some("exit status 0, with 1 failed"),
        verdicts: "ppf",
    },
    Fake {
        name: "fails_and_exits_with_0",
        script: "say f::a failed why; say f::b passed; say f::c passed; exit 0",
        problem: Some("exit status 0"),
        verdicts: "fpp",
    },
    Fake {
        name: "passes_and_exits_with_1",
        script: "say f::a passed; say f::b passed; say f::c passed; echo 'a leak' >&2; exit 1",
        problem: Some("a leak"),
        verdicts: "ppp",
    },
    Fake {
        name: "can_not_run",
        script: "echo 'no such library' >&2; exit 2",
        problem: Some("no such library"),
        verdicts: "fff",
    },
    Fake {
        name: "breaks_the_contract_of_oci",
        script: "say f::a passed; say f::b passed; say f::c passed; echo 'STANDIN VIOLATION: a handle leaks' >&2",
        problem: Some("a handle leaks"),
        verdicts: "ppp",
    },
];

pub fn trials() -> Vec<Trial> {
    let test = |name: &str, test: fn() -> Checked| Trial::test(format!("harness::{name}"), test);
    let mut trials = vec![
        test("a_program_that_is_not_there", a_program_that_is_not_there),
        test("a_process_that_goes_on_for_ever", a_process_that_goes_on_for_ever),
        test("what_a_hanging_process_started_is_killed", what_a_hanging_process_started_is_killed),
        test("own_tests", own_tests),
        test("measurements", measurements),
        test("versions", versions),
        test("a_page_shows_any_text", a_page_shows_any_text),
    ];
    trials
        .extend(FAKES.iter().map(|fake| Trial::test(format!("harness::{}", fake.name), || check_fake(fake))));
    trials
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{SAY}\n{script}")]);
    command
}

/// Silence is what a fake that hangs is known by; the others are not silent for so long.
const BOUNDS: Bounds = Bounds { silence: Duration::from_secs(10), whole: Duration::from_secs(600) };

fn said_by(script: &str) -> Said {
    process::run(&mut shell(script), BOUNDS)
}

fn run_of(said: &Said) -> Run {
    let names = NAMES.map(str::to_owned);
    read_run(said, &names, &names)
}

fn check_fake(fake: &Fake) -> Checked {
    let run = run_of(&said_by(fake.script));
    let letter = |name: &str| match run.verdicts.get(name) {
        Some(Verdict::Passed) => 'p',
        Some(Verdict::Failed(_)) => 'f',
        Some(Verdict::Skipped(_)) => 's',
        None => '?',
    };
    let verdicts = NAMES.iter().map(|name| letter(name)).collect::<String>();
    let problems = run.problems.join("\n");
    expect(verdicts == fake.verdicts, || format!("{verdicts} instead of {}: {problems}", fake.verdicts))?;
    match fake.problem {
        None => expect(problems.is_empty(), || problems.clone()),
        Some(part) => expect(problems.contains(part), || format!("`{part}` is not in: {problems}")),
    }
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Failed::from(otherwise())) }
}

fn a_program_that_is_not_there() -> Checked {
    let said = process::run(&mut Command::new("/there/is/no/such/program"), BOUNDS);
    let run = run_of(&said);
    expect(matches!(said.ending, Ending::Unstarted(_)), || said.ending.tell())?;
    expect(run.problems.iter().any(|why| why.contains("could not be started")), || run.problems.join("\n"))
}

fn a_process_that_goes_on_for_ever() -> Checked {
    let bounds = Bounds { silence: Duration::from_secs(600), whole: Duration::from_secs(1) };
    let said = process::run(&mut shell("while :; do echo line; sleep 0.1; done"), bounds);
    expect(said.ending.tell().contains("took more than 1 s"), || said.ending.tell())
}

/// The child would hold the outputs open, and the test would end by its bounds, had it not been killed.
fn what_a_hanging_process_started_is_killed() -> Checked {
    let bounds = Bounds { silence: Duration::from_secs(3), whole: Duration::from_secs(600) };
    let said = process::run(&mut shell("sleep 1000 & echo $!; wait"), bounds);
    let child = said.lines.first().cloned().unwrap_or_default();
    // A signal that was sent takes its time; a process that nobody has waited for yet is there, as a zombie.
    let state = || std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    let is_gone = |state: String| state.is_empty() || state.contains(") Z ");
    let is_killed = (0..6000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        is_gone(state())
    });
    expect(!child.is_empty() && is_killed, || format!("{child}: {}", state()))
}

fn own_tests() -> Checked {
    let read = |script: &str| read_own_tests(&said_by(script));
    let is_well = |tests: &OwnTests| tests.problems.is_empty();
    let told = |tests: &OwnTests| tests.problems.join("\n");
    let well = read("echo 'ok a'; echo noise; echo 'skip b: no JDK'");
    expect(is_well(&well) && well.verdicts.len() == 2, || told(&well))?;
    let failing = read("echo 'ok a'; echo 'not ok b: why'; exit 1");
    let is_told = failing.verdicts.get("b") == Some(&Verdict::Failed("why".to_owned()));
    expect(is_well(&failing) && is_told, || told(&failing))?;
    let wrong = [
        ("no test", "exit 0"),
        ("only noise", "echo all tests passed"),
        ("success with a failure", "echo 'not ok a: why'"),
        ("failure without one", "echo 'ok a'; exit 1"),
        ("a crash", "echo 'not ok a: why'; kill -s SEGV $$"),
        ("a name twice", "echo 'ok a'; echo 'ok a'"),
        ("a hang", "echo 'ok a'; sleep 1000"),
    ];
    for (what, script) in wrong {
        expect(!is_well(&read(script)), || format!("{what} was accepted"))?;
    }
    Ok(())
}

fn measurements() -> Checked {
    let read = |script: &str| read_bench(&said_by(script), "c");
    let good = read(r#"echo '{"language":"c","ns_per_pair":12.5}'"#);
    expect(good == Ok(12.5), || format!("{good:?}"))?;
    let wrong = [
        "exit 0",
        "echo 12.5",
        r#"echo '{"language":"java","ns_per_pair":12.5}'"#,
        r#"echo '{"language":"c","ns_per_pair":0}'"#,
        r#"echo '{"language":"c","ns_per_pair":12.5}'; exit 1"#,
        r#"echo warming up; echo '{"language":"c","ns_per_pair":12.5}'"#,
    ];
    for script in wrong {
        expect(read(script).is_err(), || format!("{script} was accepted"))?;
    }
    Ok(())
}

fn versions() -> Checked {
    for (answer, version) in [("javac 17.0.15", Some(17)), ("v20.20.2\n", Some(20)), ("none", None)] {
        expect(major_version(answer) == version, || format!("{answer}: {:?}", major_version(answer)))?;
    }
    Ok(())
}

fn a_page_shows_any_text() -> Checked {
    let shown = escape("<script>alert(\"1\" & '2')</script>");
    expect(!shown.contains(['<', '>', '"', '\'']), || shown.clone())
}

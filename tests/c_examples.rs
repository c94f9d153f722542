//! The lessons in c-examples and the program in README.md: C and C++ compilers take them without a word, they run, say
//! what they should say, and leave nothing behind.
#![cfg(feature = "embedded")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use support::c_build::{Language, build_program, library_dir, output_of, repo, text_of};

/// A program that goes when the test is over.
struct Program(PathBuf);

impl Program {
    fn build(language: Language, source: &str) -> Program {
        Program(build_program(language, source))
    }

    /// Runs it on the embedded engine, whatever database the environment names.
    fn run(&self, arguments: &[&str]) -> String {
        output_of(without_settings(&mut Command::new(&self.0)).args(arguments))
    }

    /// Runs it under valgrind: no error, and nothing that is not freed.
    fn run_under_valgrind(&self, arguments: &[&str]) {
        let mut command = Command::new("valgrind");
        // Fair, or a thread that polls keeps the others from running.
        let options = [
            "--fair-sched=yes",
            "--error-exitcode=9",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect,possible",
        ];
        let suppressions = format!("--suppressions={}", repo().join("tests/c/valgrind.supp").display());
        without_settings(&mut command).args(options).arg(suppressions).arg(&self.0).args(arguments);
        match command.output() {
            Ok(output) => assert!(output.status.success(), "{command:?}:\n{}", text_of(&output)),
            Err(_) => println!("skipped: valgrind is not installed"),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn without_settings(command: &mut Command) -> &mut Command {
    for name in ["DSN", "USER", "PASSWORD", "CLIENT_LIB_DIR"] {
        command.env_remove(format!("ORAPOOL_EXAMPLE_{name}"));
    }
    command
}

/// A folder or file for one test, beside the other things that tests make.
fn scratch(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&dir).unwrap();
    dir.join(format!("{name}-{}", std::process::id()))
}

/// Builds and runs a program in both languages and under valgrind. Gives what each of the two said.
fn try_out(source: &str, arguments: &[&str], under_valgrind: &[&str]) -> [String; 2] {
    let c = Program::build(Language::C99, source);
    c.run_under_valgrind(under_valgrind);
    [c.run(arguments), Program::build(Language::Cpp17, source).run(arguments)]
}

fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|there| there.trim() == *line), "no line `{line}` in:\n{text}");
    }
}

fn times(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// The part of `text` from `from` up to the next headline of that kind.
fn section<'a>(text: &'a str, from: &str, next: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("no `{from}` in:\n{text}"));
    let section = &text[start..];
    let end = section[from.len()..].find(next).map_or(section.len(), |end| from.len() + end);
    &section[..end]
}

#[test]
fn lesson_1_asks_and_gets_an_answer() {
    for text in try_out("c-examples/01_first_query.c", &[], &[]) {
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows, [["NAME", "MOONS"], ["Mars", "2"], ["Neptune", "16"]]);
    }
}

#[test]
fn lesson_2_shows_what_each_get_mode_does_beyond_the_maximum() {
    for text in try_out("c-examples/02_lab.c", &[], &[]) {
        let mut numbers: Vec<&str> =
            text.lines().filter_map(|line| line.split_once("fetched sequence = ")).map(|l| l.1).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8"], "{text}");
        for thread in ["Thread #1 fetched", "Thread #2 fetched"] {
            assert_eq!(times(&text, thread), 4, "{text}");
        }
        assert_lines(&text, &["All done! 2 sessions are open."]);

        let of_mode = |mode: &str| section(&text, mode, "GETMODE");
        let all_came_back = "After the last: 5 open, 5 idle.";
        let wait = of_mode("GETMODE WAIT");
        assert_lines(
            wait,
            &[&format!("Before the first release: 5 open, 5 busy, 3 waiting. {all_came_back}")],
        );
        assert_eq!((times(wait, ": ORA-"), times(wait, " session ")), (0, 8), "{wait}");
        for (mode, code) in [("GETMODE NOWAIT", "ORA-24496,"), ("GETMODE TIMEDWAIT", "ORA-24457,")] {
            let part = of_mode(mode);
            assert_lines(
                part,
                &[&format!("Before the first release: 5 open, 5 busy, 0 waiting. {all_came_back}")],
            );
            assert_eq!(times(part, &format!("no session: {code}")), 3, "{part}");
        }
        let force = of_mode("GETMODE FORCEGET");
        assert_lines(
            force,
            &[&format!("Before the first release: 8 open, 8 busy, 0 waiting. {all_came_back}")],
        );
        assert_eq!(times(force, "with warning 24417"), 3, "{force}");
    }
}

#[test]
fn lesson_3_meets_the_errors_that_it_expects() {
    for text in try_out("c-examples/03_errors.c", &[], &[]) {
        assert_lines(&text, &["All errors were as expected."]);
        for part in [
            "ORA-01017: ",
            "ORA-00942: ",
            "ORA-24315: ",
            "ORA-24413: ",
            "(by 03_errors.c, the nightly report)",
            "caused by: ORA-12541: ",
            "ORA-24417: ",
            "ORA-00028: ",
            "trying again may help: yes; the session is lost: yes",
            "closed because they were dead: 2, one of them found by a ping: 1",
            "ORAPOOL_INVALID_HANDLE, code 0",
            "ORA-24422: ",
            "ORAPOOL_CLOSED, code 24461",
            "ORA-03136: ",
            "ORA-01013: ",
        ] {
            assert!(text.contains(part), "no `{part}` in:\n{text}");
        }
    }
}

#[test]
fn lesson_4_counts_what_happened() {
    for text in try_out("c-examples/04_statistics.c", &["0.5"], &["0.2"]) {
        let summary = section(&text, "The threads had ", "\n");
        let numbers: Vec<u64> =
            summary.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        let [loans, gets, releases, connects] = numbers[..] else { panic!("four numbers, not: {summary}") };
        assert!(loans > 0 && gets == loans && releases == loans, "{summary}");
        // Nothing ever closes a session here.
        assert!((1..=4).contains(&connects), "{summary}");
        let used = "db_client_connection_count{db_client_connection_pool_name=\"shop\",db_client_connection_state=\"used\"} 0";
        assert_lines(&text, &["# TYPE db_client_connection_count gauge", used]);
        assert!(text.contains(&format!("\"gets\":{gets},")), "{text}");
        assert!(!text.contains('\u{1b}'), "escape sequences are for terminals:\n{text}");
    }
}

/// The texts between the double blanks of a table's row.
fn cells(row: &str) -> Vec<&str> {
    row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// Of each line that tells of a get what was asked for, and the answer behind the session's number.
fn answers(text: &str) -> Vec<(&str, &str)> {
    let gets = text.lines().filter_map(|line| line.split_once("  session "));
    gets.filter_map(|(asked, answer)| Some((asked.trim(), answer.split_once(", ")?.1))).collect()
}

#[test]
fn lesson_5_finds_sessions_by_their_tags() {
    for text in try_out("c-examples/05_tags.c", &[], &[]) {
        assert_eq!(
            answers(section(&text, "1. ", "\n2. ")),
            [
                ("get 'month end', which nobody has set yet", "found 0, tag (none)"),
                ("get 'month end' again: nothing to set", "found 1, tag month end"),
                ("a plain release has kept the tag", "found 1, tag month end"),
                ("get without a tag: another session", "found 0, tag (none)"),
                ("get 'month end' when the tag is off", "found 0, tag (none)"),
            ]
        );
        assert_eq!(
            answers(section(&text, "2. ", "\n3. ")),
            [
                ("get DATES=ISO;ZONE=UTC: the order does not count", "found 1, tag ZONE=UTC;DATES=ISO"),
                ("get ZONE=INDIA;DATES=ISO", "found 0, tag (none)"),
                (
                    "get ZONE=INDIA;DATES=ISO: more is right as well",
                    "found 1, tag ZONE=INDIA;DATES=ISO;LANG=EN"
                ),
                ("get ZONE=INDIA;DATES=US: the nearest", "found 0, tag ZONE=INDIA;DATES=ISO;LANG=EN"),
                ("get ZONE=MARS: nothing fits, and any is better", "found 0, tag ZONE=UTC;DATES=ISO"),
            ]
        );
        for (code, byte) in [("24487", "byte 15"), ("24488", "byte 9")] {
            let said =
                |line: &str| line.contains(&format!("ORAPOOL_ERROR: ORA-{code}: ")) && line.contains(byte);
            assert!(text.lines().any(said), "{text}");
        }
        // Gets, found, ALTER SESSION, log-ons.
        for (how, numbers) in [
            ("2 sessions, no tags", ["60", "0", "120", "1"]),
            ("2 sessions, tags", ["60", "58", "4", "2"]),
            ("1 session, tags", ["60", "0", "120", "60"]),
            ("1 session, tags, MATCHANY", ["60", "0", "120", "1"]),
        ] {
            let row = text.lines().map(cells).find(|row| row.first() == Some(&how));
            assert_eq!(row.expect(how)[1..5], numbers, "{text}");
        }
    }
}

#[test]
fn lesson_6_has_sessions_put_right_by_callbacks() {
    for text in try_out("c-examples/06_callback.c", &[], &[]) {
        assert_lines(
            section(&text, "1. ", "\n2. "),
            &[
                "60 gets of 3 sessions: the callback was called 3 times",
                "a session of the pool: 2026-02-28, 0,5, +00:00",
                "the context goes: 3 calls, 3 statements",
            ],
        );
        let differ = section(&text, "2. ", "\n3. ");
        assert_eq!(
            differ.lines().filter_map(|line| line.trim().strip_prefix("found ")).collect::<Vec<_>>(),
            [
                "0, tag DATES=ISO;ZONE=UTC, sample 2026-02-28 +00:00",
                "1, tag DATES=ISO;ZONE=UTC, sample 2026-02-28 +00:00",
                "1, tag DATES=ISO;ZONE=UTC, sample 2026-02-28 +00:00",
                "0, tag DATES=GERMAN;ZONE=UTC, sample 28.02.2026 +00:00",
                "0, tag DATES=ISO;ZONE=INDIA, sample 2026-02-28 +05:30",
                "1, tag DATES=ISO;ZONE=INDIA, sample 2026-02-28 +05:30",
                "0, tag ZONE=UTC;DATES=ISO, sample 2026-02-28 +00:00",
            ]
        );
        assert_eq!(
            section(differ, "get DATES=ISO;ZONE=INDIA, MATCHANY", "get ").lines().nth(2),
            Some("      callback: alter session set time_zone = '+05:30'"),
            "only what differs: {differ}"
        );
        assert_lines(
            differ,
            &[
                "callbacks that failed: 2, sessions made: 2, open now: 1",
                "the context goes: 6 calls, 8 statements",
            ],
        );
        for part in
            ["callback: ORA-01882: ", "ORAPOOL_CALLBACK_FAILED: the session callback returned -1882, "]
        {
            assert!(differ.contains(part), "no `{part}` in:\n{text}");
        }
        assert_lines(
            section(&text, "3. ", "\n4. "),
            &[
                "found 1, tag DATES=GERMAN, sample 28.02.2026 +00:00",
                "3 gets, 2 calls of the procedure, 1 log-on",
            ],
        );
    }
}

#[test]
fn lesson_7_has_sessions_put_right_by_a_procedure() {
    for text in try_out("c-examples/07_fixup.c", &[], &[]) {
        let gets: Vec<_> = section(&text, "1. ", "\n2. ").lines().skip(3).map(cells).collect();
        assert_eq!(
            gets[..7],
            [
                &["(none)", "-", "(none)", "28-FEB-26 +00:00"][..],
                &["TZ=UTC;DATES=ISO", "called", "TZ=UTC;DATES=ISO", "2026-02-28 UTC"],
                &["TZ=UTC;DATES=ISO", "-", "TZ=UTC;DATES=ISO", "2026-02-28 UTC"],
                &["DATES=ISO;TZ=UTC", "-", "TZ=UTC;DATES=ISO", "2026-02-28 UTC"],
                &["DATES=ISO", "MATCHANY", "-", "TZ=UTC;DATES=ISO", "2026-02-28 UTC"],
                &["TZ=UTC;DATES=GERMAN", "called", "TZ=UTC;DATES=GERMAN", "28.02.2026 UTC"],
                &["TZ=+05:30", "MATCHANY", "called", "TZ=+05:30;DATES=GERMAN", "28.02.2026 +05:30"],
            ],
            "{text}"
        );
        let refused = section(&text, "2. ", "\n3. ");
        assert_eq!(times(refused, "ORAPOOL_ERROR: ORA-56610: "), 4, "{text}");
        assert_lines(
            refused,
            &[
                "caused by: ORA-20001: DATES and TZ can be set, not WEATHER",
                "caused by: ORA-20002: DATES is ISO or GERMAN, not KLINGON",
                "caused by: ORA-20003: not a time zone: UTC' NLS_LANGUAGE='FRENCH",
                "4 fix-ups failed, and each took its session along",
            ],
        );
        assert!(refused.contains("caused by: ORA-01882: "), "{text}");
        let pool = section(&text, "3. ", "\n4. ");
        assert!(pool.contains("ORAPOOL_ERROR: ORA-56612: "), "{text}");
        assert!(pool.contains("ORAPOOL_INVALID_ARGUMENT: ORAPOOL_ATTR_FIXUP_CALLBACK takes "), "{text}");
        let log: Vec<_> = section(&text, "4. ", "\n5. ").lines().skip(3).map(cells).collect();
        assert_eq!(
            log[..6],
            [
                ["TZ=UTC;DATES=ISO", "(none)", "set TZ DATES"],
                ["TZ=UTC;DATES=GERMAN", "(none)", "set TZ DATES"],
                ["TZ=+05:30", "TZ=UTC;DATES=GERMAN", "set TZ"],
                ["DATES=KLINGON", "(none)", "ORA-20002: DATES is ISO or GERMAN, not KLINGON"],
                ["WEATHER=FINE", "(none)", "ORA-20001: DATES and TZ can be set, not WEATHER"],
                [
                    "TZ=UTC' NLS_LANGUAGE='FRENCH",
                    "(none)",
                    "ORA-20003: not a time zone: UTC' NLS_LANGUAGE='FRENCH"
                ],
            ],
            "{text}"
        );
        assert_eq!(log.len(), 7, "{text}");
    }
}

#[test]
fn lesson_8_counts_hits_and_misses() {
    for text in try_out("c-examples/08_drcp.c", &[], &[]) {
        let rows = |part: &str| -> Vec<Vec<String>> {
            let rows = section(&text, part, "\n\n").lines().filter(|line| line.contains("SCOTT."));
            rows.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
        };
        assert_eq!(rows("PURITY SELF"), [["SCOTT.PYTHONDEMO", "4", "2", "2"]], "{text}");
        assert_eq!(rows("PURITY NEW")[0], ["SCOTT.NEWDEMO", "4", "0", "4"], "{text}");
        assert_eq!(rows("SHARED and NEW")[2], ["SCOTT.SHARED", "4", "0", "4"], "{text}");
        let states = section(&text, "When a session has a server:", "\n\n");
        let busy: Vec<_> =
            states.lines().skip(1).map(|line| line.trim_end_matches(" busy").chars().last()).collect();
        assert_eq!(busy, [Some('0'), Some('1'), Some('0')], "{text}");
    }
}

#[test]
fn lesson_9_has_one_server_for_three_jobs() {
    for text in try_out("c-examples/09_park.c", &[], &[]) {
        let jobs: Vec<_> = text.lines().filter_map(|line| line.trim().split_once(" attaches: ")).collect();
        assert_eq!(jobs.len(), 6, "{text}");
        assert_eq!(jobs[3], ("job 1", "found a session in ZONE=UTC"), "{text}");
        assert!(text.contains("ORAPOOL_INVALID_ARGUMENT: the server can not be given back"), "{text}");
        assert_lines(&text, &["3 lines, 7 servers attached, 4 times with another session than before."]);
    }
}

#[test]
fn lesson_11_serves_what_prometheus_reads() {
    for text in try_out("c-examples/11_exporter.c", &[], &[]) {
        assert_lines(
            &text,
            &["HTTP/1.1 200 OK", "db_client_connection_max{db_client_connection_pool_name=\"shop\"} 3"],
        );
        assert!(!text.contains("} 0\n"), "{text}");
    }
}

/// What a server on `port` answers to `request`, and how it ends.
fn ask(port: u16, request: &[u8]) -> String {
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // In pieces, as a slow network delivers it. A server that has heard enough may hang up amid them.
    for piece in request.chunks(7) {
        if client.write_all(piece).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// Clients that say nothing, or garbage, or hang up, keep nobody from the page.
#[test]
fn lesson_11_is_not_held_up_by_its_clients() {
    let program = Program::build(Language::C99, "c-examples/11_exporter.c");
    let mut command = Command::new(&program.0);
    let mut server = without_settings(&mut command).arg("0").stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    let port = first.split_once("127.0.0.1:").unwrap().1.split('/').next().unwrap().parse().unwrap();

    let silent = [(); 8].map(|()| TcpStream::connect(("127.0.0.1", port)).unwrap());
    drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
    let metrics = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (request, status) in [
        (&b"GET / HTTP/1.0\r\n\r\n"[..], "404 Not Found"),
        (b"GET /metricsandmore HTTP/1.0\r\n\r\n", "404 Not Found"),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed"),
        (b"\x16\x03\x01 garbage\n\n", "400 Bad Request"),
        (&[b'x'; 4095], "431 Request Header Fields Too Large"),
    ] {
        let answer = ask(port, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
    }
    for _ in 0..3 {
        let answer = ask(port, metrics);
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"), "{head}");
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", page.len())), "{head}");
        assert!(page.starts_with("# HELP db_client_connection_count ") && page.ends_with('\n'), "{page}");
    }
    drop(silent);
    output_of(Command::new("kill").arg("-INT").arg(server.id().to_string()));
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(server.wait().unwrap().success() && rest.ends_with("Interrupted.\n"), "{rest}");
}

/// The programs in README.md, in their order.
fn programs_in_readme() -> Vec<String> {
    let readme = fs::read_to_string(repo().join("README.md")).unwrap();
    let behind = readme.split("```c\n").skip(1);
    behind.map(|program| program.split_once("```").unwrap().0.to_owned()).collect()
}

fn check_program_in_readme(number: usize, prints: &str) {
    let source = scratch(&format!("readme-{number}")).with_extension("c");
    fs::write(&source, &programs_in_readme()[number]).unwrap();
    // An absolute path, so where the repository lies does not matter.
    for text in try_out(source.to_str().unwrap(), &[], &[]) {
        assert_eq!(text.trim(), prints);
    }
    let _ = fs::remove_file(source);
}

#[test]
fn the_first_program_in_the_readme_works_as_printed() {
    check_program_in_readme(0, "Hello, SCOTT");
    assert_eq!(programs_in_readme().len(), 3);
}

#[test]
fn the_program_with_requests_in_the_readme_works_as_printed() {
    let lines: Vec<String> = (1..=10).map(|number| format!("request {number} has its session")).collect();
    check_program_in_readme(1, &lines.join("\n"));
}

#[test]
fn the_program_with_tags_in_the_readme_works_as_printed() {
    check_program_in_readme(
        2,
        "TZ=UTC: got a session that is TZ=UTC\n\
         TZ=+09:00: got a session that is TZ=+09:00\n\
         TZ=UTC: got a session that is TZ=UTC\n\
         TZ=+09:00: got a session that is TZ=+09:00\n\
         TZ=Mars: ORA-20001: no such time zone here: Mars\n\
         ORA-06512: at \"SCOTT.SET_STATE\", line 5\n\
         ORA-06512: at line 1\n\
         5 gets, 2 found as they were",
    );
}

/// Runs make in c-examples on the library that the tests run on.
fn make(build: &Path, target: &str) -> Output {
    let mut command = Command::new("make");
    let variables =
        [format!("LIBRARY_DIR={}", library_dir().display()), format!("BUILD={}", build.display())];
    without_settings(&mut command).arg("-C").arg(repo().join("c-examples")).arg(target).args(variables);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}:\n{}", text_of(&output));
    output
}

#[test]
fn make_run_builds_and_runs_all_lessons() {
    let build = scratch("c-examples");
    let text = text_of(&make(&build, "run"));
    for lesson in [
        "01_first_query: Lesson 1: ",
        "02_lab: Lesson 2: ",
        "03_errors: Lesson 3: ",
        "04_statistics: Lesson 4: ",
        "05_tags: Lesson 5: ",
        "06_callback: Lesson 6: ",
        "07_fixup: Lesson 7: ",
        "08_drcp: Lesson 8: ",
        "09_park: Lesson 9: ",
        "10_shared_pool: Lesson 10: ",
        "11_exporter: Lesson 11: ",
    ] {
        assert!(text.contains(&format!("\n=== {lesson}")), "{text}");
    }
    let lessons = times(&text, "\n=== ");
    assert!(text.contains(&format!("\nAll {lessons} lessons ran.\n")), "{text}");

    let modified =
        || -> SystemTime { fs::metadata(build.join("01_first_query")).unwrap().modified().unwrap() };
    let before = modified();
    make(&build, "01_first_query");
    assert_eq!(modified(), before, "nothing has changed, so nothing is linked anew");
    make(&build, "clean");
    assert!(!build.exists());
}

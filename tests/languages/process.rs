//! Processes that may say anything, hang, or die: what they print, within bounds.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may be silent, and how long it may take. Generous: they must end no process that goes on, on
/// however loaded a machine.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub silence: Duration,
    pub whole: Duration,
}

impl Bounds {
    /// For what prints a line for each of its cases. Runners end a scenario that hangs after a minute by themselves.
    pub const CASES: Bounds = Bounds { silence: minutes(5), whole: minutes(30) };
    /// For what prints when it is done.
    pub const ALL_AT_ONCE: Bounds = Bounds { silence: minutes(20), whole: minutes(20) };
}

const fn minutes(number: u64) -> Duration {
    Duration::from_secs(60 * number)
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Exit(i32),
    Signal(i32),
    /// It hung, and was killed with all that it had started.
    Killed(String),
    /// It could not be started.
    Unstarted(String),
}

impl Ending {
    pub fn tell(&self) -> String {
        match self {
            Ending::Exit(status) => format!("it ended with exit status {status}"),
            Ending::Signal(signal) => format!("it was ended by signal {signal}"),
            Ending::Killed(why) => format!("it was killed: {why}"),
            Ending::Unstarted(why) => format!("it could not be started: {why}"),
        }
    }
}

/// What a process said.
pub struct Said {
    pub lines: Vec<String>,
    pub stderr: String,
    pub ending: Ending,
}

impl Said {
    pub fn is_success(&self) -> bool {
        self.ending == Ending::Exit(0)
    }

    /// The end of both outputs, for a report.
    pub fn tail(&self) -> String {
        const LINES: usize = 30;
        let all = self.lines.iter().map(String::as_str).chain(self.stderr.lines()).collect::<Vec<_>>();
        all[all.len().saturating_sub(LINES)..].join("\n")
    }
}

/// What comes from the readers of the two outputs.
enum Event {
    Line(String),
    Stderr(String),
}

/// Runs a command, in a process group of its own, to its end or to its bounds. It does not outlive the thread that runs it.
pub fn run(command: &mut Command, bounds: Bounds) -> Said {
    // SAFETY: between fork and exec one system call is made, which allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    match command.spawn() {
        Ok(child) => watch(child, bounds),
        Err(why) => {
            Said { lines: Vec::new(), stderr: String::new(), ending: Ending::Unstarted(why.to_string()) }
        }
    }
}

fn watch(mut child: Child, bounds: Bounds) -> Said {
    let mut said = Said { lines: Vec::new(), stderr: String::new(), ending: Ending::Exit(0) };
    let events = read_outputs(&mut child);
    let hung = collect(&events, bounds, &mut said);
    if hung.is_some() {
        kill_group(child.id());
        // What it had said before; a process that left the group may hold the outputs open.
        let rest = Bounds { silence: Duration::from_secs(1), whole: Duration::from_secs(5) };
        collect(&events, rest, &mut said);
    }
    let status = child.wait();
    said.ending = match (hung, status) {
        (Some(why), _) => Ending::Killed(why),
        (None, Ok(status)) => ending_of(status),
        (None, Err(why)) => Ending::Unstarted(why.to_string()),
    };
    said
}

fn ending_of(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exit(code),
        (None, signal) => Ending::Signal(signal.unwrap_or_default()),
    }
}

fn read_outputs(child: &mut Child) -> Receiver<Event> {
    let (sender, events) = channel();
    if let Some(stdout) = child.stdout.take() {
        read_lines(stdout, sender.clone(), Event::Line);
    }
    if let Some(stderr) = child.stderr.take() {
        read_lines(stderr, sender, Event::Stderr);
    }
    events
}

fn read_lines(from: impl Read + Send + 'static, to: Sender<Event>, event: fn(String) -> Event) {
    thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
            if to.send(event(text)).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// Until both outputs end; else why it was given up.
fn collect(events: &Receiver<Event>, bounds: Bounds, said: &mut Said) -> Option<String> {
    let start = Instant::now();
    loop {
        let left = bounds.whole.saturating_sub(start.elapsed());
        match events.recv_timeout(bounds.silence.min(left)) {
            Ok(Event::Line(line)) => said.lines.push(line),
            Ok(Event::Stderr(line)) => {
                said.stderr.push_str(&line);
                said.stderr.push('\n');
            }
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if left <= bounds.silence => {
                return Some(format!("it took more than {} s", bounds.whole.as_secs()));
            }
            Err(RecvTimeoutError::Timeout) => {
                return Some(format!("it said nothing for {} s", bounds.silence.as_secs()));
            }
        }
    }
}

/// The process and those that it started.
fn kill_group(id: u32) {
    let _ = Command::new("sh").args(["-c", &format!("kill -s KILL -- -{id}")]).status();
}

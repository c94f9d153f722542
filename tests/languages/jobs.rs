//! What is to be done for the languages, as many things side by side as there are processors.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use crate::catalogue::Catalogue;
use crate::language::{Driver, Language};
use crate::process::{self, Bounds, Ending, Said};
use crate::protocol::{self, OwnTests, Run};
use crate::report;
use crate::support::c_build::library_dir;
use crate::support::oci_standin::client_lib_dir;

/// A result that somebody waits for.
pub struct Slot<T> {
    value: OnceLock<T>,
    lock: Mutex<()>,
    filled: Condvar,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: OnceLock::new(), lock: Mutex::new(()), filled: Condvar::new() }
    }
}

impl<T> Slot<T> {
    fn fill(&self, value: T) {
        let _held = lock(&self.lock);
        let _ = self.value.set(value);
        self.filled.notify_all();
    }

    /// Waits for it.
    pub fn wait(&self) -> &T {
        let mut held = lock(&self.lock);
        loop {
            if let Some(value) = self.value.get() {
                return value;
            }
            held = self.filled.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a language was not built.
#[derive(Clone)]
pub enum NotBuilt {
    /// The script says what is missing.
    Lacks(String),
    Failed(String),
}

/// A language, and what has come of it. What follows the build is None if there was none.
pub struct Station {
    pub language: Language,
    pub build: Slot<Result<(), NotBuilt>>,
    pub tests: Slot<Option<OwnTests>>,
    pub runs: [Slot<Option<Run>>; 2],
    pub bench: Slot<Option<Result<f64, String>>>,
}

impl Station {
    pub fn run(&self, driver: Driver) -> &Slot<Option<Run>> {
        &self.runs[driver as usize]
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.language.script);
        command.args(arguments).env("ORAPOOL_LIBRARY", library_dir().join("liborapool.so"));
        command.env("ORAPOOL_BUILD_DIR", report::folder().join("build").join(self.language.name));
        // ODPI-C looks there by itself.
        command.env_remove("ORACLE_HOME");
        // Cargo's, in which the library lies: the bindings' tests look at what happens where the system has none.
        command.env_remove("LD_LIBRARY_PATH");
        command
    }
}

pub struct Work {
    pub stations: Vec<Station>,
}

impl Work {
    pub fn new(languages: Vec<Language>) -> Arc<Self> {
        let station = |language| Station {
            language,
            build: Slot::default(),
            tests: Slot::default(),
            runs: Default::default(),
            bench: Slot::default(),
        };
        Arc::new(Self { stations: languages.into_iter().map(station).collect() })
    }
}

/// What a language does after its build.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    Build,
    Tests,
    Scenarios(&'static str),
    Bench,
}

/// What is wanted of the languages, by their numbers: the tasks, and of the scenarios which.
#[derive(Default)]
pub struct Wanted {
    tasks: BTreeSet<(usize, Task)>,
    scenarios: BTreeMap<(usize, &'static str), Vec<String>>,
}

impl Wanted {
    pub fn add(&mut self, station: usize, task: Task) {
        self.tasks.insert((station, Task::Build));
        self.tasks.insert((station, task));
    }

    pub fn add_scenario(&mut self, station: usize, driver: Driver, name: &str) {
        self.add(station, Task::Scenarios(driver.name()));
        self.scenarios.entry((station, driver.name())).or_default().push(name.to_owned());
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// Something to run.
struct Job {
    station: usize,
    task: Task,
}

struct Queue {
    jobs: VecDeque<Job>,
    /// Jobs that were begun and may add others.
    under_way: usize,
}

struct Plan {
    work: Arc<Work>,
    /// What follows the build of each language.
    after_build: Mutex<Vec<Vec<Task>>>,
    scenarios: BTreeMap<(usize, &'static str), Vec<String>>,
    known: Vec<String>,
    folder: std::path::PathBuf,
    queue: Mutex<Queue>,
    changed: Condvar,
}

pub struct Workers(JoinHandle<()>);

impl Workers {
    pub fn join(self) {
        let _ = self.0.join();
    }
}

/// Begins the work. Builds come first; the measurements at the end, one by one, when nothing else runs.
pub fn start(work: &Arc<Work>, wanted: &Wanted, catalogue: &Catalogue) -> Workers {
    let tasks_of = |station: usize, is_last: bool| {
        let mine = wanted.tasks.iter().filter(|(number, task)| *number == station && *task != Task::Build);
        mine.map(|(_, task)| task.clone())
            .filter(|task| (*task == Task::Bench) == is_last)
            .collect::<Vec<_>>()
    };
    let stations = 0..work.stations.len();
    let builds = wanted.tasks.iter().filter(|(_, task)| *task == Task::Build);
    let jobs = builds.map(|(station, _)| Job { station: *station, task: Task::Build }).collect();
    let plan = Arc::new(Plan {
        work: Arc::clone(work),
        after_build: Mutex::new(stations.clone().map(|station| tasks_of(station, false)).collect()),
        scenarios: wanted.scenarios.clone(),
        known: catalogue.names(),
        folder: catalogue.folder.clone(),
        queue: Mutex::new(Queue { jobs, under_way: 0 }),
        changed: Condvar::new(),
    });
    let measured = stations.filter(|station| !tasks_of(*station, true).is_empty()).collect::<Vec<_>>();
    Workers(thread::spawn(move || plan.run(&measured)))
}

impl Plan {
    fn run(self: &Arc<Self>, measured: &[usize]) {
        let count = thread::available_parallelism().map_or(2, usize::from);
        let workers = (0..count).map(|_| {
            let plan = Arc::clone(self);
            thread::spawn(move || plan.work_off())
        });
        for worker in workers.collect::<Vec<_>>() {
            let _ = worker.join();
        }
        for station in measured {
            self.measure(&self.work.stations[*station]);
        }
    }

    fn work_off(&self) {
        while let Some(job) = self.take() {
            self.perform(&job);
            let mut queue = lock(&self.queue);
            if job.task == Task::Build {
                let tasks = std::mem::take(&mut lock(&self.after_build)[job.station]);
                queue.jobs.extend(tasks.into_iter().map(|task| Job { station: job.station, task }));
            }
            queue.under_way -= 1;
            self.changed.notify_all();
        }
    }

    fn take(&self) -> Option<Job> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                queue.under_way += 1;
                return Some(job);
            }
            if queue.under_way == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Somebody waits for what comes of it, so a panic in here ends the program.
    fn perform(&self, job: &Job) {
        if catch_unwind(AssertUnwindSafe(|| self.perform_unguarded(job))).is_err() {
            std::process::exit(101);
        }
    }

    fn perform_unguarded(&self, job: &Job) {
        let station = &self.work.stations[job.station];
        match &job.task {
            Task::Build => station.build.fill(build(station)),
            Task::Tests => {
                let tests = is_built(station).then(|| own_tests(station));
                station.tests.fill(tests);
            }
            Task::Scenarios(driver) => {
                let driver = if *driver == Driver::Oci.name() { Driver::Oci } else { Driver::Embedded };
                let run = is_built(station).then(|| self.scenarios(job.station, driver));
                station.run(driver).fill(run);
            }
            Task::Bench => {}
        }
    }

    fn scenarios(&self, number: usize, driver: Driver) -> Run {
        let station = &self.work.stations[number];
        let wanted = self.scenarios.get(&(number, driver.name())).map_or(&[][..], Vec::as_slice);
        let mut command = station.command(&["scenarios", "--driver", driver.name(), "--scenarios"]);
        command.arg(&self.folder);
        if driver == Driver::Oci {
            command.arg("--client-lib-dir").arg(client_lib_dir());
        }
        if wanted.len() < self.known.len() {
            command.args(wanted);
        }
        let said = process::run(&mut command, Bounds::CASES);
        protocol::read_run(&said, &self.known, wanted)
    }

    fn measure(&self, station: &Station) {
        let measured = is_built(station).then(|| {
            let said = process::run(&mut station.command(&["bench"]), Bounds::ALL_AT_ONCE);
            protocol::read_bench(&said, station.language.name)
        });
        station.bench.fill(measured);
    }
}

fn is_built(station: &Station) -> bool {
    matches!(station.build.get(), Some(Ok(())))
}

/// Exit status 77 is the script's word for what is missing on this machine, as of old.
fn build(station: &Station) -> Result<(), NotBuilt> {
    const LACKS: i32 = 77;
    let said = process::run(&mut station.command(&["build"]), Bounds::ALL_AT_ONCE);
    match said {
        Said { ending: Ending::Exit(0), .. } => Ok(()),
        Said { ending: Ending::Exit(LACKS), stderr, .. } => Err(NotBuilt::Lacks(stderr.trim().to_owned())),
        said => Err(NotBuilt::Failed(format!("{}\n{}", said.ending.tell(), said.tail()))),
    }
}

fn own_tests(station: &Station) -> OwnTests {
    protocol::read_own_tests(&process::run(&mut station.command(&["test"]), Bounds::ALL_AT_ONCE))
}

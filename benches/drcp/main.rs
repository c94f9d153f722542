//! How many servers of the database 30 middle tiers need, with pooled servers (DRCP) and without: a simulation on the
//! embedded engine.
//!
//! `cargo bench --bench drcp` prints the figures; `-- --svg FILE` draws them as well.
//!
//! Each tier has a pool with 200 sessions, as many as it has clients, and a client works 5 % of its time. In each step of
//! the simulation every client decides by itself whether it begins to work or goes on or ends; nothing depends on the
//! clock, and the same seed gives the same figures.

mod plot;

use std::error::Error;

use orapool::pool::{Attr, Attributes, Loan, Pool, PoolBuilder};

const TIERS: usize = 30;
const CLIENTS: usize = 200;
/// A client works for four steps on average and then does not for 76: 5 %.
const WORK_STEPS: f64 = 4.0;
const REST_STEPS: f64 = 76.0;
const STEPS: usize = 400;
const SEED: u64 = 23;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the database saw in one step.
#[derive(Clone, Copy, Default)]
struct Sample {
    connections: u64,
    /// Servers that exist.
    servers: u64,
    /// Servers that a client has.
    working: u64,
}

fn attributes(connect_string: &str, sessions: usize) -> Outcome<Attributes> {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::User, "shop")?;
    attributes.set_text(Attr::Password, "shop")?;
    attributes.set_text(Attr::ConnectString, connect_string)?;
    attributes.set_text(Attr::ConnectionClass, "SHOP")?;
    attributes.set_int(Attr::SessionsMin, 0)?;
    attributes.set_int(Attr::SessionsMax, i64::try_from(sessions)?)?;
    Ok(attributes)
}

fn pool(connect_string: &str, sessions: usize) -> Outcome<Pool> {
    Ok(PoolBuilder::new(&attributes(connect_string, sessions)?).create()?.0)
}

/// The pools of all tiers, each with all its sessions open.
fn tiers(connect_string: &str) -> Outcome<Vec<Pool>> {
    let pools: Outcome<Vec<Pool>> = (0..TIERS).map(|_| pool(connect_string, CLIENTS)).collect();
    let pools = pools?;
    for pool in &pools {
        let all: Result<Vec<Loan<'_>>, _> = (0..CLIENTS).map(|_| pool.get()).collect();
        drop(all?);
    }
    Ok(pools)
}

fn number(watcher: &Loan<'_>, query: &str) -> Outcome<u64> {
    let value = watcher.query_value(query)?.ok_or("no row")?;
    match value {
        orapool::driver::Value::Int(number) => Ok(u64::try_from(number)?),
        other => Err(format!("{query} gave {other:?}").into()),
    }
}

/// Lets all clients live for [`STEPS`] steps, and looks at the database after each with `look`.
fn simulate(pools: &[Pool], mut look: impl FnMut() -> Outcome<Sample>) -> Outcome<Vec<Sample>> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut clients: Vec<Vec<Option<Loan<'_>>>> =
        pools.iter().map(|_| (0..CLIENTS).map(|_| None).collect()).collect();
    let mut samples = Vec::with_capacity(STEPS);
    for _ in 0..STEPS {
        for (pool, clients) in pools.iter().zip(&mut clients) {
            for client in clients {
                live(pool, client, &mut random)?;
            }
        }
        samples.push(look()?);
    }
    Ok(samples)
}

/// One step of one client.
fn live<'a>(pool: &'a Pool, client: &mut Option<Loan<'a>>, random: &mut fastrand::Rng) -> Outcome<()> {
    match client {
        Some(_) if random.f64() < 1.0 / WORK_STEPS => *client = None,
        None if random.f64() < 1.0 / REST_STEPS => {
            let loan = pool.get()?;
            loan.execute("select 1 from dual")?;
            *client = Some(loan);
        }
        _ => {}
    }
    Ok(())
}

fn with_drcp() -> Outcome<(Vec<Sample>, String)> {
    let pools = tiers("embedded:tiers:pooled?drcp_minsize=4&drcp_maxsize=600")?;
    let watching = pool("embedded:tiers", 1)?;
    let watcher = watching.get()?;
    let samples = simulate(&pools, || {
        Ok(Sample {
            connections: pools.iter().map(|pool| pool.stats().open).sum(),
            servers: number(&watcher, "select num_open_servers from v$cpool_stats")?,
            working: number(&watcher, "select num_busy_servers from v$cpool_stats")?,
        })
    })?;
    let of = |column| number(&watcher, &format!("select {column} from v$cpool_stats"));
    let counts = format!(
        "{} requests, {} hits, {} misses, {} waits",
        of("num_requests")?,
        of("num_hits")?,
        of("num_misses")?,
        of("num_waits")?
    );
    Ok((samples, counts))
}

/// Without pooled servers each session has its own, whatever its client does: one look is enough.
fn without_drcp() -> Outcome<u64> {
    let pools = tiers("embedded:dedicated")?;
    let watching = pool("embedded:dedicated", 1)?;
    let watcher = watching.get()?;
    let servers = number(&watcher, "select count(*) from v$session")? - 1;
    drop(pools);
    Ok(servers)
}

fn most(samples: &[Sample], of: impl Fn(&Sample) -> u64) -> u64 {
    samples.iter().map(of).max().unwrap_or_default()
}

fn mean(samples: &[Sample], of: impl Fn(&Sample) -> u64) -> f64 {
    samples.iter().map(of).sum::<u64>() as f64 / samples.len().max(1) as f64
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--svg");
    let dedicated = without_drcp()?;
    let (samples, counts) = with_drcp()?;
    let (connections, servers) =
        (most(&samples, |sample| sample.connections), most(&samples, |sample| sample.servers));
    println!("{TIERS} pools of {CLIENTS} sessions, whose clients work 5 % of the time; {STEPS} steps");
    println!("connections                    {connections}");
    println!("servers without DRCP           {dedicated}");
    println!(
        "servers with DRCP              {servers} at most, {:.0} of them working on average",
        mean(&samples, |sample| sample.working)
    );
    println!("connections : pooled servers   {:.1} : 1", connections as f64 / servers as f64);
    println!("V$CPOOL_STATS                  {counts}");
    if let Some(file) = arguments.nth(1) {
        std::fs::write(&file, plot::draw(dedicated, &samples))?;
        println!("drawn in                       {file}");
    }
    Ok(())
}

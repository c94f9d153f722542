//! ODPI-C's own session pool, by way of the crate `oracle`, on whichever client library `ORAPOOL_BENCH_CLIENT` names.
//! With the settings that cost least: no ping, no tag.

use oracle::pool::{GetMode, Pool as OraclePool, PoolBuilder};
use oracle::{Connection, InitParams};

use crate::Contender;

pub struct Pool(OraclePool);

impl Contender for Pool {
    type Loan = Connection;

    fn create(sessions: u32) -> Self {
        let client = std::env::var("ORAPOOL_BENCH_CLIENT").expect("ORAPOOL_BENCH_CLIENT names the client library");
        let mut parameters = InitParams::new();
        parameters.oracle_client_lib_dir(client).expect("a directory");
        parameters.init().expect("the client library is loaded");
        let mut builder = PoolBuilder::new("bench", "bench", "//standin/bench");
        builder.min_connections(sessions).max_connections(sessions).get_mode(GetMode::Wait);
        builder.ping_interval(None).expect("no ping");
        Pool(builder.build().expect("a pool"))
    }

    fn get(&self) -> Connection {
        self.0.get().expect("a connection")
    }

    fn release(&self, loan: Connection) {
        drop(loan);
    }

    /// Only asked where threads wait, which this contender does not take part in.
    fn id(_loan: &Connection) -> u32 {
        0
    }
}

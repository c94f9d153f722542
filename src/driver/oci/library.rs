//! Oracle's client library: loaded once for the whole process, with a clear word when it can not be.

use std::env;

use oracle::InitParams;
use parking_lot::Mutex;

use crate::driver::Target;
use crate::error::Error;

/// What the library was loaded with. Later pools must want the same, or nothing in particular.
#[derive(Debug, Clone)]
struct Opened {
    lib_dir: Option<String>,
    config_dir: Option<String>,
}

/// The process has one client library, and ODPI-C one context for it.
static OPENED: Mutex<Option<Opened>> = Mutex::new(None);

/// Loads the library, or checks that the one that is loaded is the one that is wanted.
pub(super) fn open(target: &Target) -> Result<(), Error> {
    let wanted = Opened { lib_dir: target.client_lib_dir.clone(), config_dir: target.config_dir.clone() };
    let mut opened = OPENED.lock();
    if opened.is_none() {
        let is_ours = load(&wanted, &target.driver_name)?;
        // Somebody else in this process uses the crate `oracle` too, and loaded the library by default.
        let by_default = Opened { lib_dir: None, config_dir: None };
        *opened = Some(if is_ours { wanted.clone() } else { by_default });
    }
    opened.as_ref().map_or(Ok(()), |opened| opened.serves(&wanted))
}

/// Neither the library nor ODPI-C can be put back to where they were before they were loaded.
pub(in crate::driver) fn may_begin_anew() -> Result<(), Error> {
    // Locked, a thread of the parent was just loading it.
    if OPENED.try_lock().is_some_and(|opened| opened.is_none()) {
        return Ok(());
    }
    Err(Error::unsupported(
        "the parent process has loaded Oracle's client library, which a forked child can not begin anew with: fork before the \
         first pool is made, or start the child with exec",
    ))
}

impl Opened {
    fn serves(&self, wanted: &Opened) -> Result<(), Error> {
        check("CLIENT_LIB_DIR", self.lib_dir.as_deref(), wanted.lib_dir.as_deref())?;
        check("CONFIG_DIR", self.config_dir.as_deref(), wanted.config_dir.as_deref())
    }
}

fn check(attribute: &str, opened: Option<&str>, wanted: Option<&str>) -> Result<(), Error> {
    if wanted.is_none() || wanted == opened {
        return Ok(());
    }
    let opened = opened.map_or("none".to_owned(), |folder| format!("`{folder}`"));
    Err(Error::invalid_argument(format!(
        "{attribute} `{}` comes too late: a process loads Oracle's client library once, and the first OCI pool of this \
         one had {opened}. Give every pool the same folder, or give it to the first alone",
        wanted.unwrap_or_default()
    )))
}

/// True: loaded here and now, with these folders.
fn load(wanted: &Opened, driver_name: &str) -> Result<bool, Error> {
    let mut params = InitParams::new();
    // Told of by name: what is wrong with an argument is that it has a NUL.
    let name_it = |what: &'static str| {
        move |error: oracle::Error| Error::invalid_argument(format!("{what} can not be used: {error}"))
    };
    params.default_driver_name(driver_name).map_err(name_it("DRIVER_NAME"))?;
    if let Some(folder) = &wanted.lib_dir {
        params.oracle_client_lib_dir(folder).map_err(name_it("CLIENT_LIB_DIR"))?;
    }
    if let Some(folder) = &wanted.config_dir {
        params.oracle_client_config_dir(folder).map_err(name_it("CONFIG_DIR"))?;
    }
    params.init().map_err(|error| load_error(&error, wanted.lib_dir.as_deref()))
}

fn load_error(error: &oracle::Error, lib_dir: Option<&str>) -> Error {
    let said = error.db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    let (said, advice) = match error.dpi_code() {
        Some(1047) => (without_link(&said), how_to_install(lib_dir)),
        Some(1050 | 1072) => (said.as_str(), how_to_replace(lib_dir)),
        _ => (said.as_str(), format!("looked for {}", searched(lib_dir))),
    };
    // A number of ODPI-C's own: there is no ORA number for it.
    Error::oracle(0, format!("{said}; {advice}"))
}

/// ODPI-C's message ends in a link to its own installation page.
fn without_link(message: &str) -> &str {
    message.rsplit_once(". See ").map_or(message, |(message, _)| message)
}

fn how_to_install(lib_dir: Option<&str>) -> String {
    format!(
        "looked for {}. Install Oracle Instant Client (package Basic or Basic Light, 64-bit, 11.2 or later) and set \
         ORAPOOL_ATTR_CLIENT_LIB_DIR to its folder, or have that folder in LD_LIBRARY_PATH before the program starts",
        searched(lib_dir)
    )
}

fn how_to_replace(lib_dir: Option<&str>) -> String {
    format!(
        "found by looking for {}. Install Oracle Instant Client 11.2 or later (19 or later is advised) and set \
         ORAPOOL_ATTR_CLIENT_LIB_DIR to its folder, or have that folder first in LD_LIBRARY_PATH",
        searched(lib_dir)
    )
}

/// Where ODPI-C has looked, and for what.
fn searched(lib_dir: Option<&str>) -> String {
    let set = |name| match env::var(name) {
        Ok(value) if !value.is_empty() => format!("{name}={value}"),
        _ => format!("{name} is not set"),
    };
    match lib_dir {
        Some(folder) => format!("libclntsh.so in CLIENT_LIB_DIR `{folder}`, and nowhere else"),
        None => format!(
            "libclntsh.so beside the program or liborapool.so, where the system looks for libraries ({}), and in \
             $ORACLE_HOME/lib ({}); CLIENT_LIB_DIR is not set",
            set("LD_LIBRARY_PATH"),
            set("ORACLE_HOME")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_pool_wants_the_same_folders_or_none() {
        let opened = |lib_dir: Option<&str>| Opened { lib_dir: lib_dir.map(str::to_owned), config_dir: None };
        let first = opened(Some("/a"));
        assert!(first.serves(&opened(None)).is_ok() && first.serves(&opened(Some("/a"))).is_ok());
        let error = first.serves(&opened(Some("/b"))).unwrap_err();
        assert!(error.message().contains("`/a`") && error.message().contains("`/b`"), "{error}");
        assert!(opened(None).serves(&opened(Some("/b"))).is_err());
    }

    #[test]
    fn the_link_to_another_manual_is_left_out() {
        let said = "DPI-1047: Cannot locate a 64-bit Oracle Client library: \"x\". See https://y for help";
        assert_eq!(without_link(said), "DPI-1047: Cannot locate a 64-bit Oracle Client library: \"x\"");
        assert_eq!(without_link("DPI-1050: too old"), "DPI-1050: too old");
    }
}

//! The client library: missing, too old, another one, and not loaded at all.

use std::path::Path;
use std::process::Command;

use orapool::driver::{Target, select};
use orapool::error::Kind;
use orapool::pool::{Attr, Attributes, PoolBuilder};

use super::{connect, scott, session, target};
use crate::support::c_build::{library_dir, output_of};
use crate::support::oci_standin::{folder, in_own_process, without_client};

fn target_in(folder: &str) -> Target {
    Target {
        client_lib_dir: Some(folder.to_owned()),
        ..Target { connect_string: Some("//db/x".into()), ..Target::default() }
    }
}

/// A `libclntsh.so` with nothing but these lines of C.
fn client_of(name: &str, source: &str) -> String {
    let dir = folder(name);
    std::fs::write(dir.join("client.c"), source).unwrap();
    output_of(
        Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .arg(dir.join("libclntsh.so"))
            .arg(dir.join("client.c")),
    );
    dir.to_str().unwrap().to_owned()
}

/// What a refused target says; it must be an error of Oracle without an ORA number.
#[track_caller]
fn refusal(target: &Target) -> String {
    let Err(error) = select(target) else { panic!("it should not have been found") };
    assert_eq!((error.kind(), error.code()), (Kind::Oracle, 0), "{error}");
    error.message().to_owned()
}

#[test]
fn a_missing_library_is_told_with_what_to_do() {
    without_client("library::a_missing_library_is_told_with_what_to_do", &[], || {
        let message = refusal(&target_in("/nonexistent/instantclient"));
        assert!(message.starts_with("DPI-1047: "), "{message}");
        for word in ["`/nonexistent/instantclient`", "Instant Client", "ORAPOOL_ATTR_CLIENT_LIB_DIR"] {
            assert!(message.contains(word), "{word}: {message}");
        }
        assert!(!message.contains("See http"), "{message}");
    });
}

#[test]
fn without_a_folder_it_is_told_where_was_looked() {
    let place = [("LD_LIBRARY_PATH", "/nonexistent/lib"), ("ORACLE_HOME", "/nonexistent/home")];
    without_client("library::without_a_folder_it_is_told_where_was_looked", &place, || {
        let message = refusal(&Target { client_lib_dir: None, ..target_in("") });
        let words = [
            "LD_LIBRARY_PATH=/nonexistent/lib",
            "ORACLE_HOME=/nonexistent/home",
            "CLIENT_LIB_DIR is not set",
        ];
        for word in words {
            assert!(message.contains(word), "{word}: {message}");
        }
    });
}

#[test]
fn a_library_that_is_too_old_is_told_with_its_version() {
    without_client("library::a_library_that_is_too_old_is_told_with_its_version", &[], || {
        let old = "void OCIClientVersion(int *a, int *b, int *c, int *d, int *e) { *a = 11; *b = 1; *c = *d = *e = 0; }";
        let message = refusal(&target_in(&client_of("old-client", old)));
        assert!(message.starts_with("DPI-1050: "), "{message}");
        for word in ["11.1", "11.2", "Instant Client", "old-client"] {
            assert!(message.contains(word), "{word}: {message}");
        }
    });
}

#[test]
fn a_library_that_is_none_of_oracles_is_told() {
    without_client("library::a_library_that_is_none_of_oracles_is_told", &[], || {
        let message = refusal(&target_in(&client_of("no-client", "int nothing;")));
        assert!(message.starts_with("DPI-1072: ") && message.contains("Instant Client"), "{message}");
    });
}

#[test]
fn what_failed_can_be_tried_again_with_another_folder() {
    in_own_process("library::what_failed_can_be_tried_again_with_another_folder", &[], || {
        refusal(&target_in("/nonexistent/instantclient"));
        session().close();
    });
}

#[test]
fn a_second_pool_can_not_have_another_library() {
    in_own_process("library::a_second_pool_can_not_have_another_library", &[], || {
        let first = select(&target()).unwrap();
        let error = select(&target_in("/elsewhere")).err().unwrap();
        assert_eq!(error.kind(), Kind::InvalidArgument);
        assert!(error.message().contains("`/elsewhere`"), "{error}");
        let error = select(&Target { config_dir: Some("/elsewhere".into()), ..target() }).err().unwrap();
        assert!(error.message().contains("CONFIG_DIR"), "{error}");
        let any = select(&Target { client_lib_dir: None, ..target() }).unwrap();
        connect(any.as_ref(), &scott()).unwrap().close();
        connect(first.as_ref(), &scott()).unwrap().close();
    });
}

#[test]
fn nothing_is_loaded_for_pools_of_other_drivers() {
    without_client("library::nothing_is_loaded_for_pools_of_other_drivers", &[], || {
        let mut attributes = Attributes::new();
        for (attr, text) in [(Attr::ConnectString, "embedded:here"), (Attr::User, "a"), (Attr::Password, "b")]
        {
            attributes.set_text(attr, text).unwrap();
        }
        let (pool, _) = PoolBuilder::new(&attributes).create().unwrap();
        pool.get().unwrap().execute("select 1 from dual").unwrap();
        assert!(!std::fs::read_to_string("/proc/self/maps").unwrap().contains("clntsh"));
    });
}

#[test]
fn which_driver_it_is_goes_by_the_connect_string_or_by_name() {
    without_client("library::which_driver_it_is_goes_by_the_connect_string_or_by_name", &[], || {
        let named = |driver: Option<&str>, connect_string: &str| {
            let target = Target { driver: driver.map(str::to_owned), ..target_in("/nonexistent") };
            select(&Target { connect_string: Some(connect_string.to_owned()), ..target })
                .err()
                .map(|error| error.kind())
        };
        // The library that is missing shows which driver it was.
        assert_eq!(named(None, "//host/service"), Some(Kind::Oracle));
        assert_eq!(named(None, "alias"), Some(Kind::Oracle));
        assert_eq!(named(Some("oci"), ""), Some(Kind::Oracle));
        assert_eq!(named(Some("oci"), "embedded:x"), Some(Kind::InvalidArgument));
        assert_eq!(named(Some("embedded"), "//host/service"), Some(Kind::InvalidArgument));
        assert_eq!(named(Some("nonesuch"), "//host/service"), Some(Kind::Unsupported));
    });
}

#[test]
fn the_library_is_not_linked_with_oracles() {
    let needs = |library: &Path| output_of(Command::new("ldd").arg(library));
    let needed = needs(&library_dir().join("liborapool.so"));
    assert!(!needed.contains("clntsh") && !needed.contains("odpi"), "{needed}");
}

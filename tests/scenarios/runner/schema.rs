//! A schema that all scenarios share: emptied for each of them, and given back as it was found.

use super::errors::{Checked, failure};
use super::format::Capability;
use super::library::Handle;
use super::statements::{done, execute, query, run_owner};
use super::waiting::look_until;
use super::world::World;

/// A schema with this table belongs to the scenarios. It is what a run that was cut off leaves behind, so that the next
/// one cleans up; and a schema of somebody's own, named by mistake, has none and is let alone.
const MARK: &str = "ORAPOOL_TEST_SCHEMA";

/// What a scenario may create. A package's body goes with it, and so does a table's index.
const DROPPED: [&str; 6] = ["PROCEDURE", "FUNCTION", "PACKAGE", "VIEW", "TABLE", "SEQUENCE"];
/// What of it can be executed.
const UNITS: [&str; 3] = ["PROCEDURE", "FUNCTION", "PACKAGE"];

struct Object {
    kind: String,
    name: String,
}

/// Makes the schema empty, and creates the second user if the scenario needs one.
pub fn take_over(world: &World) -> Checked {
    if !world.target.is_shared() {
        return Ok(());
    }
    let objects = objects(world)?;
    if !objects.is_empty() && !is_marked(&objects) {
        return failure(format!(
            "{} has objects that no scenario made, {} among them; name a user whose objects may all be dropped, and if \
             it is this one, create the table {MARK} in it",
            world.target.owner.name, objects[0].name
        ));
    }
    clear(world, &objects)?;
    run_owner(world, &format!("create table {MARK} (n number)"))?;
    if needs_second(world) { create_second(world) } else { Ok(()) }
}

/// Lets the second user execute what the scenario's setup has created.
pub fn share_with_second(world: &World) -> Checked {
    if !world.target.is_shared() || !needs_second(world) {
        return Ok(());
    }
    let objects = objects(world)?;
    for unit in objects.iter().filter(|object| UNITS.contains(&object.kind.as_str())) {
        let what = format!("execute on \"{}\" to {}", unit.name, world.target.second.name);
        grant(world, world.owner(), &what)?;
    }
    Ok(())
}

/// Leaves nothing behind. The scenario's pools are closed.
pub fn give_back(world: &World) -> Checked {
    if !world.target.is_shared() {
        return Ok(());
    }
    let objects = objects(world)?;
    if !is_marked(&objects) {
        return Ok(());
    }
    clear(world, &objects)?;
    if needs_second(world) { drop_second(world) } else { Ok(()) }
}

fn needs_second(world: &World) -> bool {
    world.needs.contains(&Capability::TwoUsers)
}

/// All objects, but those in the recycle bin.
fn objects(world: &World) -> Checked<Vec<Object>> {
    let sql =
        "select object_type, object_name from user_objects where object_name not like 'BIN$%' order by 1, 2";
    let rows = query(world, world.owner(), sql, &[])?;
    let object = |row: Vec<Option<String>>| {
        let mut texts = row.into_iter().map(Option::unwrap_or_default);
        Object { kind: texts.next().unwrap_or_default(), name: texts.next().unwrap_or_default() }
    };
    Ok(rows.into_iter().map(object).collect())
}

fn is_marked(objects: &[Object]) -> bool {
    objects.iter().any(|object| object.name == MARK)
}

/// The mark goes last: while anything is left the schema stays known as the scenarios'.
fn clear(world: &World, objects: &[Object]) -> Checked {
    for kind in DROPPED {
        for object in objects.iter().filter(|object| object.kind == kind && object.name != MARK) {
            drop_object(world, object)?;
        }
    }
    objects.iter().filter(|object| object.name == MARK).try_for_each(|mark| drop_object(world, mark))
}

fn drop_object(world: &World, object: &Object) -> Checked {
    let rest = if object.kind == "TABLE" { " cascade constraints purge" } else { "" };
    run_owner(world, &format!("drop {} \"{}\"{rest}", object.kind, object.name))
}

fn create_second(world: &World) -> Checked {
    drop_second(world)?;
    let second = &world.target.second;
    let sql = format!("create user {} identified by \"{}\"", second.name, second.password);
    let (outcome, _) = execute(world, world.administrator(), &sql, &[])?;
    // A report must not tell the password.
    done(outcome, &format!("create user {}", second.name))?;
    grant(world, world.administrator(), &format!("create session to {}", second.name))
}

/// The server may take a moment to see that the sessions of a closed pool are gone.
fn drop_second(world: &World) -> Checked {
    const NO_SUCH_USER: i32 = 1918;
    const IS_CONNECTED: i32 = 1940;
    let sql = format!("drop user {}", world.target.second.name);
    let mut answer = Ok(());
    look_until(|| {
        let (outcome, _) = execute(world, world.administrator(), &sql, &[])?;
        match outcome.code() {
            IS_CONNECTED => return done(outcome, &sql),
            NO_SUCH_USER => {}
            _ => answer = done(outcome, &sql),
        }
        Ok(())
    })?;
    answer
}

/// A database without privileges, which the stand-in has behind it, says that there are none to grant.
fn grant(world: &World, session: Handle, what: &str) -> Checked {
    const NOT_IMPLEMENTED: i32 = 3001;
    let sql = format!("grant {what}");
    let (outcome, _) = execute(world, session, &sql, &[])?;
    if outcome.code() == NOT_IMPLEMENTED { Ok(()) } else { done(outcome, &sql) }
}

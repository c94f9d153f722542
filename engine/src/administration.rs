//! Changes of users and sequences. They are DDL: the caller has committed before.

use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::instance::Inner;
use crate::plan::UserCommand;
use crate::sequences::{SequenceOptions, no_such_sequence};
use crate::users::{PasswordHash, User, no_such_user};

impl Inner {
    /// CREATE, ALTER or DROP USER. ORA-01920, ORA-01918, ORA-01940 and ORA-01922 as Oracle.
    pub(crate) fn change_user(&self, command: &UserCommand) -> Result<()> {
        match command {
            UserCommand::Create { name, password, locked, expired } => {
                let password = password.as_deref().map(PasswordHash::fresh).transpose()?;
                let mut dictionary = self.dictionary.lock();
                if dictionary.users.contains(name) {
                    return Err(Error::new(
                        1920,
                        format_args!("user name '{name}' conflicts with another user or role name"),
                    ));
                }
                dictionary.put_user(name, User { password, locked: *locked, expired: *expired })
            }
            UserCommand::Alter { name, password, locked, expired } => {
                let password = password.as_deref().map(PasswordHash::fresh).transpose()?;
                let mut dictionary = self.dictionary.lock();
                let mut user = crate::log_on::find_user(&dictionary, name)?.clone();
                if password.is_some() {
                    user.password = password;
                    user.expired = false;
                }
                user.locked = locked.unwrap_or(user.locked);
                user.expired |= expired;
                dictionary.put_user(name, user)
            }
            UserCommand::Drop { name } => self.drop_user(name),
        }
    }

    fn drop_user(&self, name: &str) -> Result<()> {
        if self
            .sessions()
            .iter()
            .any(|session| session.context.identity.user == name && !session.control.is_ended())
        {
            return Err(Error::new(1940, "cannot drop a user that is currently connected"));
        }
        let catalogue = self.catalogue();
        let mut dictionary = self.dictionary.lock();
        if !dictionary.users.contains(name) {
            return Err(no_such_user(name));
        }
        let owns = catalogue.objects.keys().chain(catalogue.units.keys()).any(|object| object.schema == name)
            || dictionary.sequences.iter().any(|(sequence, _)| sequence.schema == name);
        if owns {
            return Err(Error::new(1922, format_args!("CASCADE must be specified to drop '{name}'")));
        }
        dictionary.remove_user(name)
    }

    /// Creates a sequence; ORA-00955 if the name is taken.
    pub(crate) fn create_sequence(&self, name: &Name, options: &SequenceOptions) -> Result<()> {
        self.check_schema(&name.schema)?;
        let sequence = options.clone().create()?;
        let catalogue = self.catalogue();
        let taken = catalogue.objects.contains_key(name) || catalogue.units.contains_key(name);
        let mut dictionary = self.dictionary.lock();
        if taken || dictionary.sequences.contains(name) {
            return Err(Error::new(955, "name is already used by an existing object"));
        }
        dictionary.put_sequence(name, sequence)
    }

    /// Changes a sequence while no NEXTVAL can come between; ORA-02289 if there is none.
    pub(crate) fn alter_sequence(&self, name: &Name, options: &SequenceOptions) -> Result<()> {
        let mut dictionary = self.dictionary.lock();
        let sequence = options.clone().alter(dictionary.sequences.get(name).ok_or_else(no_such_sequence)?)?;
        dictionary.put_sequence(name, sequence)
    }

    /// Drops a sequence; ORA-02289 if there is none.
    pub(crate) fn drop_sequence(&self, name: &Name) -> Result<()> {
        let mut dictionary = self.dictionary.lock();
        if !dictionary.sequences.contains(name) {
            return Err(no_such_sequence());
        }
        dictionary.remove_sequence(name)
    }
}

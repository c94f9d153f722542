//! Whose session it is: which identities a get may ask for, and which sessions stand in for one another.

use crate::driver::Identity;
use crate::error::{Error, Kind};
use crate::pool::attributes::{Attr, Attributes};

/// What two sessions must have in common to stand in for one another. Holds no password, only what tells it from
/// others, so that nobody gets another's idle session with a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct IdentityKey {
    user: Option<String>,
    session_user: Option<String>,
    password: Option<u64>,
    external: bool,
    class: Option<String>,
    edition: Option<String>,
}

impl IdentityKey {
    pub(crate) fn of(identity: &Identity) -> IdentityKey {
        IdentityKey {
            user: identity.user.as_deref().map(fold_user),
            session_user: identity.session_user.as_deref().map(fold_user),
            password: identity.password.as_ref().map(|password| password.fingerprint()),
            external: identity.external,
            class: identity.connection_class.clone(),
            edition: identity.edition.as_deref().map(fold_name),
        }
    }
}

/// An identifier as Oracle compares it: upper case unless it stands in double quotes.
fn fold_name(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.to_uppercase(),
    }
}

/// The two names of `main[proxy]` fold one by one.
fn fold_user(user: &str) -> String {
    match split_proxy(user) {
        Some((main, proxy)) => format!("{}[{}]", fold_name(main), fold_name(proxy)),
        None => fold_name(user),
    }
}

/// `main[proxy]`, taken apart.
pub(crate) fn split_proxy(user: &str) -> Option<(&str, &str)> {
    user.strip_suffix(']').and_then(|user| user.split_once('['))
}

/// How the sessions of a pool log on, decided when it is created.
#[derive(Debug, Clone)]
pub(crate) struct LogOnRules {
    pub(crate) homogeneous: bool,
    external: bool,
    own: Identity,
}

impl LogOnRules {
    /// What `attributes` say of it. ORA-24415 for a homogeneous pool without a user.
    pub(crate) fn of(attributes: &Attributes) -> Result<LogOnRules, Error> {
        let flag = |attr, default| attributes.int(attr).unwrap_or(default) != 0;
        let rules = LogOnRules {
            homogeneous: flag(Attr::Homogeneous, 1),
            external: flag(Attr::ExternalAuth, 0),
            own: Identity {
                user: attributes.text(Attr::User).map(str::to_owned),
                password: attributes.password().cloned(),
                session_user: None,
                external: flag(Attr::ExternalAuth, 0),
                connection_class: attributes.text(Attr::ConnectionClass).map(str::to_owned),
                edition: attributes.text(Attr::Edition).map(str::to_owned),
            },
        };
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), Error> {
        let has_user = self.own.user.is_some();
        if self.external {
            let has_credentials = self.own.password.is_some()
                || self
                    .own
                    .user
                    .as_deref()
                    .is_some_and(|user| split_proxy(user).is_none_or(|(main, _)| !main.is_empty()));
            if has_credentials {
                return Err(Error::invalid_argument(
                    "a pool with EXTERNAL_AUTH takes no user and no password; a proxy user alone is written [proxy]",
                ));
            }
            return Ok(());
        }
        if self.homogeneous && !has_user {
            return Err(no_user("a homogeneous pool needs USER and PASSWORD, or EXTERNAL_AUTH"));
        }
        if has_user && self.own.password.is_none() {
            return Err(Error::oracle(1005, "ORA-01005: USER is set and PASSWORD is not"));
        }
        Ok(())
    }

    /// Whether the pool knows who will want its sessions before anybody has asked.
    pub(crate) fn keeps_minimum(&self) -> bool {
        self.homogeneous && !self.external
    }

    /// Names the connection class of every session whose get names none.
    pub(crate) fn set_class(&mut self, class: String) {
        self.own.connection_class = Some(class);
    }

    /// The identity that the pool itself connects with.
    pub(crate) fn own(&self) -> &Identity {
        &self.own
    }

    /// Whether `attributes` name nothing that sets a get apart from one with no attributes.
    pub(crate) fn is_own(attributes: &Attributes) -> bool {
        const APART: [Attr; 5] =
            [Attr::User, Attr::Password, Attr::ExternalAuth, Attr::ConnectionClass, Attr::Edition];
        !attributes.attrs().any(|attr| APART.contains(&attr))
    }

    /// Who a get with `attributes` wants a session for.
    ///
    /// Source of the rules: what ODPI-C and Oracle's Python driver test (pool-get with credentials).
    pub(crate) fn wanted(&self, attributes: &Attributes) -> Result<Identity, Error> {
        let mut identity = self.wanted_user(attributes)?;
        if let Some(class) = attributes.text(Attr::ConnectionClass) {
            identity.connection_class = Some(class.to_owned());
        }
        if let Some(edition) = attributes.text(Attr::Edition) {
            identity.edition = Some(edition.to_owned());
        }
        Ok(identity)
    }

    fn wanted_user(&self, attributes: &Attributes) -> Result<Identity, Error> {
        let user = attributes.text(Attr::User);
        let external = attributes.int(Attr::ExternalAuth).map_or(self.external, |flag| flag != 0);
        if self.homogeneous {
            if user.is_some() || attributes.password().is_some() {
                let text = "ORA-24419: the pool is homogeneous: a get takes no USER and no PASSWORD";
                return Err(Error::new(Kind::InvalidArgument, 24419, text));
            }
            return Ok(self.own.clone());
        }
        if external {
            return self.wanted_external(user, attributes);
        }
        match (user, attributes.password()) {
            (None, None) if self.own.user.is_some() => Ok(self.own.clone()),
            (None, None) => Err(no_user("the pool was created without a user, and the get names none")),
            (None, Some(_)) => Err(Error::oracle(24415, "ORA-24415: PASSWORD is set and USER is not")),
            (Some(user), Some(password)) => Ok(Identity {
                user: Some(user.to_owned()),
                password: Some(password.clone()),
                external: false,
                ..self.own.clone()
            }),
            (Some(user), None) if self.own.user.is_some() => {
                Ok(Identity { session_user: Some(user.to_owned()), ..self.own.clone() })
            }
            (Some(_), None) => Err(Error::oracle(
                24419,
                "ORA-24419: a get with a user and no password needs a pool that was created with a user to log on for it",
            )),
        }
    }

    fn wanted_external(&self, user: Option<&str>, attributes: &Attributes) -> Result<Identity, Error> {
        let is_proxy = |user: &str| split_proxy(user).is_some_and(|(main, _)| main.is_empty());
        if attributes.password().is_some() || user.is_some_and(|user| !is_proxy(user)) {
            return Err(Error::invalid_argument(
                "a get with EXTERNAL_AUTH takes no password, and as user only a proxy user, written [proxy]",
            ));
        }
        Ok(Identity { user: user.map(str::to_owned), password: None, external: true, ..self.own.clone() })
    }
}

fn no_user(what: &str) -> Error {
    Error::oracle(24415, format!("ORA-24415: missing user name: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn key(user: &str, password: &str) -> IdentityKey {
        let password = Some(Secret::new(password));
        IdentityKey::of(&Identity { user: Some(user.into()), password, ..Identity::default() })
    }

    #[test]
    fn keys_fold_as_oracle_compares_and_tell_passwords_apart() {
        assert_eq!(key("scott", "tiger"), key("SCOTT", "tiger"));
        assert_eq!(key("main[proxy]", "p"), key("MAIN[PROXY]", "p"));
        assert_ne!(key("\"scott\"", "tiger"), key("scott", "tiger"));
        assert_ne!(key("scott", "tiger"), key("scott", "lion"));
    }
}

//! Associative arrays.

use super::{Machine, lost};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plsql::code::{Place, TableMethod};
use crate::plsql::types::DataType;
use crate::plsql::value::{Key, Table, Value};

impl Machine<'_> {
    fn array(&mut self, place: &Place) -> Result<&mut Table> {
        match self.variable(place)? {
            Value::Table(table) => Ok(table),
            _ => Err(lost()),
        }
    }

    fn key(&mut self) -> Result<Key> {
        Key::new(self.pop()?.into_datum())
    }

    pub(super) fn element(&mut self, place: &Place) -> Result<()> {
        let key = self.key()?;
        let value = self.array(place)?.get(&key).cloned();
        self.stack.push(value.ok_or_else(|| Error::new(1403, "no data found"))?);
        Ok(())
    }

    pub(super) fn store_element(&mut self, place: &Place, kind: &DataType) -> Result<()> {
        let key = self.key()?;
        let value = self.pop()?.convert(kind, &self.session.shared.context.environment.lock())?;
        self.array(place)?.put(key, value)
    }

    pub(super) fn table(&mut self, place: &Place, method: TableMethod) -> Result<()> {
        let value = match method {
            TableMethod::Delete(count) => return self.delete(place, count),
            TableMethod::Exists => {
                // A NULL key exists nowhere, and is no error here.
                let datum = self.pop()?.into_datum();
                let found = match Key::new(datum) {
                    Ok(key) => self.array(place)?.get(&key).is_some(),
                    Err(_) => false,
                };
                Value::Boolean(Some(found))
            }
            TableMethod::Count => {
                let count = self.array(place)?.count();
                Value::Scalar(Datum::integer(i64::try_from(count).unwrap_or(i64::MAX)))
            }
            TableMethod::First => key_value(self.array(place)?.first()),
            TableMethod::Last => key_value(self.array(place)?.last()),
            TableMethod::Next => {
                let key = self.key()?;
                key_value(self.array(place)?.next(&key))
            }
            TableMethod::Prior => {
                let key = self.key()?;
                key_value(self.array(place)?.prior(&key))
            }
        };
        self.stack.push(value);
        Ok(())
    }

    fn delete(&mut self, place: &Place, count: u8) -> Result<()> {
        match count {
            0 => self.array(place)?.clear(),
            1 => {
                let key = self.key()?;
                self.array(place)?.remove(&key);
            }
            _ => {
                let (to, from) = (self.key()?, self.key()?);
                self.array(place)?.remove_range(&from, &to);
            }
        }
        Ok(())
    }
}

fn key_value(key: Option<&Key>) -> Value {
    Value::Scalar(key.map_or(Datum::Null, Key::datum))
}

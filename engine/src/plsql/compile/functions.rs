//! What STANDARD and the supplied packages have.

use std::sync::Arc;

use super::expressions::{NUMBER, TEXT};
use super::scope::Storage;
use super::{Compiler, Result};
use crate::catalogue::Name;
use crate::datum::{Datum, Type};
use crate::functions::{Gives, find};
use crate::plsql::ast::{Argument, Expr, Reference};
use crate::plsql::code::{Formal, Instruction, Signature};
use crate::plsql::packages::{self, Builtin};
use crate::plsql::types::{DataType, Kind};

/// Functions that read the clock, which in PL/SQL goes on during a call.
const CLOCK: [&str; 5] = ["SYSDATE", "SYSTIMESTAMP", "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"];
const SQL_ONLY: [&str; 12] =
    ["DECODE", "NVL2", "COUNT", "SUM", "MIN", "MAX", "AVG", "LISTAGG", "ROWNUM", "ROWID", "LEVEL", "PRIOR"];

impl Compiler<'_> {
    /// A function of STANDARD; `None` if it has none of this name.
    pub(super) fn standard(&mut self, reference: &Reference) -> Result<Option<Kind>> {
        let part = match reference.parts.as_slice() {
            [part] => part,
            [standard, part] if standard.name.text == "STANDARD" && standard.arguments.is_none() => part,
            _ => return Ok(None),
        };
        let name = part.name.text.as_str();
        let arguments = part.arguments.as_deref().unwrap_or_default();
        let values: Option<Vec<&Expr>> =
            arguments.iter().map(|argument| argument.name.is_none().then_some(&argument.value)).collect();
        if SQL_ONLY.contains(&name) {
            return Err(self.error(
                reference.at(),
                format_args!(
                    "PLS-00204: function or pseudo-column '{name}' may be used inside a SQL statement only"
                ),
            ));
        }
        let is_known =
            matches!(name, "SQLCODE" | "SQLERRM" | "NVL" | "COALESCE" | "NULLIF") || find(name).is_some();
        if !is_known {
            return Ok(None);
        }
        let Some(values) = values else { return Err(self.misused_function(name, reference)) };
        match (name, values.as_slice()) {
            ("SQLCODE", []) => {
                self.emit(reference.at(), Instruction::SqlCode)?;
                Ok(Some(NUMBER))
            }
            ("SQLERRM", []) => {
                self.emit(reference.at(), Instruction::SqlErrm(false))?;
                Ok(Some(TEXT))
            }
            ("SQLERRM", [code]) => {
                self.converted(code, &Arc::new(DataType::Number { precision: None, scale: None }))?;
                self.emit(reference.at(), Instruction::SqlErrm(true))?;
                Ok(Some(TEXT))
            }
            ("NVL", [_, _]) | ("COALESCE", [_, _, ..]) => self.first_set(reference, name, &values).map(Some),
            ("NULLIF", [value, other]) => self.null_if(value, other).map(Some),
            ("SQLCODE" | "SQLERRM" | "NVL" | "COALESCE" | "NULLIF", _) => {
                Err(self.misused_function(name, reference))
            }
            _ => self.scalar_function(reference, name, &values).map(Some),
        }
    }

    fn misused_function(&self, name: &str, reference: &Reference) -> crate::error::Error {
        self.error(
            reference.at(),
            format_args!("PLS-00306: wrong number or types of arguments in call to '{name}'"),
        )
    }

    fn scalar_function(&mut self, reference: &Reference, name: &str, values: &[&Expr]) -> Result<Kind> {
        let function = find(name).ok_or_else(super::internal)?;
        if !function.arguments.contains(&values.len()) {
            return Err(self.misused_function(name, reference));
        }
        let mut first = Kind::Any;
        for (index, value) in values.iter().enumerate() {
            let kind = self.expression(value)?;
            if let Kind::Boolean | Kind::Table(_) = kind {
                return Err(self.misused_function(name, reference));
            }
            if index == 0 {
                first = kind;
            }
        }
        let clock = CLOCK.contains(&name);
        let body = crate::functions::of_variables(name).unwrap_or(function.body);
        self.emit(reference.at(), Instruction::Function(body, values.len(), clock))?;
        if matches!(name, "CONCAT" | "LPAD" | "RPAD") {
            self.limited(reference.at())?;
        }
        Ok(match function.gives {
            Gives::Always(kind) => Kind::Scalar(kind),
            Gives::First => first,
            Gives::DateOrNumber => match first {
                Kind::Scalar(Type::Date | Type::Timestamp | Type::TimestampTz) => Kind::Scalar(Type::Date),
                Kind::Any => Kind::Any,
                _ => NUMBER,
            },
        })
    }

    /// NVL and COALESCE: the later values become what the first is. COALESCE stops at the first that is set, NVL evaluates both.
    fn first_set(&mut self, reference: &Reference, name: &str, values: &[&Expr]) -> Result<Kind> {
        let [first, rest @ ..] = values else { return Err(super::internal()) };
        let mut kind = self.expression(first)?;
        if let Kind::Table(_) = kind {
            return Err(self.misused_function(name, reference));
        }
        let mut set = Vec::new();
        for value in rest {
            if name == "COALESCE" {
                set.push(self.emit(value.at, Instruction::JumpIfSet(0))?);
                self.emit(value.at, Instruction::Pop)?;
            }
            let found = self.expression(value)?;
            if kind == Kind::Any {
                kind = found;
            } else if !super::assignable(&found, &kind) {
                return Err(self.misused_function(name, reference));
            } else if let Kind::Scalar(scalar) = kind
                && found != kind
            {
                let kind = DataType::of_values(scalar);
                self.emit(value.at, Instruction::Convert(Arc::new(kind)))?;
            }
            if name == "NVL" {
                let storage = Storage::Local { level: self.level(), slot: self.new_slot(value.at)? };
                let second = self.place(&storage);
                self.emit(value.at, Instruction::Store(second.clone()))?;
                set.push(self.emit(value.at, Instruction::JumpIfSet(0))?);
                self.emit(value.at, Instruction::Pop)?;
                self.emit(value.at, Instruction::Load(second))?;
            }
        }
        self.builder()?.aim_all_here(&set);
        Ok(if kind == Kind::Scalar(Type::Char) { TEXT } else { kind })
    }

    fn null_if(&mut self, value: &Expr, other: &Expr) -> Result<Kind> {
        let kind = self.scalar(value)?;
        self.emit(value.at, Instruction::Duplicate)?;
        self.scalar(other)?;
        let test = crate::functions::comparison("ora_eq").ok_or_else(super::internal)?;
        self.emit(value.at, Instruction::Test(test, 2))?;
        let keep = self.emit(value.at, Instruction::JumpUnless(0))?;
        self.emit(value.at, Instruction::Pop)?;
        self.emit(value.at, Instruction::Push(crate::plsql::value::Value::Scalar(Datum::Null)))?;
        self.builder()?.aim_here(keep);
        Ok(kind)
    }

    /// `seq.NEXTVAL` and `seq.CURRVAL`; `None` if there is no such sequence.
    pub(super) fn sequence(&mut self, reference: &Reference) -> Result<Option<Kind>> {
        let names: Vec<&str> = reference.parts.iter().map(|part| part.name.text.as_str()).collect();
        let (name, pseudo) = match names.as_slice() {
            [name, pseudo] => (Name::new(self.schema.as_str(), *name), *pseudo),
            [schema, name, pseudo] => (Name::new(*schema, *name), *pseudo),
            _ => return Ok(None),
        };
        let known = matches!(pseudo, "NEXTVAL" | "CURRVAL")
            && super::names::are_plain(&reference.parts)
            && self.context.instance()?.check_sequence(&name).is_ok();
        if !known {
            return Ok(None);
        }
        let next = pseudo == "NEXTVAL";
        self.emit(reference.at(), Instruction::Sequence { name: Arc::new(name), next })?;
        Ok(Some(NUMBER))
    }

    /// A subprogram of a supplied package: outer `None` if there is none of this name, inner `None` for a procedure.
    pub(super) fn builtin_call(&mut self, reference: &Reference) -> Result<Option<Option<Kind>>> {
        let parts = match reference.parts.as_slice() {
            [first, rest @ ..] if first.name.text == "SYS" && first.arguments.is_none() => rest,
            parts => parts,
        };
        let (package, name) = match parts {
            [name] if name.name.text == "RAISE_APPLICATION_ERROR" => ("DBMS_STANDARD", name),
            [package, name] if package.arguments.is_none() => (package.name.text.as_str(), name),
            _ => return Ok(None),
        };
        if !packages::has_package(package) {
            return Ok(None);
        }
        let Some(builtin) = packages::find(package, &name.name.text) else {
            return Err(self.error(
                name.name.at,
                format_args!("PLS-00302: component '{}' must be declared", name.name.text),
            ));
        };
        let arguments = name.arguments.as_deref().unwrap_or_default();
        self.call_builtin(reference, builtin, arguments).map(Some)
    }

    fn call_builtin(
        &mut self,
        reference: &Reference,
        builtin: &'static Builtin,
        arguments: &[Argument],
    ) -> Result<Option<Kind>> {
        let formals = builtin.formals.iter().map(|formal| Formal {
            name: formal.name.to_owned(),
            mode: formal.mode,
            kind: Arc::new(formal.kind.clone()),
            has_default: formal.optional,
        });
        let signature =
            Signature { formals: formals.collect(), returns: builtin.returns.clone().map(Arc::new) };
        let outs = self.arguments(reference, arguments, &signature)?;
        self.emit(reference.at(), Instruction::Builtin(builtin))?;
        self.take_outs(outs)?;
        Ok(signature.returns.map(|kind| kind.kind()))
    }
}

//! Function calls, and the calls that the parser has a syntax of its own for.

use sqlparser::ast::{
    CastKind, CeilFloorKind, DateTimeField, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, OrderByExpr, OrderBySort, TrimWhereField,
};

use super::expressions::{joined_type, not_a_value, united};
use super::scope::parts;
use super::walk::is_aggregate_call;
use super::{Sql, Translator};
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::functions::{Gives, find, store};

fn wrong_count(name: &str, given: usize, least: usize) -> Error {
    if given < least {
        Error::new(938, format_args!("not enough arguments for function {name}"))
    } else {
        Error::new(939, format_args!("too many arguments for function {name}"))
    }
}

impl Translator<'_> {
    /// SYSDATE and its kind: functions without parentheses.
    pub(crate) fn plain_call(&mut self, name: &str) -> Result<Sql> {
        self.known_call(name, &[])
    }

    pub(crate) fn call_like(&mut self, expr: &Expr) -> Result<Sql> {
        match expr {
            Expr::Function(function) => self.function(function),
            Expr::Cast { kind: CastKind::Cast, expr, data_type, format: None } => {
                self.cast(expr, &data_type.to_string())
            }
            Expr::Extract { field, expr, .. } => self.extract(field, expr),
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.known_call("CEIL", &[expr])
            }
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.known_call("FLOOR", &[expr])
            }
            Expr::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                special: true,
                shorthand: true,
            } => {
                let mut arguments = vec![expr.as_ref(), from];
                arguments.extend(substring_for.as_deref());
                self.known_call("SUBSTR", &arguments)
            }
            Expr::Substring { shorthand: true, .. } => Err(wrong_count("SUBSTR", 1, 2)),
            Expr::Trim { trim_what: Some(what), .. }
                if super::walk::text_literal(what).is_some_and(|text| text.chars().count() > 1) =>
            {
                Err(Error::new(30001, "trim set should have only one character"))
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters: None } => {
                let name = match trim_where {
                    None | Some(TrimWhereField::Both) => "TRIM",
                    Some(TrimWhereField::Leading) => "LTRIM",
                    Some(TrimWhereField::Trailing) => "RTRIM",
                };
                let mut arguments = vec![expr.as_ref()];
                arguments.extend(trim_what.as_deref());
                self.known_call(name, &arguments)
            }
            Expr::Tuple(_) => Err(Error::new(907, "missing right parenthesis: a list is no value")),
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::Like { .. } => Err(not_a_value()),
            Expr::BinaryOp { op, .. } => match op.to_string().as_str() {
                "AND" | "OR" | "=" | "<>" | "<" | "<=" | ">" | ">=" => Err(not_a_value()),
                other => Err(Error::new(
                    911,
                    format_args!("invalid character: the operator {other} is not Oracle's"),
                )),
            },
            Expr::Exists { .. } => Err(not_a_value()),
            other => Err(Error::unimplemented(format_args!("the expression {other}"))),
        }
    }

    fn extract(&mut self, field: &DateTimeField, expr: &Expr) -> Result<Sql> {
        let value = self.value(expr)?;
        let field = Datum::text(field.to_string().to_uppercase()).to_sql();
        Ok(Sql::new(format!("ora_extract({field}, {})", value.text), Type::Number))
    }

    fn cast(&mut self, expr: &Expr, data_type: &str) -> Result<Sql> {
        let kind = super::tables::parse_type(data_type, self.chars_by_default)?;
        let value = self.value(expr)?;
        Ok(Sql::new(
            format!("ora_store({}, {})", value.text, store::store_arguments(kind, "of a CAST")),
            kind.type_of(),
        ))
    }

    fn function(&mut self, function: &Function) -> Result<Sql> {
        let names = parts(&function.name)?;
        let foreign = function.uses_odbc_syntax
            || !matches!(function.parameters, FunctionArguments::None)
            || function.filter.is_some()
            || function.null_treatment.is_some();
        if foreign {
            return Err(Error::unimplemented(format_args!("this form of the function {}", names.join("."))));
        }
        let [name] = names.as_slice() else {
            return Err(Error::new(
                904,
                format_args!(
                    "\"{}\": invalid identifier: there are no stored functions here",
                    names.join("\".\"")
                ),
            ));
        };
        if function.over.is_some() {
            return Err(Error::unimplemented("analytic functions (OVER)"));
        }
        if is_aggregate_call(function) {
            return self.aggregate(name, function);
        }
        if !function.within_group.is_empty() {
            return Err(Error::new(2000, "missing ( keyword: WITHIN GROUP is for group functions"));
        }
        let arguments = match &function.args {
            FunctionArguments::None => return self.plain_call(name),
            FunctionArguments::List(list)
                if list.duplicate_treatment.is_none() && list.clauses.is_empty() =>
            {
                plain_arguments(&list.args)?
            }
            _ => return Err(Error::unimplemented(format_args!("this form of the function {name}"))),
        };
        if arguments.is_empty() {
            return Err(Error::new(
                936,
                format_args!("missing expression: {name} goes without parentheses if it has no arguments"),
            ))
            .or_else(|error| if name == "SYS_GUID" { self.known_call(name, &[]) } else { Err(error) });
        }
        self.known_call(name, &arguments)
    }

    fn known_call(&mut self, name: &str, arguments: &[&Expr]) -> Result<Sql> {
        match name {
            "NVL" | "NVL2" | "COALESCE" | "NULLIF" | "DECODE" => return self.choice(name, arguments),
            _ => {}
        }
        let function = find(name).ok_or_else(|| {
            Error::new(
                904,
                format_args!("\"{name}\": invalid identifier: the embedded engine has no such function"),
            )
        })?;
        if !function.arguments.contains(&arguments.len()) {
            return Err(wrong_count(name, arguments.len(), *function.arguments.start()));
        }
        let values: Result<Vec<Sql>> = arguments.iter().map(|argument| self.value(argument)).collect();
        let values = values?;
        let first = values.first().map_or(Type::Unknown, |value| value.kind);
        let kind = match function.gives {
            Gives::Always(kind) => kind,
            Gives::First => first,
            Gives::DateOrNumber => match first {
                Type::Date | Type::Timestamp | Type::TimestampTz => Type::Date,
                Type::Unknown => Type::Unknown,
                _ => Type::Number,
            },
        };
        let values: Vec<String> = values.into_iter().map(|value| value.text).collect();
        Ok(Sql::new(format!("ora_{}({})", name.to_lowercase(), values.join(", ")), kind))
    }

    /// Functions that choose among their arguments, as CASE does.
    fn choice(&mut self, name: &str, arguments: &[&Expr]) -> Result<Sql> {
        let (least, most) = match name {
            "NVL" | "NULLIF" => (2, 2),
            "NVL2" => (3, 3),
            "COALESCE" => (2, 1000),
            _ => (3, 255),
        };
        if !(least..=most).contains(&arguments.len()) {
            return Err(wrong_count(name, arguments.len(), least));
        }
        let values: Result<Vec<Sql>> = arguments.iter().map(|argument| self.value(argument)).collect();
        let values = values?;
        match (name, values.as_slice()) {
            ("NVL", [first, second]) => Ok(Sql::new(
                format!("COALESCE({}, {})", first.text, as_type(second, first.kind)?),
                either(first, second),
            )),
            ("NVL2", [test, set, unset]) => Ok(Sql::new(
                format!(
                    "CASE WHEN {} IS NOT NULL THEN {} ELSE {} END",
                    test.text,
                    set.text,
                    as_type(unset, set.kind)?
                ),
                either(set, unset),
            )),
            ("NULLIF", [first, second]) => {
                united(first.kind, second.kind)?;
                let same = super::conditions::compare(first, "=", second);
                Ok(Sql::new(format!("CASE WHEN {same} THEN NULL ELSE {} END", first.text), first.kind))
            }
            ("COALESCE", values) => {
                let kind = values.iter().try_fold(None, joined_type)?.unwrap_or(Type::Unknown);
                let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
                Ok(Sql::new(format!("COALESCE({})", texts.join(", ")), kind))
            }
            (_, [tested, rest @ ..]) => decode(tested, rest),
            _ => Err(wrong_count(name, values.len(), least)),
        }
    }

    fn aggregate(&mut self, name: &str, function: &Function) -> Result<Sql> {
        let Some(scope) = self.scopes.last_mut() else { return Err(not_here()) };
        if scope.grouping.is_none() || scope.inside_aggregate {
            return Err(not_here());
        }
        scope.inside_aggregate = true;
        let allowed = std::mem::replace(&mut self.sequences_allowed, false);
        let outcome = self.aggregate_call(name, function);
        self.sequences_allowed = allowed;
        if let Some(scope) = self.scopes.last_mut() {
            scope.inside_aggregate = false;
        }
        outcome
    }

    fn aggregate_call(&mut self, name: &str, function: &Function) -> Result<Sql> {
        let FunctionArguments::List(list) = &function.args else {
            return Err(Error::new(906, "missing left parenthesis"));
        };
        if !list.clauses.is_empty() {
            return Err(Error::unimplemented(format_args!("clauses inside {name}")));
        }
        let distinct =
            if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) { "DISTINCT " } else { "" };
        if let (&[FunctionArg::Unnamed(FunctionArgExpr::Wildcard)], "COUNT", "") =
            (&list.args.as_slice(), name, distinct)
        {
            return Ok(Sql::new("ora_int(count(*))", Type::Number));
        }
        let mut values = Vec::new();
        for argument in plain_arguments(&list.args)? {
            values.push(self.value(argument)?);
        }
        if name == "LISTAGG" {
            return self.list_aggregate(&values, distinct, &function.within_group);
        }
        let [value] = values.as_slice() else { return Err(wrong_count(name, values.len(), 1)) };
        if !function.within_group.is_empty() {
            return Err(Error::new(30488, "argument should be a function of expressions in PARTITION BY"));
        }
        let text = &value.text;
        match name {
            "COUNT" => Ok(Sql::new(format!("ora_int(count({distinct}{text}))"), Type::Number)),
            "MIN" => Ok(Sql::new(format!("min({text})"), value.kind)),
            "MAX" => Ok(Sql::new(format!("max({text})"), value.kind)),
            _ => match value.kind {
                Type::Date | Type::Timestamp | Type::TimestampTz | Type::Raw => {
                    Err(crate::convert::inconsistent("NUMBER", value.kind))
                }
                _ => Ok(Sql::new(format!("ora_{}({distinct}{text})", name.to_lowercase()), Type::Number)),
            },
        }
    }

    fn list_aggregate(&mut self, values: &[Sql], distinct: &str, order: &[OrderByExpr]) -> Result<Sql> {
        let (text, separator) = match values {
            [value] => (&value.text, "NULL"),
            [value, separator] => (&value.text, separator.text.as_str()),
            _ => return Err(wrong_count("LISTAGG", values.len(), 1)),
        };
        if !distinct.is_empty() {
            return Err(Error::unimplemented("LISTAGG with DISTINCT"));
        }
        let mut keys = Vec::new();
        for item in order {
            let key = self.value(&item.expr)?.text;
            let descending = matches!(item.options.sort, Some(OrderBySort::Desc));
            let nulls_first = item.options.nulls_first.unwrap_or(descending);
            keys.push(format!(
                "{key} {} NULLS {}",
                if descending { "DESC" } else { "ASC" },
                if nulls_first { "FIRST" } else { "LAST" }
            ));
        }
        let order = if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) };
        Ok(Sql::new(format!("ora_listagg({text}, {separator}{order})"), Type::Text))
    }
}

fn not_here() -> Error {
    Error::new(934, "group function is not allowed here")
}

/// The type that NVL and its kin give: the first argument's, or if that is a bind or NULL, the second's.
fn either(first: &Sql, second: &Sql) -> Type {
    match (first.kind, second.kind) {
        (Type::Char, _) => Type::Text,
        (Type::Unknown, _) if first.text == "NULL" => second.kind,
        (kind, _) => kind,
    }
}

/// An argument that Oracle converts to the type of another.
fn as_type(value: &Sql, kind: Type) -> Result<String> {
    Ok(match kind {
        _ if value.kind == kind => value.text.clone(),
        Type::Number => format!("ora_as_number({})", value.text),
        Type::Text | Type::Char => format!("ora_as_text({})", value.text),
        Type::Date => format!("ora_as_date({})", value.text),
        Type::Timestamp => format!("ora_as_timestamp({})", value.text),
        Type::Unknown => value.text.clone(),
        Type::TimestampTz | Type::Raw => {
            united(kind, value.kind)?;
            value.text.clone()
        }
    })
}

/// DECODE: NULL equals NULL, and the result has the type of the first result.
fn decode(tested: &Sql, rest: &[Sql]) -> Result<Sql> {
    let first = rest.get(1).ok_or_else(|| wrong_count("DECODE", rest.len() + 1, 3))?;
    // A first result of NULL makes the result text, as in Oracle.
    let kind = if first.text == "NULL" { Type::Text } else { first.kind };
    let mut sql = "CASE".to_owned();
    let pairs = rest.chunks_exact(2);
    let otherwise = pairs.remainder();
    for pair in pairs {
        sql.push_str(&format!(
            " WHEN ora_same({}, {}) THEN {}",
            tested.text,
            pair[0].text,
            as_type(&pair[1], kind)?
        ));
    }
    if let [otherwise] = otherwise {
        sql.push_str(&format!(" ELSE {}", as_type(otherwise, kind)?));
    }
    Ok(Sql::new(format!("{sql} END"), if kind == Type::Char { Type::Text } else { kind }))
}

fn plain_arguments(arguments: &[FunctionArg]) -> Result<Vec<&Expr>> {
    arguments
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr),
            FunctionArg::Unnamed(_) => Err(Error::new(936, "missing expression")),
            _ => Err(Error::unimplemented("named arguments")),
        })
        .collect()
}

//! Constants, moments and the few functions that rules have.

use sqlparser::ast::{
    DataType, DateTimeField, Expr as Sql, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Interval, Value,
};

use super::super::ast::{Expr, ExprKind, Literal, Moment, TextTest, TimeUnit};
use super::super::error::RuleError;
use super::super::pql::{day_of, exact_float, instant_of, integer_in_range};
use super::Reader;

impl Reader<'_> {
    /// A constant or a function call.
    pub(super) fn leaf(&self, sql: Sql, depth: usize) -> Result<Expr, RuleError> {
        let span = self.places.of(&sql);
        match sql {
            Sql::Function(function) => self.function(function, depth),
            other => Ok(Expr::literal(self.constant(&other)?, span)),
        }
    }

    /// A constant, for places where nothing else may stand.
    pub(super) fn constant(&self, sql: &Sql) -> Result<Literal, RuleError> {
        let span = self.places.of(sql);
        match sql {
            Sql::Nested(inner) => self.constant(inner),
            Sql::Value(value) => match &value.value {
                Value::Number(digits, false) => number(digits).map_err(|e| RuleError::new(e.0, span).hint(e.1)),
                Value::SingleQuotedString(text) => Ok(Literal::String(text.clone())),
                Value::Boolean(value) => Ok(Literal::Boolean(*value)),
                Value::Null => Err(RuleError::new("a comparison with NULL is never true", span)
                    .hint("write `IS NULL` or `IS NOT NULL`")),
                _ => Err(self.refused(sql, "this kind of constant is")),
            },
            Sql::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr } => match self.negative_number(expr)? {
                Some(number) => Ok(number),
                None => Err(self.refused(sql, "anything but constants is")),
            },
            Sql::TypedString(typed) => {
                let Value::SingleQuotedString(text) = &typed.value.value else {
                    return Err(self.refused(sql, "this kind of constant is"));
                };
                let (literal, hint) = match &typed.data_type {
                    DataType::Date => (day_of(text).map(Literal::Date), "a day is written `DATE '2026-11-22'`"),
                    DataType::Timestamp(None, _) => (
                        instant(text).map(Literal::Timestamp),
                        "an instant is written `TIMESTAMP '2026-11-22T06:00:00Z'`",
                    ),
                    _ => return Err(self.refused(sql, "this kind of constant is")),
                };
                literal
                    .ok_or_else(|| RuleError::new("this does not spell a time in the years 1 to 9999", span).hint(hint))
            }
            _ => Err(self.refused(sql, "anything but constants is")),
        }
    }

    /// The number that follows a minus sign, if one does.
    pub(super) fn negative_number(&self, sql: &Sql) -> Result<Option<Literal>, RuleError> {
        let Sql::Value(value) = sql else { return Ok(None) };
        let Value::Number(digits, false) = &value.value else { return Ok(None) };
        let span = self.places.span(value.span);
        match number(digits).map_err(|e| RuleError::new(e.0, span.clone()).hint(e.1))? {
            Literal::Integer(n) if -n < i128::from(i64::MIN) => {
                Err(RuleError::new(format!("integers start at {}", i64::MIN), span))
            }
            Literal::Integer(n) => Ok(Some(Literal::Integer(-n))),
            Literal::Float(n) => Ok(Some(Literal::Float(-n))),
            _ => Ok(None),
        }
    }

    fn function(&self, function: Function, depth: usize) -> Result<Expr, RuleError> {
        let name = function.name.to_string().to_ascii_lowercase();
        let whole = Sql::Function(function.clone());
        let span = self.places.of(&whole);
        let simple = !function.uses_odbc_syntax
            && function.parameters == FunctionArguments::None
            && function.within_group.is_empty()
            && function.filter.is_none()
            && function.null_treatment.is_none()
            && function.over.is_none();
        let arguments = plain_arguments(function.args).filter(|_| simple);
        let Some(arguments) = arguments else { return Err(self.refused(&whole, "this form of call is")) };
        let moment = match name.as_str() {
            "now" | "current_timestamp" => Some(Moment::Now),
            "current_date" => Some(Moment::Today),
            _ => None,
        };
        if let (Some(moment), []) = (moment, arguments.as_slice()) {
            return Ok(Expr::new(ExprKind::Moment(moment), span));
        }
        let test = match name.as_str() {
            "starts_with" => TextTest::StartsWith,
            "ends_with" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            "regexp_like" => TextTest::Matches,
            _ => {
                return Err(self.refused(&whole, &format!("the function `{name}` is")).expected(&[
                    "`now`",
                    "`starts_with`",
                    "`ends_with`",
                    "`contains`",
                    "`regexp_like`",
                ]));
            }
        };
        let Ok([value, pattern]) = <[Sql; 2]>::try_from(arguments) else {
            return Err(RuleError::new(format!("`{name}` takes a field and a string"), span));
        };
        let Literal::String(pattern) = self.constant(&pattern)? else {
            return Err(RuleError::new(format!("`{name}` takes a string second"), self.places.of(&pattern)));
        };
        let value = Box::new(self.expr(value, depth)?);
        Ok(Expr::new(ExprKind::Text { test, value, pattern, case_sensitive: true }, span))
    }

    /// The count and unit of `INTERVAL '30' DAY`, `INTERVAL 30 DAY` or `INTERVAL '30 days'`.
    pub(super) fn interval(&self, interval: &Interval) -> Result<(i64, TimeUnit), RuleError> {
        let span = self.places.of(&interval.value);
        let text = match self.constant(&interval.value)? {
            Literal::String(text) => text,
            Literal::Integer(count) => count.to_string(),
            _ => String::new(),
        };
        let plain = interval.leading_precision.is_none()
            && interval.last_field.is_none()
            && interval.fractional_seconds_precision.is_none();
        let parts: Vec<&str> = text.split_whitespace().collect();
        let read = match (parts.as_slice(), &interval.leading_field) {
            ([count], Some(field)) => count.parse().ok().zip(unit(field)),
            ([count, word], None) => count.parse().ok().zip(TimeUnit::named(word)),
            _ => None,
        };
        read.filter(|(count, _): &(i64, TimeUnit)| plain && *count >= 0).ok_or_else(|| {
            RuleError::new("this interval is not allowed in a rule", span)
                .hint("an interval is one whole number and one unit, as in `INTERVAL '30' DAY`")
        })
    }
}

fn plain_arguments(arguments: FunctionArguments) -> Option<Vec<Sql>> {
    match arguments {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(list) if list.duplicate_treatment.is_some() || !list.clauses.is_empty() => None,
        FunctionArguments::List(list) => list
            .args
            .into_iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect(),
    }
}

fn number(digits: &str) -> Result<Literal, (String, &'static str)> {
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return integer_in_range(digits).map(Literal::Integer).ok_or_else(|| {
            (format!("integers end at {}", u64::MAX), "a larger number is written with an exponent, as in 1e20")
        });
    }
    exact_float(digits).map(Literal::Float)
}

/// RFC 3339, or SQL's form with a blank and in UTC.
fn instant(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let iso = text.replacen(' ', "T", 1);
    instant_of(&iso).or_else(|| instant_of(&format!("{iso}Z")))
}

fn unit(field: &DateTimeField) -> Option<TimeUnit> {
    Some(match field {
        DateTimeField::Year | DateTimeField::Years => TimeUnit::Year,
        DateTimeField::Month | DateTimeField::Months => TimeUnit::Month,
        DateTimeField::Week(None) | DateTimeField::Weeks => TimeUnit::Week,
        DateTimeField::Day | DateTimeField::Days => TimeUnit::Day,
        DateTimeField::Hour | DateTimeField::Hours => TimeUnit::Hour,
        DateTimeField::Minute | DateTimeField::Minutes => TimeUnit::Minute,
        DateTimeField::Second | DateTimeField::Seconds => TimeUnit::Second,
        DateTimeField::Millisecond | DateTimeField::Milliseconds => TimeUnit::Millisecond,
        _ => return None,
    })
}

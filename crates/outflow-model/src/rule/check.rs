//! Type errors, all of them, before anything runs.

use std::ops::Range;

use super::ast::{CompareOp, Expr, ExprKind, Literal, TextTest};
use super::bind::time_constant;
use super::error::{RuleError, RuleErrors};
use super::pattern::{like_pattern, matches_regex};
use crate::schema::{FieldType, Schema};

/// Finds everything that cannot work in a rule over profiles of `schema`.
///
/// # Errors
/// Every type error in the order of the text: fields that are not there, with names that look alike; values compared or
/// computed with values of another kind; tests and patterns that make no sense; a rule that is no condition.
pub fn check(expr: &Expr, schema: &Schema) -> Result<(), RuleErrors> {
    let mut checker = Checker { schema, errors: Vec::new() };
    checker.condition(expr, "a rule");
    if checker.errors.is_empty() {
        return Ok(());
    }
    checker.errors.sort_by_key(|e| e.span.start);
    Err(RuleErrors(checker.errors))
}

/// What rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Boolean,
    Number,
    Text,
    Time,
    Bytes,
    TextList,
    Nested,
    /// An error that is reported already; nothing more is said about it.
    Wrong,
}

/// A kind and its name with an article.
#[derive(Clone)]
struct Type {
    kind: Kind,
    name: String,
}

impl Type {
    fn new(kind: Kind, name: &str) -> Type {
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        Type { kind, name: format!("{article} {name}") }
    }

    fn of_field(field: &FieldType) -> Type {
        let kind = match field {
            FieldType::Boolean => Kind::Boolean,
            FieldType::Integer | FieldType::Float | FieldType::Decimal { .. } => Kind::Number,
            FieldType::String => Kind::Text,
            FieldType::Binary => Kind::Bytes,
            FieldType::Date | FieldType::Timestamp => Kind::Time,
            FieldType::List(item) if **item == FieldType::String => Kind::TextList,
            FieldType::Struct(_) | FieldType::List(_) | FieldType::Map(_) => Kind::Nested,
        };
        Type::new(kind, &field.name())
    }

    fn of_literal(literal: &Literal) -> Type {
        match literal {
            Literal::Boolean(_) => Type::new(Kind::Boolean, "boolean"),
            Literal::Integer(_) => Type::new(Kind::Number, "integer"),
            Literal::Float(_) => Type::new(Kind::Number, "float"),
            Literal::String(_) => Type::new(Kind::Text, "string"),
            Literal::Date(_) => Type::new(Kind::Time, "date"),
            Literal::Timestamp(_) => Type::new(Kind::Time, "timestamp"),
        }
    }
}

struct Checker<'s> {
    schema: &'s Schema,
    errors: Vec<RuleError>,
}

impl Checker<'_> {
    fn error(&mut self, message: String, span: &Range<usize>, hint: &str) {
        self.errors.push(RuleError::new(message, span.clone()).hint(hint));
    }

    fn type_of(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Literal(literal) => Type::of_literal(literal),
            ExprKind::Moment(_) => Type::new(Kind::Time, "timestamp"),
            ExprKind::Path(path) => match path.resolve(self.schema) {
                Ok(field) => Type::of_field(field),
                Err(error) => {
                    let mut found = RuleError::new(error.message, expr.span.clone());
                    found.near = error.near;
                    self.errors.push(found);
                    Type::new(Kind::Wrong, "field that is not there")
                }
            },
            ExprKind::Not(inner) => self.condition(inner, "`not`"),
            ExprKind::And(parts) => self.conditions(parts, "`and`"),
            ExprKind::Or(parts) => self.conditions(parts, "`or`"),
            ExprKind::Negate(inner) => {
                self.number(inner, "-");
                Type::new(Kind::Number, "number")
            }
            ExprKind::Arithmetic { op, left, right } => {
                self.number(left, op.symbol());
                self.number(right, op.symbol());
                Type::new(Kind::Number, "number")
            }
            ExprKind::Compare { op, left, right } => self.comparison(*op, left, right, &expr.span),
            ExprKind::In { value, options } => self.membership(value, options, &expr.span),
            ExprKind::Text { test, value, pattern, case_sensitive } => {
                self.text_test(*test, value, pattern, *case_sensitive, &expr.span)
            }
            ExprKind::IsNull(inner) => {
                self.type_of(inner);
                boolean()
            }
            ExprKind::Occurs { value, distance, anchor, .. } => self.occurrence(value, distance.is_some(), anchor),
        }
    }

    fn conditions(&mut self, parts: &[Expr], asker: &str) -> Type {
        for part in parts {
            self.condition(part, asker);
        }
        boolean()
    }

    fn condition(&mut self, expr: &Expr, asker: &str) -> Type {
        let found = self.type_of(expr);
        if !matches!(found.kind, Kind::Boolean | Kind::Wrong) {
            let hint = match found.kind {
                Kind::Nested | Kind::Bytes => "ask whether it `is null`, or pick an element",
                _ => "compare it with something, or ask whether it `is null`",
            };
            self.error(format!("{asker} needs a condition, but `{expr}` is {}", found.name), &expr.span, hint);
        }
        boolean()
    }

    fn number(&mut self, expr: &Expr, op: &str) {
        let found = self.type_of(expr);
        if !matches!(found.kind, Kind::Number | Kind::Wrong) {
            let hint = match found.kind {
                Kind::Time => "distances in time are asked for with `occurs`, as in `x occurs <= 30 days before now`",
                _ => "",
            };
            self.error(format!("`{op}` needs numbers, but `{expr}` is {}", found.name), &expr.span, hint);
        }
    }

    fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: &Range<usize>) -> Type {
        let (l, r) = (self.type_of(left), self.type_of(right));
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        match (l.kind, r.kind) {
            (Kind::Wrong, _) | (_, Kind::Wrong) => {}
            (Kind::Time, Kind::Text) => self.time_text(left, right, &l, &r, span),
            (Kind::Text, Kind::Time) => self.time_text(right, left, &r, &l, span),
            (Kind::Nested | Kind::TextList, _) => self.nested(left, &l),
            (_, Kind::Nested | Kind::TextList) => self.nested(right, &r),
            (a, b) if a != b => self.mismatch(left, right, &l, &r, span),
            (Kind::Boolean | Kind::Bytes, _) if !equality => {
                let plural = if l.kind == Kind::Boolean { "booleans" } else { "bytes" };
                self.error(format!("{plural} have no order for `{}`", op.symbol()), span, "they are equal or not");
            }
            _ => {}
        }
        boolean()
    }

    fn nested(&mut self, expr: &Expr, found: &Type) {
        let hint = match found.kind {
            Kind::TextList => {
                format!("ask for an element with `{expr}.contains(\"…\")`, or pick one as in `{expr}[0]`")
            }
            _ => "pick an element of it, or ask whether it `is null`".to_string(),
        };
        self.error(format!("`{expr}` is {} and cannot be compared", found.name), &expr.span, &hint);
    }

    fn mismatch(&mut self, left: &Expr, right: &Expr, l: &Type, r: &Type, span: &Range<usize>) {
        let hint = match (&left.kind, &right.kind) {
            (_, ExprKind::Literal(Literal::String(text))) if l.kind == Kind::Number && text.parse::<f64>().is_ok() => {
                "numbers are written without quotes"
            }
            (_, ExprKind::Literal(Literal::Integer(_) | Literal::Float(_))) if l.kind == Kind::Text => {
                "strings are written in double quotes"
            }
            _ => "",
        };
        let message = format!("`{left}` is {} and `{right}` is {}: they cannot be compared", l.name, r.name);
        self.error(message, span, hint);
    }

    /// A time beside a text, which must be a constant that spells a time.
    fn time_text(&mut self, time: &Expr, text: &Expr, t: &Type, x: &Type, span: &Range<usize>) {
        match &text.kind {
            ExprKind::Literal(Literal::String(spelled)) if time_constant(spelled).is_some() => {}
            ExprKind::Literal(Literal::String(_)) => self.error(
                format!("`{time}` is {} and `{text}` does not spell one", t.name),
                &text.span,
                "write a day as \"2026-11-22\" or an instant as \"2026-11-22T06:00:00Z\"",
            ),
            _ => self.mismatch(time, text, t, x, span),
        }
    }

    fn membership(&mut self, value: &Expr, options: &[Literal], span: &Range<usize>) -> Type {
        let found = self.type_of(value);
        let kinds: Vec<Type> = options.iter().map(Type::of_literal).collect();
        if let Some(other) = kinds.iter().find(|k| k.kind != kinds[0].kind) {
            let message = format!("the list mixes {} with {}", kinds[0].name, other.name);
            self.error(message, span, "a list holds constants of one type");
            return boolean();
        }
        match (found.kind, kinds.first()) {
            (Kind::Wrong, _) | (_, None) => {}
            (Kind::Nested | Kind::TextList, _) => self.nested(value, &found),
            (Kind::Time, Some(option)) if option.kind == Kind::Text => {
                for option in options {
                    let option = Expr::literal(option.clone(), span.clone());
                    self.time_text(value, &option, &found, &Type::new(Kind::Text, "string"), span);
                }
            }
            (kind, Some(option)) if kind != option.kind => {
                let first = Expr::literal(options[0].clone(), span.clone());
                self.mismatch(value, &first, &found, option, span);
            }
            _ => {}
        }
        boolean()
    }

    fn text_test(
        &mut self,
        test: TextTest,
        value: &Expr,
        pattern: &str,
        case_sensitive: bool,
        span: &Range<usize>,
    ) -> Type {
        let found = self.type_of(value);
        let fits = match found.kind {
            Kind::Text | Kind::Wrong => true,
            Kind::TextList => test == TextTest::Contains,
            _ => false,
        };
        if !fits {
            let hint = match found.kind {
                Kind::TextList => "lists of strings only know `contains`; pick an element for other tests",
                Kind::Nested => "pick an element of it",
                _ => "",
            };
            self.error(format!("`{}` tests strings, but `{value}` is {}", test.name(), found.name), &value.span, hint);
        }
        let problem = match test {
            TextTest::Matches => matches_regex(pattern, case_sensitive).err(),
            TextTest::Like => like_pattern(pattern).err(),
            TextTest::StartsWith | TextTest::EndsWith | TextTest::Contains => None,
        };
        if let Some(problem) = problem {
            let what = if test == TextTest::Matches { "regular expression" } else { "pattern" };
            self.error(format!("this {what} cannot be used: {problem}"), span, "");
        }
        boolean()
    }

    fn occurrence(&mut self, value: &Expr, has_distance: bool, anchor: &Expr) -> Type {
        let found = self.type_of(value);
        if !matches!(found.kind, Kind::Time | Kind::Wrong) {
            let message = format!("`occurs` needs a date or timestamp, but `{value}` is {}", found.name);
            self.error(message, &value.span, "");
        }
        let reference = self.type_of(anchor);
        match (reference.kind, &anchor.kind) {
            (Kind::Wrong, _) => {}
            (_, ExprKind::Literal(Literal::String(text))) if time_constant(text).is_some() => {}
            (Kind::Time, ExprKind::Path(_)) if has_distance => self.error(
                "a distance counts from a moment or a constant, not from a field".to_string(),
                &anchor.span,
                "count from `now`, `today` or `date(2026, 11, 22)`",
            ),
            (Kind::Time, _) => {}
            _ => {
                let message = format!("`occurs` needs a date or timestamp, but `{anchor}` is {}", reference.name);
                self.error(message, &anchor.span, "use `now`, `today`, `date(…)` or `timestamp(…)`");
            }
        }
        boolean()
    }
}

fn boolean() -> Type {
    Type::new(Kind::Boolean, "boolean")
}

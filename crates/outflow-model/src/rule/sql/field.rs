//! Fields: names, dots and brackets.

use sqlparser::ast::{AccessExpr, Expr as Sql, Ident, Subscript, Value};

use super::super::ast::{Expr, ExprKind};
use super::super::error::RuleError;
use super::Reader;
use crate::path::{FieldPath, PathElement};

impl Reader<'_> {
    /// A field's path.
    pub(super) fn field(&self, sql: &Sql) -> Result<Expr, RuleError> {
        let elements = match sql {
            Sql::Identifier(ident) => vec![self.name(ident)?],
            Sql::CompoundIdentifier(idents) => {
                idents.iter().map(|i| self.name(i)).collect::<Result<Vec<PathElement>, RuleError>>()?
            }
            Sql::CompoundFieldAccess { root, access_chain } => {
                let mut elements = match root.as_ref() {
                    Sql::Identifier(ident) => vec![self.name(ident)?],
                    Sql::CompoundIdentifier(idents) => {
                        idents.iter().map(|i| self.name(i)).collect::<Result<Vec<PathElement>, RuleError>>()?
                    }
                    other => return Err(self.refused(other, "picking from anything but a field is")),
                };
                for access in access_chain {
                    elements.push(self.step(sql, access)?);
                }
                elements
            }
            other => return Err(self.refused(other, "this is")),
        };
        let span = self.places.of(sql);
        match FieldPath::new(elements) {
            Some(path) => Ok(Expr::new(ExprKind::Path(path), span)),
            None => Err(RuleError::new("this is not a field", span)),
        }
    }

    fn name(&self, ident: &Ident) -> Result<PathElement, RuleError> {
        if ident.value.is_empty() {
            return Err(RuleError::new("a field name cannot be empty", self.places.span(ident.span)));
        }
        Ok(PathElement::Name(ident.value.clone()))
    }

    fn step(&self, whole: &Sql, access: &AccessExpr) -> Result<PathElement, RuleError> {
        match access {
            AccessExpr::Dot(Sql::Identifier(ident)) => self.name(ident),
            AccessExpr::Subscript(Subscript::Index { index: Sql::Value(value) }) => match &value.value {
                Value::Number(digits, false) => digits.parse().map(PathElement::Index).map_err(|_| {
                    RuleError::new("this is not a list index", self.places.span(value.span))
                        .hint("elements count from 0")
                }),
                Value::SingleQuotedString(key) if !key.is_empty() => Ok(PathElement::Name(key.clone())),
                _ => Err(RuleError::new("this is neither a list index nor a map's key", self.places.span(value.span))),
            },
            _ => Err(self.refused(whole, "this way of picking an element is")),
        }
    }
}

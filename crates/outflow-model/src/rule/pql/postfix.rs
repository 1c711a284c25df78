//! Operands: constants, fields, parentheses, and the tests that follow a dot.

use super::super::ast::{Expr, ExprKind, Literal, TextTest};
use super::super::error::RuleError;
use super::lexer::{Token, is_reserved};
use super::parser::{Parser, Tree};
use crate::path::{FieldPath, PathElement};

/// What may start an operand.
const OPERANDS: [&str; 4] = ["a field", "a constant", "`not`", "`(`"];

impl Parser {
    /// An operand with everything that binds tighter than an infix operator.
    pub(super) fn operand(&mut self) -> Result<Tree, RuleError> {
        let start = self.span().start;
        match self.peek() {
            Token::Sign("-") => {
                self.next();
                if let Some(number) = self.number()? {
                    let expr = Expr::literal(number, start..self.end());
                    return self.tests((expr, 1));
                }
                let (inner, height) = self.nested(Parser::operand)?;
                let span = start..inner.span.end;
                self.node(ExprKind::Negate(Box::new(inner)), span, &[height])
            }
            Token::Word(word) if word.eq_ignore_ascii_case("not") => {
                self.next();
                self.negation(start)
            }
            _ => {
                let primary = self.primary()?;
                self.tests(primary)
            }
        }
    }

    fn primary(&mut self) -> Result<Tree, RuleError> {
        let span = self.span();
        let kind = match self.peek().clone() {
            Token::Sign("(") => {
                self.next();
                let (mut inner, height) = self.nested(|p| p.expression(1))?;
                if !self.next_is(")") {
                    return Err(self.unexpected(&["`)`", "`and`", "`or`", "a comparison"]));
                }
                self.next();
                inner.span = span.start..self.end();
                return Ok((inner, height));
            }
            Token::Quoted(_) => return self.path(),
            Token::Word(word) => {
                if self.opens_time_literal(&word) {
                    let literal = self.time_literal()?;
                    return Ok((Expr::literal(literal, span.start..self.end()), 1));
                }
                if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
                    ExprKind::Literal(Literal::Boolean(word.eq_ignore_ascii_case("true")))
                } else if let Some(moment) = Parser::moment(&word) {
                    ExprKind::Moment(moment)
                } else if is_reserved(&word) {
                    return Err(self
                        .unexpected(&OPERANDS)
                        .hint(format!("a field of this name goes in backticks: `` `{word}` ``")));
                } else {
                    return self.path();
                }
            }
            Token::Integer(n) => ExprKind::Literal(Literal::Integer(n)),
            Token::Float(n) => ExprKind::Literal(Literal::Float(n)),
            Token::Text(text) => ExprKind::Literal(Literal::String(text)),
            _ => return Err(self.unexpected(&OPERANDS)),
        };
        self.next();
        Ok((Expr::new(kind, span), 1))
    }

    fn path(&mut self) -> Result<Tree, RuleError> {
        let start = self.span().start;
        let mut elements = vec![self.name()?];
        loop {
            if self.next_is("[") {
                self.next();
                let index = match self.peek() {
                    Token::Integer(n) => u32::try_from(*n).ok(),
                    Token::Text(_) => {
                        return Err(self
                            .unexpected(&["a list index such as `0`"])
                            .hint("a map's key follows a dot, in backticks where it is not a plain name"));
                    }
                    _ => None,
                };
                let Some(index) = index else { return Err(self.unexpected(&["a list index such as `0`"])) };
                self.next();
                self.expect("]")?;
                elements.push(PathElement::Index(index));
            } else if self.next_is(".") && !self.test_follows() {
                self.next();
                elements.push(self.name()?);
            } else {
                break;
            }
        }
        let span = start..self.end();
        match FieldPath::new(elements) {
            Some(path) => Ok((Expr::new(ExprKind::Path(path), span), 1)),
            None => Err(RuleError::new("this is not a path", span)),
        }
    }

    fn name(&mut self) -> Result<PathElement, RuleError> {
        let name = match self.peek() {
            Token::Word(name) | Token::Quoted(name) => name.clone(),
            _ => {
                return Err(self
                    .unexpected(&["a field name"])
                    .hint("names other than letters, digits and _ go in backticks"));
            }
        };
        self.next();
        Ok(PathElement::Name(name))
    }

    /// Whether what follows is a dot, a word and an opening parenthesis.
    fn test_follows(&self) -> bool {
        self.next_is(".") && matches!(self.ahead(1), Token::Word(_)) && self.ahead(2) == &Token::Sign("(")
    }

    fn tests(&mut self, mut tested: Tree) -> Result<Tree, RuleError> {
        while self.next_is(".") {
            self.next();
            let Token::Word(word) = self.peek().clone() else { return Err(self.unexpected(&["a test"])) };
            let test = TextTest::ALL.into_iter().find(|t| t.name().eq_ignore_ascii_case(&word));
            let Some(test) = test else {
                let names: Vec<String> = TextTest::ALL.iter().map(|t| format!("`.{}`", t.name())).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                return Err(RuleError::new(format!("there is no test `{word}`"), self.span()).expected(&names));
            };
            self.next();
            self.expect("(")?;
            let Token::Text(pattern) = self.peek().clone() else { return Err(self.unexpected(&["a string"])) };
            self.next();
            let case_sensitive = if self.next_is(",") {
                self.next();
                let flag = self.word_is("true");
                if !flag && !self.word_is("false") {
                    return Err(self
                        .unexpected(&["`true`", "`false`"])
                        .hint("the second argument says whether upper and lower case differ"));
                }
                self.next();
                flag
            } else {
                true
            };
            self.expect(")")?;
            let span = tested.0.span.start..self.end();
            let kind = ExprKind::Text { test, value: Box::new(tested.0), pattern, case_sensitive };
            tested = self.node(kind, span, &[tested.1])?;
        }
        Ok(tested)
    }
}

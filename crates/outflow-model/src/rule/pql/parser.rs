//! `pql/text` to a syntax tree: precedence climbing over the words.
//!
//! From loose to tight: `or`, `and`, `not`, one comparison (`=` … `in`, `like`, `is null`, `occurs`), `+ -`, `* / %`,
//! unary `-`, tests after a dot.

use std::ops::Range;

use super::super::ast::{ArithmeticOp, CompareOp, Direction, Expr, ExprKind, Literal, Moment, TextTest, TimeUnit};
use super::super::error::{RuleError, RuleErrors};
use super::lexer::{Token, is_reserved, tokens};

/// The longest rule, in bytes of its text. A list of a few thousand constants fits; hostile text stays cheap.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// How many nodes a tree may be high. Everything that walks a tree recurses this deep at most, which the smallest
/// thread's stack holds many times over.
pub const MAX_DEPTH: usize = 200;

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;

/// A tree and its height.
pub(super) type Tree = (Expr, usize);

/// Reads `pql/text`.
///
/// # Errors
/// The first thing that is not in the language, with its place; a text over [`MAX_TEXT_BYTES`]; a tree over
/// [`MAX_DEPTH`].
pub fn parse_pql(text: &str) -> Result<Expr, RuleErrors> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(RuleError::new(format!("a rule has at most {MAX_TEXT_BYTES} bytes"), 0..0).into());
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    if parser.peek() == &Token::End {
        return Err(RuleError::new("the rule is empty", 0..0).expected(&["a condition"]).into());
    }
    let (expr, _) = parser.expression(OR)?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected(&["`and`", "`or`", "a comparison", "the end of the rule"]).into()),
    }
}

pub(super) struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    /// The token `n` places after the next one.
    pub(super) fn ahead(&self, n: usize) -> &Token {
        self.tokens.get(self.at + n).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    /// The end of the token before the next one.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |before| self.tokens[before].1.end)
    }

    pub(super) fn next(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn next_is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), RuleError> {
        if !self.next_is(sign) {
            return Err(self.unexpected(&[&format!("`{sign}`")]));
        }
        self.next();
        Ok(())
    }

    pub(super) fn word_is(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.word_is(word);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn unexpected(&self, expected: &[&str]) -> RuleError {
        let message = match self.peek() {
            Token::End => "the rule ends too early".to_string(),
            Token::Word(word) if is_reserved(word) => format!("`{word}` cannot stand here"),
            Token::Word(_) | Token::Quoted(_) => "a field cannot stand here".to_string(),
            Token::Integer(_) | Token::Float(_) => "a number cannot stand here".to_string(),
            Token::Text(_) => "a string cannot stand here".to_string(),
            Token::Sign(sign) => format!("`{sign}` cannot stand here"),
        };
        RuleError::new(message, self.span()).expected(expected)
    }

    /// A node over trees of the given heights.
    pub(super) fn node(&self, kind: ExprKind, span: Range<usize>, heights: &[usize]) -> Result<Tree, RuleError> {
        let height = 1 + heights.iter().copied().max().unwrap_or(0);
        if height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        Ok((Expr::new(kind, span), height))
    }

    /// Runs `read` one level deeper.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Parser) -> Result<T, RuleError>) -> Result<T, RuleError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.span()));
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    /// An expression whose operators bind at least as tight as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Tree, RuleError> {
        let mut left = self.operand()?;
        let mut compared = false;
        loop {
            let power = self.infix_power();
            if power < least || power == 0 {
                return Ok(left);
            }
            left = match power {
                OR => self.joined("or", AND, left)?,
                AND => self.joined("and", NOT, left)?,
                COMPARISON if compared => {
                    return Err(RuleError::new("comparisons do not chain", self.span())
                        .hint("join them with `and`, or put one of them in parentheses"));
                }
                COMPARISON => self.comparison(left)?,
                _ => self.arithmetic(power, left)?,
            };
            compared = power == COMPARISON;
        }
    }

    fn infix_power(&self) -> u8 {
        match self.peek() {
            Token::Sign("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") => COMPARISON,
            Token::Sign("+" | "-") => SUM,
            Token::Sign("*" | "/" | "%") => PRODUCT,
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "or" => OR,
                "and" => AND,
                "in" | "notin" | "not" | "like" | "is" | "occurs" => COMPARISON,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// The rest of `left and …` or `left or …`, as one node however long.
    fn joined(&mut self, word: &str, tighter: u8, left: Tree) -> Result<Tree, RuleError> {
        let start = left.0.span.start;
        let mut height = left.1;
        let mut parts = vec![left.0];
        while self.take_word(word) {
            let (part, part_height) = self.expression(tighter)?;
            height = height.max(part_height);
            parts.push(part);
        }
        let span = start..self.end();
        if height + 1 > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let expr = if word == "and" { Expr::and(parts, span) } else { Expr::or(parts, span) };
        Ok((expr, height + 1))
    }

    fn arithmetic(&mut self, power: u8, left: Tree) -> Result<Tree, RuleError> {
        let op = match self.peek() {
            Token::Sign("+") => ArithmeticOp::Add,
            Token::Sign("-") => ArithmeticOp::Subtract,
            Token::Sign("*") => ArithmeticOp::Multiply,
            Token::Sign("/") => ArithmeticOp::Divide,
            _ => ArithmeticOp::Remainder,
        };
        self.next();
        let right = self.expression(power + 1)?;
        let span = left.0.span.start..right.0.span.end;
        let kind = ExprKind::Arithmetic { op, left: Box::new(left.0), right: Box::new(right.0) };
        self.node(kind, span, &[left.1, right.1])
    }

    fn comparison(&mut self, left: Tree) -> Result<Tree, RuleError> {
        if let Some(op) = self.compare_op() {
            let start = left.0.span.start;
            if self.word_is("null") {
                return Err(RuleError::new("a comparison with null is never true", start..self.span().end)
                    .hint("write `is null` or `is not null`"));
            }
            let right = self.expression(SUM)?;
            let span = start..right.0.span.end;
            let kind = ExprKind::Compare { op, left: Box::new(left.0), right: Box::new(right.0) };
            return self.node(kind, span, &[left.1, right.1]);
        }
        if self.take_word("is") {
            return self.null_test(left);
        }
        if self.take_word("occurs") {
            return self.occurrence(left);
        }
        let negative = self.take_word("not");
        if self.take_word("like") {
            return self.like(left, negative);
        }
        if self.word_is("in") || (self.word_is("notin") && !negative) {
            let negative = negative || self.word_is("notin");
            self.next();
            return self.membership(left, negative);
        }
        Err(self.unexpected(&["`in`", "`like`"]))
    }

    fn compare_op(&mut self) -> Option<CompareOp> {
        let op = match self.peek() {
            Token::Sign("=") => CompareOp::Equal,
            Token::Sign("!=" | "<>") => CompareOp::NotEqual,
            Token::Sign("<") => CompareOp::Less,
            Token::Sign("<=") => CompareOp::LessOrEqual,
            Token::Sign(">") => CompareOp::Greater,
            Token::Sign(">=") => CompareOp::GreaterOrEqual,
            _ => return None,
        };
        self.next();
        Some(op)
    }

    /// `tree`, or `not tree`.
    fn negated_if(&self, negative: bool, tree: Tree) -> Result<Tree, RuleError> {
        if !negative {
            return Ok(tree);
        }
        let span = tree.0.span.clone();
        self.node(ExprKind::Not(Box::new(tree.0)), span, &[tree.1])
    }

    fn null_test(&mut self, left: Tree) -> Result<Tree, RuleError> {
        let negative = self.take_word("not");
        if !self.take_word("null") {
            let expected: &[&str] = if negative { &["`null`"] } else { &["`null`", "`not null`"] };
            return Err(self.unexpected(expected));
        }
        let span = left.0.span.start..self.end();
        let tree = self.node(ExprKind::IsNull(Box::new(left.0)), span, &[left.1])?;
        self.negated_if(negative, tree)
    }

    fn like(&mut self, left: Tree, negative: bool) -> Result<Tree, RuleError> {
        let Token::Text(pattern) = self.peek().clone() else {
            return Err(self.unexpected(&["a pattern such as \"a%\""]));
        };
        self.next();
        let span = left.0.span.start..self.end();
        let kind = ExprKind::Text { test: TextTest::Like, value: Box::new(left.0), pattern, case_sensitive: true };
        let tree = self.node(kind, span, &[left.1])?;
        self.negated_if(negative, tree)
    }

    fn membership(&mut self, left: Tree, negative: bool) -> Result<Tree, RuleError> {
        if !self.next_is("[") {
            return Err(self.unexpected(&["`[`"]).hint("a list is written `[\"a\", \"b\"]`"));
        }
        self.next();
        if self.next_is("]") {
            return Err(RuleError::new("the list is empty", self.span()).expected(&["a constant"]));
        }
        let mut options: Vec<Literal> = vec![self.constant()?];
        while self.next_is(",") {
            self.next();
            options.push(self.constant()?);
        }
        if !self.next_is("]") {
            return Err(self.unexpected(&["`,`", "`]`"]));
        }
        self.next();
        let span = left.0.span.start..self.end();
        let tree = self.node(ExprKind::In { value: Box::new(left.0), options }, span, &[left.1])?;
        self.negated_if(negative, tree)
    }

    fn occurrence(&mut self, left: Tree) -> Result<Tree, RuleError> {
        let distance = match self.compare_op() {
            None => None,
            Some(op) => {
                let Token::Integer(count) = *self.peek() else {
                    return Err(self.unexpected(&["a whole number"]));
                };
                let Ok(count) = i64::try_from(count) else {
                    return Err(RuleError::new("this distance is too long", self.span()));
                };
                self.next();
                let unit = match self.peek() {
                    Token::Word(word) => TimeUnit::named(word),
                    _ => None,
                };
                let Some(unit) = unit else {
                    let names: Vec<String> = TimeUnit::ALL.iter().map(|u| format!("`{}s`", u.name())).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    return Err(self.unexpected(&names));
                };
                self.next();
                Some((op, count, unit))
            }
        };
        let direction = if self.take_word("before") {
            Direction::Before
        } else if self.take_word("after") {
            Direction::After
        } else {
            let mut expected = vec!["`before`", "`after`"];
            if distance.is_none() {
                expected.push("a distance such as `<= 30 days`");
            }
            return Err(self.unexpected(&expected));
        };
        let anchor = self.expression(SUM)?;
        let span = left.0.span.start..anchor.0.span.end;
        let kind = ExprKind::Occurs { value: Box::new(left.0), distance, direction, anchor: Box::new(anchor.0) };
        self.node(kind, span, &[left.1, anchor.1])
    }

    /// `not …`, for which the word is read already and starts at `start`.
    pub(super) fn negation(&mut self, start: usize) -> Result<Tree, RuleError> {
        let (inner, height) = self.nested(|p| p.expression(NOT))?;
        let span = start..inner.span.end;
        self.node(ExprKind::Not(Box::new(inner)), span, &[height])
    }

    /// The moment that `word` names.
    pub(super) fn moment(word: &str) -> Option<Moment> {
        [
            ("now", Moment::Now),
            ("today", Moment::Today),
            ("yesterday", Moment::Yesterday),
            ("tomorrow", Moment::Tomorrow),
        ]
        .into_iter()
        .find_map(|(name, moment)| word.eq_ignore_ascii_case(name).then_some(moment))
    }
}

pub(super) fn too_deep(span: Range<usize>) -> RuleError {
    RuleError::new(format!("the rule is nested more than {MAX_DEPTH} deep"), span)
        .hint("long chains of `and` and `or` count once; other nesting has this limit")
}

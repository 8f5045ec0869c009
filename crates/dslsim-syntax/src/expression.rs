//! Expressions: from characters to trees.
//!
//! Every tree is built from a text within the limits of [`crate::limits`], so the recursion here is bounded.

use dslsim_source::Diagnostic;
use pest::iterators::Pair;

use crate::ast::{Arg, BinaryOp, CompareOp, Expr, ExprKind, Ident, Subscript, UnaryOp};
use crate::context::{Context, Dialect};
use crate::explain::explain;
use crate::grammar::{Rule, parse, parts, precedence};
use crate::limits::within_limits;
use crate::literal;
use crate::names::canonical;
use crate::token::{Token, TokenKind, scan};

/// Tokens of the bytes `start..end`, with offsets into the whole text.
pub(crate) fn tokens_of(context: &Context<'_>, start: usize, end: usize) -> Vec<Token> {
    let mut tokens = scan(context.slice(start, end), false);
    for token in &mut tokens {
        token.start += start;
        token.end += start;
    }
    tokens
}

/// The expression that the bytes `start..end` hold.
pub(crate) fn parse_range(context: &Context<'_>, start: usize, end: usize) -> Expr {
    parse_tokens(context, &tokens_of(context, start, end), start, end)
}

/// The expression that the bytes `start..end` hold, whose tokens are known.
pub(crate) fn parse_tokens(
    context: &Context<'_>,
    tokens: &[Token],
    start: usize,
    end: usize,
) -> Expr {
    let broken = |context: &Context<'_>| Expr {
        kind: ExprKind::Error,
        span: context.span(start, end),
    };
    if tokens.iter().all(|t| t.kind == TokenKind::Newline) {
        context.say(Diagnostic::error(
            "missing-expression",
            context.span(start, end),
            "an expression is missing here",
        ));
        return broken(context);
    }
    if !within_limits(context, tokens) {
        return broken(context);
    }
    match parse(Rule::whole_expression, context.slice(start, end)) {
        Ok(pairs) => {
            let lower = Lower {
                context,
                base: start,
            };
            let found = pairs.into_iter().find(|p| p.as_rule() == Rule::expression);
            found.map_or_else(|| broken(context), |pair| lower.expression(pair).expr)
        }
        Err(at) => {
            context.say(explain(context, tokens, start + at));
            broken(context)
        }
    }
}

/// A tree with the bytes it covers, enclosing parentheses included.
pub(crate) struct Node {
    pub(crate) expr: Expr,
    pub(crate) start: usize,
    pub(crate) end: usize,
    parenthesised: bool,
}

/// Turns pairs of the grammar into trees; `base` is where the parsed bytes begin in the text.
pub(crate) struct Lower<'c, 't> {
    pub(crate) context: &'c Context<'t>,
    pub(crate) base: usize,
}

impl Lower<'_, '_> {
    /// Where a pair begins and ends in the text, without the blanks that the grammar may add at its end.
    pub(crate) fn range(&self, pair: &Pair<'_, Rule>) -> (usize, usize) {
        let start = self.base + pair.as_span().start();
        (start, start + pair.as_str().trim_end().len())
    }

    /// A name.
    pub(crate) fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        let (start, end) = self.range(pair);
        Ident {
            name: canonical(pair.as_str()),
            span: self.context.span(start, end),
        }
    }

    fn node(&self, kind: ExprKind, start: usize, end: usize) -> Node {
        Node {
            expr: Expr {
                kind,
                span: self.context.span(start, end),
            },
            start,
            end,
            parenthesised: false,
        }
    }

    /// Rule `expression`.
    pub(crate) fn expression(&self, pair: Pair<'_, Rule>) -> Node {
        let (start, end) = self.range(&pair);
        let mut chains =
            parts(pair).filter(|p| matches!(p.as_rule(), Rule::chain | Rule::expression));
        let Some(first) = chains.next() else {
            return self.node(ExprKind::Error, start, end);
        };
        let value = self.chain(first);
        let (Some(condition), Some(otherwise)) = (chains.next(), chains.next()) else {
            return value;
        };
        let condition = self.chain(condition);
        let otherwise = self.expression(otherwise);
        let (start, end) = (value.start, otherwise.end);
        let kind = ExprKind::IfElse {
            value: value.expr.into(),
            condition: condition.expr.into(),
            otherwise: otherwise.expr.into(),
        };
        self.node(kind, start, end)
    }

    /// Rule `chain`: operands and operators.
    fn chain(&self, pair: Pair<'_, Rule>) -> Node {
        let (start, end) = self.range(&pair);
        let mut before: Option<Rule> = None;
        for part in pair.clone().into_inner() {
            let rule = part.as_rule();
            if rule == Rule::not
                && before.is_some_and(|b| !matches!(b, Rule::and | Rule::or | Rule::not))
            {
                let (start, end) = self.range(&part);
                self.context.say(
                    Diagnostic::error(
                        "misplaced-not",
                        self.context.span(start, end),
                        "`not` cannot stand directly after this operator",
                    )
                    .help("put parentheses around `not` and what belongs to it"),
                );
                return self.node(ExprKind::Error, start, end);
            }
            before = Some(rule);
        }
        let inner = pair.into_inner();
        if inner.peek().is_none() {
            return self.node(ExprKind::Error, start, end);
        }
        precedence(self.context.dialect)
            .map_primary(|operand| self.operand(operand))
            .map_prefix(|op, rhs| self.unary(&op, rhs))
            .map_infix(|lhs, op, rhs| self.binary(lhs, &op, rhs))
            .parse(inner)
    }

    fn unary(&self, op: &Pair<'_, Rule>, rhs: Node) -> Node {
        let kind = match op.as_rule() {
            Rule::negate => UnaryOp::Neg,
            Rule::plus => UnaryOp::Plus,
            Rule::invert => UnaryOp::Invert,
            _ => UnaryOp::Not,
        };
        self.node(
            ExprKind::Unary(kind, rhs.expr.into()),
            self.range(op).0,
            rhs.end,
        )
    }

    fn binary(&self, lhs: Node, op: &Pair<'_, Rule>, rhs: Node) -> Node {
        let (start, end) = (lhs.start, rhs.end);
        let binary = |op: BinaryOp, lhs: Node, rhs: Node| {
            ExprKind::Binary(op, lhs.expr.into(), rhs.expr.into())
        };
        let kind = match op.as_rule() {
            Rule::power => binary(BinaryOp::Pow, lhs, rhs),
            Rule::times => binary(BinaryOp::Mul, lhs, rhs),
            Rule::divide => binary(BinaryOp::Div, lhs, rhs),
            Rule::floor_divide => binary(BinaryOp::FloorDiv, lhs, rhs),
            Rule::modulo => binary(BinaryOp::Mod, lhs, rhs),
            Rule::matrix_times => binary(BinaryOp::MatMul, lhs, rhs),
            Rule::add => binary(BinaryOp::Add, lhs, rhs),
            Rule::subtract => binary(BinaryOp::Sub, lhs, rhs),
            Rule::shift_left => binary(BinaryOp::ShiftLeft, lhs, rhs),
            Rule::shift_right => binary(BinaryOp::ShiftRight, lhs, rhs),
            Rule::bit_and => binary(BinaryOp::BitAnd, lhs, rhs),
            Rule::bit_or => binary(BinaryOp::BitOr, lhs, rhs),
            Rule::bit_xor if self.context.dialect == Dialect::Strings => {
                self.caret(&lhs, op, &rhs);
                binary(BinaryOp::Pow, lhs, rhs)
            }
            Rule::bit_xor => binary(BinaryOp::BitXor, lhs, rhs),
            Rule::and => ExprKind::And(lhs.expr.into(), rhs.expr.into()),
            Rule::or => ExprKind::Or(lhs.expr.into(), rhs.expr.into()),
            rule => compare(rule, lhs, rhs),
        };
        self.node(kind, start, end)
    }

    /// `^` where a power is meant.
    fn caret(&self, lhs: &Node, op: &Pair<'_, Rule>, rhs: &Node) {
        let (start, end) = self.range(op);
        let (base, exponent) = (
            self.context.slice(lhs.start, lhs.end),
            self.context.slice(rhs.start, rhs.end),
        );
        let help = if base.len() + exponent.len() <= 40
            && !base.contains('\n')
            && !exponent.contains('\n')
        {
            format!("write `{base}**{exponent}`")
        } else {
            "write `**`".to_owned()
        };
        self.context.say(
            Diagnostic::error(
                "caret-power",
                self.context.span(start, end),
                "`^` is not an operator of equations; a power is written `**`",
            )
            .help(help),
        );
    }

    /// Rule `operand`: an atom with calls, attributes and indices.
    fn operand(&self, pair: Pair<'_, Rule>) -> Node {
        let (start, end) = self.range(&pair);
        let mut inner = pair.into_inner();
        let Some(atom) = inner.next() else {
            return self.node(ExprKind::Error, start, end);
        };
        let mut node = self.atom(atom);
        for trailer in inner {
            let (open, end) = self.range(&trailer);
            let start = node.start;
            if matches!(node.expr.kind, ExprKind::Int(_) | ExprKind::Float(_))
                && !node.parenthesised
                && trailer.as_rule() == Rule::arguments
            {
                let what = "an operator is missing between the number and the parenthesis";
                self.context.say(
                    Diagnostic::error("missing-operator", self.context.span(open, open + 1), what)
                        .help("write `*` between them"),
                );
                return self.node(ExprKind::Error, start, end);
            }
            let inside = Box::new(node.expr);
            let kind = match trailer.as_rule() {
                Rule::arguments => ExprKind::Call(inside, self.arguments(trailer)),
                Rule::attribute => match parts(trailer).next() {
                    Some(name) => ExprKind::Attribute(inside, self.ident(&name)),
                    None => ExprKind::Error,
                },
                _ => ExprKind::Index(inside, parts(trailer).map(|s| self.subscript(s)).collect()),
            };
            node = self.node(kind, start, end);
        }
        node
    }

    fn atom(&self, pair: Pair<'_, Rule>) -> Node {
        let (start, end) = self.range(&pair);
        let kind = match pair.as_rule() {
            Rule::number => literal::number(self.context, start, end),
            Rule::strings => {
                let literals: Vec<(usize, usize)> = parts(pair).map(|s| self.range(&s)).collect();
                literal::strings(self.context, &literals)
            }
            Rule::r#true => ExprKind::Bool(true),
            Rule::r#false => ExprKind::Bool(false),
            Rule::none => ExprKind::None,
            Rule::name => ExprKind::Name(canonical(pair.as_str())),
            Rule::parentheses => {
                let mut items: Vec<Node> = Vec::new();
                let mut comma = false;
                for part in parts(pair) {
                    match part.as_rule() {
                        Rule::expression => items.push(self.expression(part)),
                        _ => comma = true,
                    }
                }
                if !comma
                    && items.len() == 1
                    && let Some(only) = items.pop()
                {
                    return Node {
                        start,
                        end,
                        parenthesised: true,
                        ..only
                    };
                }
                ExprKind::Tuple(items.into_iter().map(|n| n.expr).collect())
            }
            Rule::list => ExprKind::List(parts(pair).map(|e| self.expression(e).expr).collect()),
            Rule::dictionary => ExprKind::Dict(parts(pair).filter_map(|e| self.entry(e)).collect()),
            _ => ExprKind::Error,
        };
        self.node(kind, start, end)
    }

    fn entry(&self, pair: Pair<'_, Rule>) -> Option<(Expr, Expr)> {
        let mut inner = parts(pair);
        let key = self.expression(inner.next()?).expr;
        let value = self.expression(inner.next()?).expr;
        Some((key, value))
    }

    /// Rule `arguments`.
    pub(crate) fn arguments(&self, pair: Pair<'_, Rule>) -> Vec<Arg> {
        parts(pair)
            .filter_map(|argument| self.argument(argument))
            .collect()
    }

    fn argument(&self, pair: Pair<'_, Rule>) -> Option<Arg> {
        let (start, _) = self.range(&pair);
        let mut name = None;
        for part in parts(pair) {
            if part.as_rule() == Rule::argument_name {
                name = parts(part).next().map(|n| self.ident(&n));
            } else {
                let value = self.expression(part);
                return Some(Arg {
                    name,
                    span: self.context.span(start, value.end),
                    value: value.expr,
                });
            }
        }
        None
    }

    fn subscript(&self, pair: Pair<'_, Rule>) -> Subscript {
        let (start, end) = self.range(&pair);
        let span = self.context.span(start, end);
        let (mut low, mut high, mut step) = (None, None, None);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::ellipsis => return Subscript::Ellipsis(span),
                Rule::expression => low = Some(self.expression(part).expr),
                _ => {
                    let mut colons = 0;
                    for piece in parts(part) {
                        match (piece.as_rule(), colons) {
                            (Rule::colon, _) => colons += 1,
                            (_, 1) => high = Some(self.expression(piece).expr),
                            _ => step = Some(self.expression(piece).expr),
                        }
                    }
                    return Subscript::Slice {
                        low,
                        high,
                        step,
                        span,
                    };
                }
            }
        }
        match low {
            Some(index) => Subscript::Index(index),
            None => Subscript::Index(Expr {
                kind: ExprKind::Error,
                span,
            }),
        }
    }
}

/// A comparison; one more link if the left side is one already.
fn compare(rule: Rule, lhs: Node, rhs: Node) -> ExprKind {
    let op = match rule {
        Rule::less => CompareOp::Lt,
        Rule::less_equal => CompareOp::Le,
        Rule::greater => CompareOp::Gt,
        Rule::greater_equal => CompareOp::Ge,
        Rule::not_equal => CompareOp::Ne,
        Rule::r#in => CompareOp::In,
        Rule::not_in => CompareOp::NotIn,
        Rule::is => CompareOp::Is,
        Rule::is_not => CompareOp::IsNot,
        _ => CompareOp::Eq,
    };
    match lhs.expr.kind {
        ExprKind::Compare(first, mut links) if !lhs.parenthesised => {
            links.push((op, rhs.expr));
            ExprKind::Compare(first, links)
        }
        kind => ExprKind::Compare(
            Expr {
                kind,
                span: lhs.expr.span,
            }
            .into(),
            vec![(op, rhs.expr)],
        ),
    }
}

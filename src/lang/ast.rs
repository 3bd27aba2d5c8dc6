//! What does an equation look like once it has been read? The syntax tree; every node knows where it stands.

use crate::field::Unit;

/// A stretch of the source text, in bytes from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A node of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A literal in its coherent unit: `0.5`, `20 ms` (0.02, second).
    Number(f64, Unit),
    /// A quantity, possibly one element of a family: `theta`, `w[k]`, `W[i, j]`.
    Name(String, Vec<Index>),
    /// −a.
    Neg(Box<Expr>),
    /// a + b, a − b, a b, a/b, a^b.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// A function, an average `mean(…)`, the other addends `rest(w)`: resolved later.
    Call(String, Vec<Expr>),
    /// `sum(k, body)`: over the whole range of the index.
    Sum(String, Box<Expr>),
}

/// An index of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Index {
    /// A running index with a fixed shift: `k`, `k + 1`.
    Running(String, i64),
    /// One element, counted from 0.
    Fixed(usize),
}

/// The two-place operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a b
    Mul,
    /// a/b
    Div,
    /// a^b (`**` and `^` both read)
    Pow,
}

/// How an equation contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    /// `=`: the definition; a second one is an error.
    Define,
    /// `+=`: one addend; addends of several parts add up.
    Add,
}

/// One line: `dw[k]/dt += … : unit`, or `r = … : unit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The quantity on the left.
    pub name: String,
    /// Its indices.
    pub indices: Vec<Index>,
    /// Is the left side its time derivative?
    pub derivative: bool,
    /// Definition or addend.
    pub assign: Assign,
    /// The right-hand side.
    pub right: Expr,
    /// The unit of the *quantity* (not of its derivative), as in Brian2.
    pub unit: Unit,
    /// The whole line.
    pub span: Span,
}

//! How does a syntax tree become part of a graph? Names are resolved by the caller, who knows the model.

use super::Source;
use super::ast::{Expr, Index, Kind, Op};
use super::graph::{Graph, Node};
use super::units;
use crate::field::Result;

/// Resolves a name with its indices to a node; the expression is given for the place of an error.
pub type Resolve<'a> = &'a mut dyn FnMut(&mut Graph, &Expr, &str, &[Index]) -> Result<Node>;

/// Adds an expression without families (`sum`, `mean` and `rest` belong to the composition) to a graph.
pub fn expression(graph: &mut Graph, source: &Source, expr: &Expr, resolve: Resolve) -> Result<Node> {
    match &expr.kind {
        Kind::Number(value, _) => Ok(graph.number(*value)),
        Kind::Name(name, indices) => resolve(graph, expr, name, indices),
        Kind::Neg(a) => {
            let a = expression(graph, source, a, resolve)?;
            Ok(graph.neg(a))
        }
        Kind::Binary(op, a, b) => {
            let a = expression(graph, source, a, resolve)?;
            let b = expression(graph, source, b, resolve)?;
            Ok(binary(graph, *op, a, b))
        }
        Kind::Call(name, arguments) => {
            let function = units::function(source, expr, name, arguments.len())?;
            let nodes: Result<Vec<Node>> = arguments.iter().map(|a| expression(graph, source, a, resolve)).collect();
            Ok((function.build)(graph, &nodes?))
        }
        Kind::Sum(index, _) => {
            let cause = format!("the index `{index}` has no range here");
            Err(source.error(expr.span, cause, "sums over families belong into the equations of a part"))
        }
    }
}

/// An arithmetic operation on two nodes.
pub fn binary(graph: &mut Graph, op: Op, a: Node, b: Node) -> Node {
    match op {
        Op::Add => graph.add(a, b),
        Op::Sub => graph.sub(a, b),
        Op::Mul => graph.mul(a, b),
        Op::Div => graph.div(a, b),
        Op::Pow => graph.pow(a, b),
    }
}

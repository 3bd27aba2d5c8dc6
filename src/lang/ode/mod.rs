//! How does a model come from XPPAUT, and go there? The `.ode` file, read and written.
//!
//! **Read**: `par`/`p`/`number`, `init`/`i`/`x(0)=`, `dx/dt=` and `x'=`, functions `f(x,y)=`, fixed variables, derived
//! parameters `!a=`, `aux`, `wiener` (white noise, shared where the name is), arrays `x[1..3]` and `%[1..3]` groups, `@`
//! options (kept), comments, continuation lines, `done`. As in XPP, case does not matter and nothing has a unit.
//! **Refused by name**, with the line: everything else (delays, Markov processes, tables, Volterra integrals, boundary
//! conditions, `global`, `ran`, `if … then`, maps, the time `t`). `heav(0)` is ½ here and 1 in XPP.
//!
//! An [`Ode`] becomes the text of a part ([`Ode::part`]) and then is a model like every other; [`write()`] makes a file of
//! any compiled model.
//!
//! ```
//! use homeostat::lang::ode::Ode;
//! let ode = Ode::read("fhn.ode", "par a=0.7,b=0.8,i=0.5\nv'=v-v^3/3-w+i\nw'=0.08*(v+a-b*w)\ndone\n").unwrap();
//! assert_eq!(ode.variables[1].name, "w");
//! assert!(ode.part("fhn").contains("dv/dt = v - v**3/3 - w + i"));
//! ```

mod lines;
mod part;
mod read;
mod statement;
#[cfg(test)]
mod tests;
mod write;

pub use write::write;

use super::ast::Expr;

/// A quantity defined by a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its name, in lower case.
    pub name: String,
    /// The right-hand side, with the file's functions put in.
    pub right: Expr,
}

/// A state variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name, in lower case.
    pub name: String,
    /// Its initial value; 0 if the file gives none.
    pub start: f64,
    /// Its time derivative.
    pub rate: Expr,
}

/// The content of an `.ode` file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ode {
    /// The name of the file.
    pub file: String,
    /// The first comment.
    pub title: String,
    /// Parameters and numbers with their values, in file order.
    pub parameters: Vec<(String, f64)>,
    /// State variables, in file order.
    pub variables: Vec<Variable>,
    /// Fixed variables and derived parameters, in file order.
    pub definitions: Vec<Definition>,
    /// What `aux` shows.
    pub shown: Vec<Definition>,
    /// White-noise sources.
    pub noises: Vec<String>,
    /// The options of XPP (`total`, `dt`, …), as they stand.
    pub options: Vec<(String, String)>,
    /// What was left out or renamed, in words.
    pub notes: Vec<String>,
}

//! What went wrong, where, and what can be done about it?

use std::fmt;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A place in a text file: the file, the line and column (from 1) and the line itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The file (or `<command line>`).
    pub file: String,
    /// The line, from 1; 0 if only the file is known.
    pub line: usize,
    /// The column in characters, from 1; 0 if only the line is known.
    pub column: usize,
    /// The text of the line, for pointing into it (cut if very long).
    pub text: String,
}

// The fields say what their names say.
#[allow(missing_docs)]
/// The one error of the crate. Every variant answers: who, what, where, and what to try.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A name that nothing here has; `near` lists those that look alike.
    UnknownName { kind: &'static str, name: String, near: Vec<String> },
    /// Two units that do not fit.
    Units { quantity: String, expected: String, got: String },
    /// A value outside what a law, a statistic or a method is defined for.
    Domain { what: String, why: String, help: String },
    /// A method that did not arrive.
    NoConvergence { method: &'static str, steps: usize, residual: f64, last: Vec<f64> },
    /// A linear system without a unique solution.
    Singular { what: String },
    /// Bad content of a model or data file, with its place.
    Input { place: Place, cause: String, help: String },
    /// A request that cannot be carried out as worded (a flag, a range, a combination).
    Usage { what: String, help: String },
    /// The operating system said no.
    Io { path: String, cause: String },
    /// Asked to stop before there was a result.
    Interrupted { what: String },
}

impl Error {
    /// An unknown name with its neighbours.
    pub fn unknown(kind: &'static str, name: &str, near: Vec<String>) -> Self {
        Error::UnknownName { kind, name: name.into(), near }
    }
    /// A value outside the domain of `what`.
    pub fn domain(what: impl Into<String>, why: impl Into<String>, help: impl Into<String>) -> Self {
        Error::Domain { what: what.into(), why: why.into(), help: help.into() }
    }
    /// A request that cannot be carried out.
    pub fn usage(what: impl Into<String>, help: impl Into<String>) -> Self {
        Error::Usage { what: what.into(), help: help.into() }
    }
    /// The exit code of the command line: 2 usage, 65 bad input, 70 our bug, 75 try again.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::UnknownName { .. } | Error::Usage { .. } => 2,
            Error::Units { .. } | Error::Domain { .. } | Error::Input { .. } | Error::Io { .. } => 65,
            Error::NoConvergence { .. } | Error::Singular { .. } => 65,
            Error::Interrupted { .. } => 75,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UnknownName { kind, name, near } => {
                write!(f, "there is no {kind} `{name}`")?;
                match near.len() {
                    0 => Ok(()),
                    _ => write!(f, "; did you mean `{}`?", near.join("`, `")),
                }
            }
            Error::Units { quantity, expected, got } => {
                write!(
                    f,
                    "{quantity} has the unit {got} where {expected} is needed\nhelp: write the value with a unit of the same kind as {expected}"
                )
            }
            Error::Domain { what, why, help } => write!(f, "{what}: {why}\nhelp: {help}"),
            Error::NoConvergence { method, steps, residual, last } => {
                write!(f, "{method} did not converge in {steps} steps; ")?;
                if residual.is_finite() {
                    write!(f, "residual {residual:.3e} ")?;
                }
                write!(f, "at {last:?}\nhelp: start nearer to the solution or narrow the ranges")
            }
            Error::Singular { what } => {
                write!(f, "{what} is singular\nhelp: look for two quantities that determine each other")
            }
            Error::Input { place, cause, help } => {
                write!(f, "{}", place.file)?;
                if place.line > 0 {
                    write!(f, ":{}", place.line)?;
                }
                if place.column > 0 {
                    write!(f, ":{}", place.column)?;
                }
                write!(f, ": {cause}")?;
                if !place.text.is_empty() {
                    write!(f, "\n  | {}", place.text)?;
                    // The text of a very long line is cut: then there is nothing to point at.
                    if place.column > 0 && place.column <= place.text.chars().count() + 1 {
                        write!(f, "\n  | {}^", " ".repeat(place.column - 1))?;
                    }
                }
                if !help.is_empty() {
                    write!(f, "\nhelp: {help}")?;
                }
                Ok(())
            }
            Error::Usage { what, help } => {
                write!(f, "{what}")?;
                if help.is_empty() { Ok(()) } else { write!(f, "\nhelp: {help}") }
            }
            Error::Io { path, cause } => write!(f, "{path}: {cause}\nhelp: check the name and the permissions"),
            Error::Interrupted { what } => {
                write!(f, "{what} was interrupted before it had a result; nothing was written")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The names most like `name` (at most three, nearest first): what a "did you mean" shows.
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let limit = (name.chars().count() / 3).max(1) + 1;
    let near = scored(name, among).into_iter().filter(|(distance, _)| *distance <= limit);
    near.take(3).map(|(_, other)| other.to_string()).collect()
}

/// A list in words, the end of a long one left out.
pub(crate) fn elided(words: &[String]) -> String {
    match words.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", words[..SHOWN].join(", ")),
        None => words.join(", "),
    }
}

/// So many words are listed.
const SHOWN: usize = 12;

/// All names, each once, the nearest to `name` first.
pub(crate) fn by_distance<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    scored(name, among).into_iter().map(|(_, other)| other.to_string()).collect()
}

fn scored<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<(usize, &'a str)> {
    let distance = |other: &str| edit_distance(&name.to_lowercase(), &other.to_lowercase());
    let mut all: Vec<(usize, &str)> = among.into_iter().map(|other| (distance(other), other)).collect();
    all.sort();
    all.dedup();
    all
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

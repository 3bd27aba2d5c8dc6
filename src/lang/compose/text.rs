//! What does `ei+istdp@w_ei+scaling@w_ee` ask for? Parts, where they attach, and what their ports are bound to.
//!
//! ```
//! use homeostat::lang::Composition;
//! let a = Composition::parse("ei + scaling@w_ee + cross@w_ei(other=e)").unwrap();
//! assert_eq!(a.items[2].bindings, [("other".to_string(), "e".to_string())]);
//! ```

use crate::error::{Error, Result};
use std::fmt;

/// Most parts in one composition.
const MOST_PARTS: usize = 64;

/// One part of a composition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The part by name, or the path of its file.
    pub part: String,
    /// The synapse or population to which it attaches, or the quantity of another part that it drives: `bcm.y0`.
    pub target: Option<String>,
    /// Ports bound by hand: `other = e`; `after = …` orders two constraints on one weight.
    pub bindings: Vec<(String, String)>,
}

impl Item {
    /// A part at its default place.
    pub fn new(part: &str) -> Item {
        Item { part: part.into(), target: None, bindings: Vec::new() }
    }
    /// The name by which its quantities are qualified: `scaling@w_ee`; of a file, its stem.
    pub fn label(&self) -> String {
        match &self.target {
            Some(target) => format!("{}@{target}", self.stem()),
            None => self.stem().into(),
        }
    }
    /// The part's name without folder and ending.
    pub fn stem(&self) -> &str {
        let file = self.part.rsplit(['/', '\\']).next().unwrap_or(&self.part);
        file.strip_suffix(".toml").or_else(|| file.strip_suffix(".ode")).unwrap_or(file)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.part)?;
        if let Some(target) = &self.target {
            write!(f, "@{target}")?;
        }
        if !self.bindings.is_empty() {
            let each: Vec<String> = self.bindings.iter().map(|(port, to)| format!("{port}={to}")).collect();
            write!(f, "({})", each.join(","))?;
        }
        Ok(())
    }
}

/// A sum of parts as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    /// The parts in the order in which they were written.
    pub items: Vec<Item>,
}

impl Composition {
    /// Reads `ei+istdp@w_ei+cross@w_ee(other=i)`; brackets around sums are allowed, `+` is associative.
    pub fn parse(text: &str) -> Result<Composition> {
        let mut items = Vec::new();
        for piece in pieces(text)? {
            let piece = piece.trim();
            match piece.strip_prefix('(').and_then(|p| p.strip_suffix(')')) {
                Some(inner) => items.extend(Composition::parse(inner)?.items),
                None => items.push(item(piece, text)?),
            }
            if items.len() > MOST_PARTS {
                return Err(Error::usage(
                    format!("a model of more than {MOST_PARTS} parts"),
                    "write them as one circuit",
                ));
            }
        }
        Ok(Composition { items })
    }
    /// The sum of two compositions.
    pub fn plus(mut self, other: Composition) -> Composition {
        self.items.extend(other.items);
        self
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> = self.items.iter().map(Item::to_string).collect();
        f.write_str(&each.join("+"))
    }
}

/// The text between `+` signs that stand outside brackets.
fn pieces(text: &str) -> Result<Vec<&str>> {
    if text.len() > 10_000 {
        return Err(Error::usage("a composition of more than 10000 characters", "put the parts into one file"));
    }
    let (mut depth, mut start, mut out) = (0usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Err(wrong(text, "a bracket closes that was not opened")),
            ')' => depth -= 1,
            '+' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => (),
        }
    }
    if depth > 0 || text.matches('(').count() > 200 {
        return Err(wrong(text, "a bracket is not closed"));
    }
    out.push(&text[start..]);
    Ok(out)
}

fn wrong(text: &str, what: &str) -> Error {
    let shown: String = text.chars().take(80).collect();
    Error::usage(
        format!("`{shown}` is not a model: {what}"),
        "write `circuit+part@synapse+part(port=name)`, such as `ei+istdp@w_ei`",
    )
}

fn item(piece: &str, whole: &str) -> Result<Item> {
    let (head, bindings) = match piece.split_once('(') {
        None => (piece, Vec::new()),
        Some((head, rest)) => {
            let Some(inside) = rest.strip_suffix(')') else { return Err(wrong(whole, "text after a bracket")) };
            let mut bindings = Vec::new();
            for binding in inside.split(',') {
                match binding.split_once('=') {
                    Some((port, to)) if !port.trim().is_empty() && !to.trim().is_empty() => {
                        bindings.push((port.trim().to_string(), to.trim().to_string()));
                    }
                    _ => return Err(wrong(whole, "a binding is written `port=name`")),
                }
            }
            bindings.sort();
            (head, bindings)
        }
    };
    let (part, target) = match head.split_once('@') {
        None => (head.trim(), None),
        Some((part, target)) => (part.trim(), Some(target.trim())),
    };
    let plain = |name: &str| !name.is_empty() && name.chars().all(|c| !c.is_whitespace() && !c.is_control());
    let good = |name: &str| plain(name) && !name.contains('@');
    if !good(part) {
        return Err(wrong(whole, if part.is_empty() { "a part has no name" } else { "a name has a space in it" }));
    }
    // A quantity of a part that is itself attached: `learned@scaling@w_ee.rT`.
    let quantity = |name: &str| {
        plain(name)
            && name
                .rsplit_once('.')
                .is_some_and(|(part, local)| good(local) && !part.is_empty() && part.split('@').all(|p| !p.is_empty()))
    };
    if target.is_some_and(|t| !good(t) && !quantity(t)) {
        return Err(wrong(whole, "nothing stands after `@`"));
    }
    Ok(Item { part: part.into(), target: target.map(str::to_string), bindings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_text_and_composition_are_the_same() {
        let text = "ei+istdp@w_ei+cross@w_ee(other=i)+my/rule.toml";
        let composition = Composition::parse(text).unwrap();
        assert_eq!(composition.to_string(), text);
        assert_eq!(composition.items[3].label(), "rule");
        assert_eq!(Composition::parse("(ei + istdp@w_ei) + (cross@w_ee(other=i)+my/rule.toml)").unwrap(), composition);
    }

    #[test]
    fn theory_a_target_may_be_a_quantity_of_another_part() {
        let composition = Composition::parse("ei+scaling@w_ee+learned@scaling@w_ee.rT").unwrap();
        assert_eq!(composition.items[2].target.as_deref(), Some("scaling@w_ee.rT"));
        assert_eq!(composition.items[2].label(), "learned@scaling@w_ee.rT");
    }

    #[test]
    fn what_is_no_composition_is_refused() {
        for text in [
            "", "a+", "+a", "a@", "a@b@c", "a@b@", "a@b@.c", "a b", "a(b)", "a(b=c", "a)b(", "a(b=)", "((a)", "a(b=c)d",
        ] {
            assert!(Composition::parse(text).is_err(), "{text}");
        }
    }
}

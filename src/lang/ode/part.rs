//! How does an `.ode` file become the text of a part, which the library composes?

use super::Ode;
use std::fmt::Write;

impl Ode {
    /// The text of a part file (TOML) with the same equations; all quantities are pure numbers.
    pub fn part(&self, name: &str) -> String {
        let mut out = String::new();
        let title = if self.title.is_empty() { name } else { &self.title };
        // Writing into a String does not fail.
        let _ = writeln!(out, "title = {}", quoted(title));
        let _ = writeln!(out, "sources = []");
        let _ = writeln!(out, "kind = \"circuit\"");
        let mut about = format!("Read from the XPP file {}.", self.file);
        for note in &self.notes {
            about += &format!(" Note: {note}.");
        }
        let _ = writeln!(out, "about = {}", quoted(&about));
        let _ = writeln!(out, "dimensionless = true");
        let _ = writeln!(out, "equations = \"\"\"");
        for v in &self.variables {
            let _ = writeln!(out, "d{}/dt = {}", v.name, v.rate);
        }
        for d in self.definitions.iter().chain(&self.shown) {
            let _ = writeln!(out, "{} = {}", d.name, d.right);
        }
        let _ = writeln!(out, "\"\"\"\n\n[parameters]");
        for (name, value) in &self.parameters {
            let _ = writeln!(out, "{name} = {{ value = {}, about = \"a parameter of the file\" }}", decimal(*value));
        }
        let _ = writeln!(out, "\n[variables]");
        for v in &self.variables {
            let _ =
                writeln!(out, "{} = {{ start = {}, about = \"a variable of the file\" }}", v.name, decimal(v.start));
        }
        out
    }
}

/// A TOML string on one line.
fn quoted(text: &str) -> String {
    let inner: String = text
        .chars()
        .filter_map(|c| match c {
            '"' => Some("\\\"".to_string()),
            '\\' => Some("\\\\".to_string()),
            c if c.is_control() => None,
            c => Some(c.to_string()),
        })
        .collect();
    format!("\"{inner}\"")
}

/// A TOML number.
fn decimal(value: f64) -> String {
    format!("{value:?}")
}

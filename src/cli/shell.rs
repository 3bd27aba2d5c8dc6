//! How does a command speak? Results on standard output, everything else on standard error.

use crate::data;
use crate::field::{Error, Result, Table, Values};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The flags that every command has.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Shell {
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but the result
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Write the result to FILE as well: .csv, .parquet, .json, .svg by its ending
    #[arg(long, global = true, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Seed of every random number
    #[arg(long, global = true, default_value_t = 1)]
    pub seed: u64,
    /// Number of threads (results do not depend on it)
    #[arg(long, global = true, env = "HOMEOSTAT_THREADS", value_name = "N")]
    pub threads: Option<usize>,
}

/// What a command has to show: rows for people, an object for programs, and a figure where there is one.
#[derive(Default)]
pub struct Answer {
    /// Lines above the rows.
    pub head: Vec<String>,
    /// The rows.
    pub table: Option<Table>,
    /// Lines below the rows.
    pub foot: Vec<String>,
    /// The same as an object.
    pub json: serde_json::Value,
    /// The figure, as SVG text.
    pub figure: Option<String>,
}

impl Shell {
    /// Will the answer's figure be looked at?
    pub fn wants_figure(&self) -> bool {
        self.out_ends_with("svg")
    }
    /// Will the answer's object be looked at?
    pub fn wants_object(&self) -> bool {
        self.json || self.out_ends_with("json")
    }
    fn out_ends_with(&self, ending: &str) -> bool {
        self.out.as_ref().is_some_and(|path| path.extension().is_some_and(|e| e == ending))
    }
    /// A message for the person at the terminal.
    pub fn say(&self, message: &str) {
        if !self.quiet {
            eprintln!("{message}");
        }
    }
    /// A warning; it is never silenced.
    pub fn warn(&self, message: &str) {
        eprintln!("warning: {message}");
    }
    /// Is somebody watching, so that progress is worth showing?
    pub fn watched(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
    /// A line that counts on the terminal while something long runs; nothing where nobody watches.
    pub fn progress(&self, what: &'static str) -> Progress {
        if !self.watched() {
            return Progress(None);
        }
        let style = indicatif::ProgressStyle::with_template("{spinner} {msg} {human_pos}/{human_len} {elapsed}");
        let bar = indicatif::ProgressBar::new(0).with_message(what);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Progress(Some(bar))
    }
    /// Show an answer, and write it to the file that was asked for.
    pub fn answer(&self, answer: &Answer) -> Result<()> {
        self.show(answer, true)
    }
    /// The same where the lines already say what the rows would: the rows go to a file only.
    pub fn answer_text(&self, answer: &Answer) -> Result<()> {
        self.show(answer, false)
    }
    fn show(&self, answer: &Answer, with_rows: bool) -> Result<()> {
        if let Some(path) = &self.out {
            self.write(path, answer)?;
            self.say(&format!("wrote {}", path.display()));
        }
        if self.json {
            return print(&format!("{}\n", json_text(&answer.json)));
        }
        let mut text = String::new();
        answer.head.iter().for_each(|line| text += &format!("{line}\n"));
        if let Some(table) = answer.table.as_ref().filter(|_| with_rows) {
            text += &render(table);
        }
        answer.foot.iter().for_each(|line| text += &format!("{line}\n"));
        print(&text)
    }
    fn write(&self, path: &std::path::Path, answer: &Answer) -> Result<()> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        let nothing = |what: &str| {
            Error::usage(format!("this command has no {what} to write to {}", path.display()), "choose another ending")
        };
        match ending {
            "csv" | "parquet" => data::write_table(answer.table.as_ref().ok_or_else(|| nothing("rows"))?, path),
            "json" => data::write_bytes(path, format!("{}\n", json_text(&answer.json)).as_bytes()),
            "svg" => data::write_bytes(path, answer.figure.as_ref().ok_or_else(|| nothing("figure"))?.as_bytes()),
            "png" | "pdf" | "jpg" => Err(Error::usage(
                format!("--out {}: figures are written as .svg only", path.display()),
                "write .svg; a browser, Inkscape or rsvg-convert makes other formats of it",
            )),
            _ => Err(Error::usage(
                format!("--out {}: the ending says nothing about the format", path.display()),
                "use .csv, .parquet, .json or .svg",
            )),
        }
    }
}

/// See [`Shell::progress`].
#[derive(Clone)]
pub struct Progress(Option<indicatif::ProgressBar>);

impl Progress {
    /// So much of so much is done.
    pub fn tell(&self, done: u64, of: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(of);
            bar.set_position(done);
        }
    }
    /// Shows a counter that somebody else moves, until [`Progress::end`].
    pub fn watch(self, counter: Arc<AtomicU64>, of: u64) -> Self {
        if let Some(bar) = self.0.clone() {
            bar.set_length(of);
            std::thread::spawn(move || {
                while !bar.is_finished() {
                    bar.set_position(counter.load(Ordering::Relaxed));
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            });
        }
        self
    }
    /// Takes the line away.
    pub fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The rows of a table as objects; a number that is not there is null.
pub fn rows(table: &Table) -> serde_json::Value {
    let cell = |values: &Values, k: usize| match values {
        Values::Number(v) => serde_json::json!(v[k]),
        Values::Text(v) => serde_json::json!(v[k]),
        Values::Flag(v) => serde_json::json!(v[k]),
    };
    let row = |k: usize| table.columns().iter().map(|c| (c.name.clone(), cell(&c.values, k))).collect();
    serde_json::Value::Array((0..table.rows()).map(|k| serde_json::Value::Object(row(k))).collect())
}

fn json_text(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can always be written")
}

/// Print to standard output; a reader that went away is not an error.
pub fn print(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Io { path: "<standard output>".into(), cause: e.to_string() })
        }
        _ => Ok(()),
    }
}

/// A number with six significant digits, as short as it can be.
pub fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if !x.is_finite() {
        return if x.is_nan() { "-".into() } else { format!("{x}") };
    }
    let magnitude = x.abs().log10().floor();
    if (-5.0..6.0).contains(&magnitude) {
        let digits = (5.0 - magnitude).max(0.0) as usize;
        let text = format!("{x:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
    } else {
        let text = format!("{x:.5e}");
        let (mantissa, exponent) = text.split_once('e').expect("an exponent was asked for");
        format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A number with one digit more than its error allows.
pub fn within(x: f64, error: f64) -> String {
    match error > 0.0 && error.is_finite() {
        true => format!("{x:.*}", (1.0 - error.log10().floor()).clamp(0.0, 17.0) as usize),
        false => format!("{x}"),
    }
}

/// No line of a table is longer than this, in characters.
const WIDTH: usize = 160;

/// Which columns fit into a line: the first and the last ones, which say most; nothing if all do.
fn fitting(widths: &[usize]) -> Option<(usize, usize)> {
    let total = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
    if total <= WIDTH {
        return None;
    }
    let count = |widths: &mut dyn Iterator<Item = &usize>, room: usize| {
        let mut used = 0;
        widths
            .take_while(|w| {
                used += **w + 2;
                used <= room
            })
            .count()
    };
    // Half of the line for the last ones, and the mark of what is left out.
    let last = count(&mut widths.iter().rev(), WIDTH / 2);
    let used: usize = widths[widths.len() - last..].iter().map(|w| w + 2).sum();
    let first = count(&mut widths.iter(), WIDTH.saturating_sub(used + 16)).max(1);
    (first + last < widths.len()).then_some((first, last))
}

/// A table in aligned columns, units in the header. Of a table that is too wide the middle columns are left out.
pub fn render(table: &Table) -> String {
    let mut columns: Vec<(Vec<String>, bool)> = table
        .columns()
        .iter()
        .map(|c| {
            let header = if c.unit.is_none() { c.name.clone() } else { format!("{} ({})", c.name, c.unit) };
            let (cells, right): (Vec<String>, bool) = match &c.values {
                Values::Number(v) => (v.iter().map(|&x| short(c.shown(x))).collect(), true),
                Values::Text(v) => (v.clone(), false),
                Values::Flag(v) => (v.iter().map(|&b| if b { "yes" } else { "no" }.to_string()).collect(), false),
            };
            (std::iter::once(header).chain(cells).collect(), right)
        })
        .collect();
    let width = |cells: &[String]| cells.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = columns.iter().map(|(cells, _)| width(cells)).collect();
    let mut note = String::new();
    if let Some((first, last)) = fitting(&widths) {
        let out = first..columns.len() - last;
        note = format!("({} columns are left out here; --json has them all)\n", out.len());
        let mark = (0..=table.rows()).map(|_| "…".to_string()).collect();
        columns.splice(out.clone(), [(mark, false)]);
        widths.splice(out, [1]);
    }
    let mut text = String::new();
    for row in 0..=table.rows() {
        let line: Vec<String> = columns
            .iter()
            .zip(&widths)
            .map(|((cells, right), &w)| {
                let pad = " ".repeat(w - cells[row].chars().count());
                if *right { pad + &cells[row] } else { cells[row].clone() + &pad }
            })
            .collect();
        text += line.join("  ").trim_end();
        text.push('\n');
    }
    text + &note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Quantity, Unit};

    #[test]
    fn theory_short_keeps_six_digits_and_no_more() {
        let shown: Vec<String> =
            [0.0, 1.0, 0.1, 13.0 / 7.0, 123456.7, 1234567.0, -2.5e-9, f64::NAN].iter().map(|&x| short(x)).collect();
        assert_eq!(shown, ["0", "1", "0.1", "1.85714", "123457", "1.23457e6", "-2.5e-9", "-"]);
    }

    #[test]
    fn theory_of_a_table_that_is_too_wide_the_first_and_the_last_columns_are_shown() {
        let wide = (0..600).fold(Table::new().text("event", vec!["fold".into()]), |table, k| {
            table.number(&format!("x{k}"), Unit::NONE, vec![1.0 / 3.0])
        });
        let text = render(&wide.flag("verified", vec![true]));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|l| l.chars().count() <= WIDTH), "{text}");
        assert!(lines[0].starts_with("event        x0        x1") && lines[0].ends_with("x599  verified"), "{text}");
        let shown = lines[0].split_whitespace().count() - 1;
        assert_eq!(lines[2], format!("({} columns are left out here; --json has them all)", 602 - shown));
        assert_eq!(lines[0].chars().position(|c| c == '…'), lines[1].chars().position(|c| c == '…'), "{text}");
    }

    #[test]
    fn theory_a_table_shows_zero_for_what_vanishes_beside_the_size_and_the_object_keeps_it() {
        let names = [Quantity { unit: Unit::HERTZ, ..Quantity::plain("d", 0.0) }];
        let table = |size| {
            let plain = Table::new().number("d", Unit::HERTZ, vec![1e-145, -3e-16, 1e-12]).number(
                "p",
                Unit::NONE,
                vec![1e-30; 3],
            );
            plain.sized(&names, &[size])
        };
        assert_eq!(render(&table(2.0)), "d (Hz)      p\n     0  1e-30\n     0  1e-30\n 1e-12  1e-30\n");
        assert!(render(&table(0.0)).contains("1e-145"));
        assert_eq!(rows(&table(2.0))[0]["d"], 1e-145);
    }

    #[test]
    fn theory_a_number_has_the_digits_that_its_error_allows() {
        assert_eq!(within(39.963_146_866_580_65, 2e-6), "39.9631469");
        assert_eq!(within(1234.5678, 20.0), "1235");
        assert_eq!(within(0.1, 0.0), "0.1");
    }

    #[test]
    fn theory_columns_are_aligned_and_name_their_unit() {
        let table = Table::new().text("point", vec!["low".into(), "selective".into()]).number(
            "r",
            Unit::HERTZ,
            vec![1.5, 20.0],
        );
        assert_eq!(render(&table), "point      r (Hz)\nlow           1.5\nselective      20\n");
    }
}

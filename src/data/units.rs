//! In which unit is a column?
//!
//! `y [Hz]` and `y (Hz)` are the column `y` in Hz. `rate_hz` is the column `rate_hz` in Hz: the ending is a unit where
//! it can hardly be anything else. `t_s`, `tau_h` and `duration_s` are times, because their first words are; the ending
//! of `mean_s` may be a letter of the model, so its unit is not known until somebody states it.

use super::read::whole;
use crate::field::{Error, Place, Result, Unit};

/// The name and the unit that a header states.
pub fn header_unit(header: &str) -> (String, Option<Unit>) {
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((name, unit)) = header.strip_suffix(close).and_then(|h| h.rsplit_once(open))
            && let Some(unit) = parse(unit)
            && !name.trim().is_empty()
        {
            return (name.trim().into(), Some(unit));
        }
    }
    let unit = header.rsplit_once('_').and_then(|(stem, ending)| {
        let certain = ["hz", "Hz", "khz", "kHz", "ms", "us", "mV", "mv", "uV", "pA", "nA", "nS", "pF", "MOhm"];
        let of_time = ["s", "h", "min", "d", "day", "days"];
        if certain.contains(&ending) || of_time.contains(&ending) && is_time(stem) { parse(ending) } else { None }
    });
    (header.into(), unit)
}

/// Does the name speak of a time? One of its words is a time's name.
fn is_time(stem: &str) -> bool {
    const WORDS: [&str; 16] = [
        "t",
        "T",
        "dt",
        "time",
        "times",
        "tau",
        "duration",
        "period",
        "latency",
        "delay",
        "isi",
        "start",
        "stop",
        "end",
        "onset",
        "observation",
    ];
    stem.split('_').any(|word| WORDS.contains(&word) || word.starts_with("tau"))
}

/// A unit from its text (`Hz`, `ms`, `1`), also in the lower-case spellings that headers have.
pub(super) fn parse(text: &str) -> Option<Unit> {
    let text = match text.trim() {
        "hz" => "Hz",
        "khz" => "kHz",
        "mv" => "mV",
        "dimensionless" => "1",
        "d" => "day",
        "" => return None,
        other => other,
    };
    Unit::parse(text).ok()
}

/// A unit as text that [`parse`] reads back: its symbol, or a product of base units.
pub(super) fn text(unit: &Unit) -> String {
    if !unit.symbol.is_empty() {
        return unit.symbol.to_string();
    }
    let bases = ["s", "m", "kg", "A", "K", "mol", "cd"].iter().zip(&unit.exponents).filter(|(_, e)| **e != 0);
    let words: Vec<String> = bases.map(|(name, e)| format!("{name}**{}", f64::from(*e) / 12.0)).collect();
    if words.is_empty() { "1".into() } else { words.join("*") }
}

/// What `NAME.units.toml` says about the data file beside it.
pub(super) struct Sidecar {
    /// Its own name, for errors.
    pub file: String,
    /// Units by column.
    pub units: Vec<(String, String)>,
    /// The digest that the data file must have.
    pub sha256: Option<String>,
}

impl Sidecar {
    /// Reads a sidecar: `[units]` with `column = "unit"`, and optionally `sha256`.
    pub fn parse(file: &str, text: &str) -> Result<Sidecar> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start.min(text.len()));
            let place = super::records::place(file, text, at);
            Error::Input {
                place: Place { text: String::new(), ..place },
                cause: e.message().into(),
                help: "it is a TOML file".into(),
            }
        })?;
        let mut sidecar = Sidecar { file: file.into(), units: Vec::new(), sha256: None };
        for (key, value) in &table {
            match (key.as_str(), value) {
                ("sha256", toml::Value::String(digest)) => sidecar.sha256 = Some(digest.to_ascii_lowercase()),
                ("units", toml::Value::Table(units)) => {
                    for (column, unit) in units {
                        let unit = unit.as_str().ok_or_else(|| {
                            whole(
                                file,
                                format!("the unit of `{column}` must be text"),
                                format!("write {column} = \"Hz\""),
                            )
                        })?;
                        sidecar.units.push((column.clone(), unit.into()));
                    }
                }
                ("about", toml::Value::String(_)) => {}
                (key, _) => {
                    let help = "a sidecar has [units], sha256 = \"…\" and about = \"…\"";
                    return Err(whole(file, format!("`{key}` means nothing here"), help));
                }
            }
        }
        Ok(sidecar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_text_of_a_unit_is_read_back() {
        for text_of in ["Hz", "ms", "mV", "1", "s**-0.5", "mV/ms", "Hz**2"] {
            let unit = Unit::parse(text_of).unwrap();
            let product = &unit * &Unit::NONE;
            for unit in [unit, product] {
                let again = parse(&text(&unit)).unwrap();
                assert_eq!(again.exponents, unit.exponents, "{text_of}");
            }
        }
    }

    #[test]
    fn theory_a_header_states_a_unit_only_where_it_can_mean_nothing_else() {
        let show = |header: &str| {
            let (name, unit) = header_unit(header);
            (name, unit.map_or("?".to_string(), |u| u.to_string()))
        };
        let table = [
            ("t_s", "t_s", "s"),
            ("rate_hz", "rate_hz", "Hz"),
            ("mu_mV", "mu_mV", "mV"),
            ("y (Hz)", "y", "Hz"),
            ("y [Hz]", "y", "Hz"),
            ("w [1]", "w", "1"),
            ("observation_neuron_s", "observation_neuron_s", "s"),
            ("tau_h", "tau_h", "h"),
            ("tauh_s", "tauh_s", "s"),
            ("t_sample_s", "t_sample_s", "s"),
            ("mean_s", "mean_s", "?"),
            ("sd_s", "sd_s", "?"),
            ("w_ei", "w_ei", "?"),
            ("theta", "theta", "?"),
            ("f(x)", "f(x)", "?"),
            ("[Hz]", "[Hz]", "?"),
        ];
        for (header, name, unit) in table {
            assert_eq!(show(header), (name.to_string(), unit.to_string()), "{header}");
        }
    }
}

//! How are windows put into words and rows?

use super::{Edge, TimeWindow, Window};
use crate::field::{Table, Unit};

impl TimeWindow {
    /// In one sentence: the windows, with what ends them.
    pub fn sentence(&self) -> String {
        let (name, unit) = &self.parameter;
        let shown = |v: f64| match unit.is_none() {
            true => digits(v / unit.factor),
            false => format!("{} {unit}", digits(v / unit.factor)),
        };
        let (lo, hi) = self.searched;
        let searched = format!("{name} from {} to {}", shown(lo), shown(hi));
        let end = |e: &Edge| format!("{} ({})", shown(e.value), e.kind.name());
        let part = |w: &Window| match (w.lower.is_bound(), w.upper.is_bound()) {
            (false, false) => "over the whole range".to_string(),
            (false, true) => format!("below {}", end(&w.upper)),
            (true, false) => format!("above {}", end(&w.lower)),
            (true, true) => format!("between {} and {}", end(&w.lower), end(&w.upper)),
        };
        let parts: Vec<String> = self.windows.iter().map(part).collect();
        match parts.is_empty() {
            true => format!("{searched}: never stable"),
            false => format!("{searched}: stable {}", parts.join(", and ")),
        }
    }
}

/// One row per window, in each parameter's shown unit: its two ends, what is there, the brackets in which they are proven
/// (NaN where they are not), the frequency at Hopf points (rad/s), and by which factor the present value may change (NaN
/// outside of the window). A fixed point that is never stable has one row with the kind `never`.
pub fn table(all: &[TimeWindow]) -> Table {
    let rows: Vec<(&TimeWindow, Option<&Window>)> = all
        .iter()
        .flat_map(|t| {
            let never = t.windows.is_empty().then_some((t, None));
            t.windows.iter().map(move |w| (t, Some(w))).chain(never)
        })
        .collect();
    let text = |f: &dyn Fn(&TimeWindow, Option<&Window>) -> String| rows.iter().map(|(t, w)| f(t, *w)).collect();
    let number = |f: &dyn Fn(&TimeWindow, &Window) -> f64| -> Vec<f64> {
        rows.iter().map(|(t, w)| w.map_or(f64::NAN, |w| f(t, w))).collect()
    };
    let mut table = Table::new()
        .text("parameter", text(&|t, _| t.parameter.0.clone()))
        .text("unit", text(&|t, _| t.parameter.1.to_string()))
        .number("value", Unit::NONE, rows.iter().map(|(t, _)| t.value / t.parameter.1.factor).collect());
    for (side, edge) in [("lower", (|w| &w.lower) as fn(&Window) -> &Edge), ("upper", |w| &w.upper)] {
        let bracket = |w: &Window| edge(w).proven.unwrap_or((f64::NAN, f64::NAN));
        let column = |what: &str| format!("{side}_{what}");
        table = table
            .number(side, Unit::NONE, number(&|t, w| edge(w).value / t.parameter.1.factor))
            .text(&column("kind"), text(&|_, w| w.map_or("never".into(), |w| edge(w).kind.name())))
            .number(&column("proven_from"), Unit::NONE, number(&|t, w| bracket(w).0 / t.parameter.1.factor))
            .number(&column("proven_to"), Unit::NONE, number(&|t, w| bracket(w).1 / t.parameter.1.factor))
            .number(&column("omega"), Unit::HERTZ, number(&|_, w| edge(w).omega.unwrap_or(f64::NAN)));
    }
    let margin = |t: &TimeWindow, w: &Window| if w.contains(t.value) { w.margin(t.value) } else { f64::NAN };
    table.number("margin", Unit::NONE, number(&margin))
}

/// Six significant digits.
fn digits(v: f64) -> String {
    let text = format!("{v:.5e}");
    text.parse::<f64>().map_or(text, |v| format!("{v}"))
}

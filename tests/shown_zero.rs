//! Is what is zero but for rounding shown as zero, and what is tiny but meant shown as it is?

use super::program::{folder, homeostat};
use serde_json::Value;

/// Two coupled FitzHugh–Nagumo units by their means and differences.
const UNITS: &str = "v'=v-((v+d)^3+(v-d)^3)/6-w+i\nw'=0.08*(v+0.7-0.8*w)\n\
    d'=d-((v+d)^3-(v-d)^3)/6-e-0.4*d\ne'=0.08*(d-0.8*e)\npar i=0.5\ninit v=-1, w=-0.5, d=0, e=0\ndone\n";
/// A unit beside a state that is entered at the rate 1e-30.
const RARE: &str = "v'=1-v\no'=1e-30*(1-o)-o\ninit v=0.5, o=0\ndone\n";

fn run(test: &str, text: &str, arguments: &[&str]) -> String {
    let folder = folder(test);
    std::fs::write(folder.join("model.ode"), text).expect("it can be written");
    let out = homeostat(&folder, &[&[arguments[0], "model.ode"], &arguments[1..]].concat());
    assert_eq!(out.code, 0, "{}", out.err);
    out.out
}

/// The difference decays: in the end the table says zero, the object what is left.
#[test]
fn limit_a_difference_that_has_decayed_is_zero_in_the_table() {
    let ask = |more: &[&str]| {
        let usual = ["simulate", "--until", "400", "--start", "d=1e-3"];
        run("shown_zero_decay", UNITS, &[&usual[..], more].concat())
    };
    let table = ask(&[]);
    let column = |line: &str, k: usize| line.split_whitespace().nth(k).map(str::to_string);
    let (first, last) = (table.lines().nth(1).expect("a row"), table.lines().last().expect("a row"));
    assert_eq!(column(first, 3).as_deref(), Some("0.001"), "{first}");
    assert_eq!([column(last, 3), column(last, 4)].map(Option::unwrap), ["0", "0"], "{last}");
    let object: Value = serde_json::from_str(&ask(&["--json"])).expect("one object");
    let left = object["rows"].as_array().and_then(|rows| rows.last()?["d"].as_f64()).expect("a number");
    assert!(left != 0.0 && left.abs() < 1e-14, "{left}");
}

/// The rate o rests at is 1e-30 to first order, beside a variable of size one without a unit.
#[test]
fn theory_a_probability_of_1e_30_is_shown() {
    let table = run("shown_zero_rare", RARE, &["fixed-points", "--range", "v=0:2", "--range", "o=-1:1"]);
    assert!(table.lines().any(|l| l.split_whitespace().take(2).eq(["1", "1e-30"])), "{table}");
}

/// A difference that symmetry keeps at zero has an axis of the size of the others and no power of ten.
#[test]
fn law_the_figure_of_a_zero_difference_is_flat_on_the_axis_of_the_others() {
    let folder = folder("shown_zero_figure");
    std::fs::write(folder.join("model.ode"), UNITS).expect("it can be written");
    let arguments = ["continue", "model.ode", "--vary", "i=0:1.6", "--cycles=1", "--generations", "0"];
    let out = homeostat(&folder, &[&arguments[..], &["--show", "d", "--out", "d.svg"]].concat());
    assert_eq!(out.code, 0, "{}", out.err);
    let svg = std::fs::read_to_string(folder.join("d.svg")).expect("written");
    let words: Vec<&str> = svg.lines().filter(|l| l.starts_with("<text")).collect();
    assert!(
        words.iter().any(|w| w.ends_with(">−2</text>")) && words.iter().any(|w| w.ends_with(">2</text>")),
        "{words:?}"
    );
    assert!(!svg.contains("(10<tspan"), "{words:?}");
    assert!(
        out.out.lines().filter(|l| l.contains("hopf ")).all(|l| l.split_whitespace().skip(4).take(2).eq(["0", "0"]))
    );
}

//! Which units have a name? The SI symbols with their prefixes, a few times, and Brian2's long names.

use super::nearest;

/// A unit by name: long name, exponents of (s, m, kg, A, K, mol, cd), power of ten, further factor, takes prefixes.
struct Named(&'static str, &'static str, [i16; 7], i32, f64, bool);

/// All units. A symbol is looked up as it stands first and only then as prefix + symbol (`min` is no milli-inch).
const UNITS: &[Named] = &[
    Named("s", "second", [1, 0, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("m", "metre", [0, 1, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("g", "gram", [0, 0, 1, 0, 0, 0, 0], -3, 1.0, true),
    Named("A", "amp", [0, 0, 0, 1, 0, 0, 0], 0, 1.0, true),
    Named("K", "kelvin", [0, 0, 0, 0, 1, 0, 0], 0, 1.0, true),
    Named("mol", "mole", [0, 0, 0, 0, 0, 1, 0], 0, 1.0, true),
    Named("cd", "candela", [0, 0, 0, 0, 0, 0, 1], 0, 1.0, true),
    Named("Hz", "hertz", [-1, 0, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("V", "volt", [-3, 2, 1, -1, 0, 0, 0], 0, 1.0, true),
    Named("S", "siemens", [3, -2, -1, 2, 0, 0, 0], 0, 1.0, true),
    Named("F", "farad", [4, -2, -1, 2, 0, 0, 0], 0, 1.0, true),
    Named("ohm", "ohm", [-3, 2, 1, -2, 0, 0, 0], 0, 1.0, true),
    Named("C", "coulomb", [1, 0, 0, 1, 0, 0, 0], 0, 1.0, true),
    Named("N", "newton", [-2, 1, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("J", "joule", [-2, 2, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("W", "watt", [-3, 2, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("Pa", "pascal", [-2, -1, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("M", "molar", [0, -3, 0, 0, 0, 1, 0], 3, 1.0, true),
    Named("L", "litre", [0, 3, 0, 0, 0, 0, 0], -3, 1.0, true),
    Named("rad", "radian", [0; 7], 0, 1.0, true),
    Named("min", "minute", [1, 0, 0, 0, 0, 0, 0], 0, 60.0, false),
    Named("h", "hour", [1, 0, 0, 0, 0, 0, 0], 0, 3600.0, false),
    Named("day", "days", [1, 0, 0, 0, 0, 0, 0], 0, 86400.0, false),
];

const PREFIXES: &[(char, i32)] = &[
    ('a', -18),
    ('f', -15),
    ('p', -12),
    ('n', -9),
    ('u', -6),
    ('µ', -6),
    ('μ', -6),
    ('m', -3),
    ('c', -2),
    ('d', -1),
    ('h', 2),
    ('k', 3),
    ('M', 6),
    ('G', 9),
    ('T', 12),
    ('P', 15),
];

/// What a name stands for: exponents of (s, m, kg, A, K, mol, cd), power of ten, further factor.
pub(super) struct Meaning {
    pub exponents: [i16; 7],
    pub ten: i32,
    pub other: f64,
}

pub(super) fn lookup(name: &str) -> Option<Meaning> {
    let find = |s: &str, prefixed: bool| {
        UNITS.iter().find(|u| {
            (u.0 == s || u.1 == s || (s == "meter" && u.0 == "m") || (s == "Ω" && u.0 == "ohm")) && (u.5 || !prefixed)
        })
    };
    let made = |u: &Named, ten: i32| Meaning { exponents: u.2, ten: u.3 + ten, other: u.4 };
    if let Some(unit) = find(name, false) {
        return Some(made(unit, 0));
    }
    let (prefix, rest) = (name.chars().next()?, &name[name.chars().next()?.len_utf8()..]);
    let ten = PREFIXES.iter().find(|(c, _)| *c == prefix)?.1;
    find(rest, true).map(|unit| made(unit, ten))
}

/// Names that look like `name`, among the units one meets.
pub(super) fn near(name: &str) -> Vec<String> {
    let usual = ["Hz", "kHz", "s", "ms", "us", "min", "h", "day", "V", "mV", "uV", "A", "nA", "pA", "nS", "pS", "uS"];
    let more = ["pF", "nF", "uF", "ohm", "Mohm", "mM", "uM", "nM", "mm", "um", "cm"];
    nearest(name, usual.into_iter().chain(more).chain(UNITS.iter().map(|u| u.0)))
}

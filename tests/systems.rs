//! Are the field's standard systems the same as XPP files and in the catalogue, and do they bifurcate where they must?

use homeostat::dynamics::continuation::{Branch, EventKind, Options, Vary, follow};
use homeostat::dynamics::{Region, Search, fixed_points, settle};
use homeostat::field::Field;
use homeostat::lang::Model;
use homeostat::models;
use homeostat::num::{Stream, Tol};

/// An XPP file and the same system of the catalogue; a quantity of ours is theirs times the scale, in coherent units.
struct Pair {
    file: &'static str,
    ours: &'static str,
    /// (theirs, ours, scale, lowest, highest of theirs).
    variables: &'static [(&'static str, &'static str, f64, f64, f64)],
    /// (theirs, ours, scale): set to random values.
    parameters: &'static [(&'static str, &'static str, f64)],
    /// One unit of their time, in s.
    time: f64,
}

const PAIRS: &[Pair] = &[
    Pair {
        file: "wilson_cowan",
        ours: "wilson_cowan",
        variables: &[("e", "r_e", 100.0, 0.0, 0.6), ("i", "r_i", 100.0, 0.0, 0.6)],
        parameters: &[("p", "I_e", 100.0), ("c1", "w_ee", 1.0), ("c4", "w_ii", 1.0), ("thi", "h_i", 100.0)],
        time: 8e-3,
    },
    Pair {
        file: "tsodyks_markram",
        ours: "tsodyks_markram",
        variables: &[("ee", "r", 1.0, 0.0, 60.0), ("x", "x", 1.0, 0.0, 1.0), ("u", "u", 1.0, 0.0, 1.0)],
        parameters: &[("e0", "I", 1.0), ("j", "J", 1.0), ("u0", "U0", 1.0), ("al", "alpha", 1.0)],
        time: 1.0,
    },
    Pair {
        file: "morris_lecar",
        ours: "morris_lecar",
        variables: &[("v", "V", 1e-3, -90.0, 60.0), ("w", "n", 1.0, 0.0, 1.0)],
        parameters: &[("iapp", "I", 1e-2), ("gca", "g_Ca", 10.0), ("phi", "phi", 1e3)],
        time: 1e-3,
    },
    Pair {
        file: "fitzhugh_nagumo",
        ours: "fitzhugh_nagumo",
        variables: &[("v", "v", 1.0, -3.0, 3.0), ("w", "w", 1.0, -3.0, 4.0)],
        parameters: &[("iapp", "I", 1.0), ("a", "a", 1.0), ("b", "b", 1.0), ("eps", "epsilon", 1.0)],
        time: 1.0,
    },
    Pair {
        file: "qif_sfa",
        ours: "qif_sfa",
        variables: &[("r", "r", 100.0, 0.01, 3.0), ("v", "v", 1.0, -15.0, 0.0), ("a", "h", 100.0, 0.0, 30.0)],
        parameters: &[("eta", "eta", 1.0), ("delta", "Delta", 1.0), ("j", "w", 1.0), ("taua", "tau_a", 1e-2)],
        time: 1e-2,
    },
    Pair {
        file: "qif_sfa_alpha",
        ours: "qif_sfa_alpha",
        variables: &[
            ("r", "r", 100.0, 0.01, 3.0),
            ("v", "v", 1.0, -15.0, 0.0),
            ("a", "h", 100.0, 0.0, 30.0),
            ("z", "z", 100.0, 0.0, 30.0),
        ],
        parameters: &[("eta", "eta", 1.0), ("alpha", "alpha", 100.0), ("taua", "tau_a", 1e-2)],
        time: 1e-2,
    },
    Pair {
        file: "ssn",
        ours: "ssn",
        variables: &[("re", "r_e", 1.0, 0.0, 60.0), ("ri", "r_i", 1.0, 0.0, 60.0)],
        parameters: &[("wee", "w_ee", 1.0), ("wii", "w_ii", 1.0), ("ie", "I_e", 1.0)],
        time: 1e-3,
    },
    Pair {
        file: "mutual_inhibition",
        ours: "mutual_inhibition+sigmoid_rate",
        variables: &[("r1", "r_a", 1.0, 0.0, 12.0), ("r2", "r_b", 1.0, 0.0, 12.0)],
        parameters: &[("i0", "I", 1.0), ("rmax", "R", 1.0), ("beta", "beta", 1.0)],
        time: 1e-2,
    },
];

/// The model of a file below `data/ode/`.
fn ode(file: &str) -> Model {
    let name = format!("data/ode/{file}.ode");
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&name)).unwrap();
    let library = models::library().with(&name, &name, None, &text);
    Model::compose(&name, &library).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn ours(text: &str) -> Model {
    models::model(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn law_the_files_have_the_rates_of_the_catalogue() {
    for (k, pair) in PAIRS.iter().enumerate() {
        let (theirs, ours) = (ode(pair.file), ours(pair.ours));
        let n = theirs.names().variables.len();
        assert_eq!((n, pair.variables.len()), (ours.names().variables.len(), n), "{}", pair.file);
        let mut draw = Stream::new(21, &[k as u64]);
        for _ in 0..40 {
            let (mut x, mut y) = (vec![0.0; n], vec![0.0; n]);
            let (mut p, mut q) = (theirs.names().defaults(), ours.names().defaults());
            for (a, b, scale, low, high) in pair.variables {
                let value = low + (high - low) * draw.uniform();
                x[theirs.names().variable(a).unwrap()] = value;
                y[ours.names().variable(b).unwrap()] = value * scale;
            }
            for (a, b, scale) in pair.parameters {
                let (at, to) = (theirs.names().parameter(a).unwrap(), ours.names().parameter(b).unwrap());
                let close = (p[at] * scale - q[to]).abs() <= 1e-12 * q[to].abs();
                assert!(close || pair.file == "wilson_cowan", "{}: {a} is {}, ours {}", pair.file, p[at], q[to]);
                p[at] *= 0.7 + 0.6 * draw.uniform();
                q[to] = p[at] * scale;
            }
            if pair.file == "qif_sfa_alpha" {
                // Theirs follows the width: J = 15 √Δ.
                let delta = ours.names().parameter("Delta").unwrap();
                q[ours.names().parameter("w").unwrap()] = 15.0 * q[delta].sqrt();
            }
            let (mut dx, mut dy) = (vec![0.0; n], vec![0.0; n]);
            theirs.rate(&x, &p, &mut dx);
            ours.rate(&y, &q, &mut dy);
            for (a, b, scale, low, high) in pair.variables {
                let got = dy[ours.names().variable(b).unwrap()] * pair.time / scale;
                let wanted = dx[theirs.names().variable(a).unwrap()];
                let size = wanted.abs().max(high - low);
                assert!((got - wanted).abs() < 1e-11 * size, "{}: rate of {a}: {wanted} and {got}", pair.file);
            }
        }
    }
}

#[test]
fn law_the_files_have_the_fixed_points_of_the_catalogue() {
    for pair in PAIRS {
        let (theirs, ours) = (ode(pair.file), ours(pair.ours));
        let ends = |of: &dyn Fn(f64, f64) -> f64, name: &dyn Fn(usize) -> &'static str| -> Vec<_> {
            (0..pair.variables.len())
                .map(|k| {
                    (
                        name(k),
                        (of(pair.variables[k].3, pair.variables[k].2), of(pair.variables[k].4, pair.variables[k].2)),
                    )
                })
                .collect()
        };
        let there = Region::named(theirs.names(), &ends(&|v, _| v, &|k| pair.variables[k].0)).unwrap();
        let here = Region::named(ours.names(), &ends(&|v, scale| v * scale, &|k| pair.variables[k].1)).unwrap();
        let search = Search::default();
        let a = fixed_points(&theirs, &theirs.names().defaults(), &there, &search).unwrap();
        let b = fixed_points(&ours, &ours.names().defaults(), &here, &search).unwrap();
        assert!(a.complete && b.complete && !a.points.is_empty(), "{}: {} and {}", pair.file, a.complete, b.complete);
        assert_eq!(a.points.len(), b.points.len(), "{}", pair.file);
        for point in &a.points {
            let twin = b.points.iter().any(|other| {
                other.stability == point.stability
                    && pair.variables.iter().all(|(a, b, scale, low, high)| {
                        let v = point.at[theirs.names().variable(a).unwrap()];
                        let w = other.at[ours.names().variable(b).unwrap()] / scale;
                        (v - w).abs() < 1e-9 * (high - low)
                    })
            });
            assert!(twin, "{}: {:?} is not among {:?}", pair.file, point.at, b.points.len());
        }
    }
}

/// The branch of a model in a parameter, both in coherent units, from where it settles at the start of the range.
fn branch(model: &Model, vary: &str, range: (f64, f64), step: f64) -> Branch {
    let mut p = model.names().defaults();
    let at = model.names().parameter(vary).unwrap();
    p[at] = range.0;
    let rest = settle(model, &p, &model.names().start()).unwrap();
    let options = Options { step_max: step, points: 5000, ..Options::default() };
    follow(model, &p, &rest.at, &Vary::new(at, range), &options).unwrap()
}

/// (event, parameter, first variable, omega) of a system in `tests/reference/systems.csv`.
fn known(system: &str) -> Vec<(String, f64, f64, Option<f64>)> {
    include_str!("reference/systems.csv")
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect::<Vec<_>>())
        .filter(|c| c[0] == system)
        .map(|c| (c[1].to_string(), c[2].parse().unwrap(), c[3].parse().unwrap(), c[4].parse().ok()))
        .collect()
}

/// The folds and Hopf points of a branch are the known ones, no more and no fewer.
///
/// `scales`: what theirs is multiplied with for ours: parameter, first variable, frequency.
fn bifurcates(system: &str, model: &Model, vary: &str, range: (f64, f64), scales: (f64, f64, f64)) {
    let known = known(system);
    assert!(!known.is_empty(), "{system} is not in the table");
    // A coarse step must find the same points as a fine one.
    for step in [0.05, 0.02] {
        let found = branch(model, vary, range, step);
        let wide = (range.1 - range.0).abs();
        for (kind, parameter, first, omega) in &known {
            let kind = if kind == "fold" { EventKind::Fold } else { EventKind::Hopf };
            let event = found
                .events
                .iter()
                .filter(|e| e.kind == kind)
                .min_by(|a, b| {
                    (a.parameter - parameter * scales.0).abs().total_cmp(&(b.parameter - parameter * scales.0).abs())
                })
                .unwrap_or_else(|| panic!("{system}: no {} found", kind.name()));
            let near = |got: f64, wanted: f64, size: f64| {
                let judged = Tol::Order { h: 1e-9, p: 1 }.judge(got / size, wanted / size);
                assert!(judged.holds, "{system} at step {step}: {} at {got}, known {wanted}", kind.name());
            };
            assert!(event.check.is_some(), "{system}: {event:?} is not verified");
            near(event.parameter, parameter * scales.0, (parameter * scales.0).abs().max(0.1 * wide));
            // A fold is quadratic in the state: half of the digits are lost there by whoever computes it.
            near(event.at[0], first * scales.1, first.abs() * scales.1.abs());
            if let Some(omega) = omega {
                near(event.omega.unwrap(), omega * scales.2, omega * scales.2);
            }
        }
        let bifurcations = found.events.iter().filter(|e| [EventKind::Fold, EventKind::Hopf].contains(&e.kind)).count();
        assert_eq!(bifurcations, known.len(), "{system}: {:?}", found.events);
    }
}

#[test]
fn cross_wilson_cowan_bifurcates_where_mpmath_says() {
    bifurcates("wilson_cowan", &ours("wilson_cowan"), "I_e", (0.0, 300.0), (100.0, 100.0, 1.0 / 8e-3));
    bifurcates("wilson_cowan", &ode("wilson_cowan"), "p", (0.0, 3.0), (1.0, 1.0, 1.0));
}

#[test]
fn cross_tsodyks_markram_bifurcates_where_mpmath_says() {
    bifurcates("tsodyks_markram", &ours("tsodyks_markram"), "I", (-4.0, 0.0), (1.0, 1.0, 1.0));
    bifurcates("tsodyks_markram", &ode("tsodyks_markram"), "e0", (-4.0, 0.0), (1.0, 1.0, 1.0));
}

#[test]
fn cross_morris_lecar_bifurcates_where_mpmath_says() {
    bifurcates("morris_lecar_2", &ours("morris_lecar"), "I", (0.0, 3.0), (1e-2, 1e-3, 1e3));
    bifurcates("morris_lecar_2", &ode("morris_lecar"), "iapp", (0.0, 300.0), (1.0, 1.0, 1.0));
    let class = [("g_Ca", "4 mS/cm**2"), ("phi", "0.0667/ms"), ("V_3", "12 mV"), ("V_4", "17.4 mV")];
    let mut class_1 = ours("morris_lecar");
    class_1.set_all(&class).unwrap();
    bifurcates("morris_lecar_1", &class_1, "I", (-0.5, 1.5), (1e-2, 1e-3, 1e3));
}

#[test]
fn cross_adapting_qif_neurons_bifurcate_where_mpmath_says_in_both_variants() {
    for system in ["qif_sfa", "qif_sfa_alpha"] {
        bifurcates(system, &ours(system), "eta", (-8.0, 1.0), (1.0, 100.0, 100.0));
        bifurcates(system, &ode(system), "eta", (-8.0, 1.0), (1.0, 1.0, 1.0));
    }
}

#[test]
fn theory_fitzhugh_nagumo_has_hopf_points_at_the_closed_form() {
    let model = ours("fitzhugh_nagumo");
    let value = |name: &str| model.names().defaults()[model.names().parameter(name).unwrap()];
    let (a, b, epsilon) = (value("a"), value("b"), value("epsilon"));
    let found = branch(&model, "I", (0.0, 2.0), 0.05);
    let hopf: Vec<_> = found.events.iter().filter(|e| e.kind == EventKind::Hopf).collect();
    assert_eq!(hopf.len(), 2, "{:?}", found.events);
    for event in hopf {
        let v = (1.0 - epsilon * b).sqrt() * event.at[0].signum();
        // On the w-nullcline w = (v + a)/b, on the other I = w − v + v³/3; ω² is the determinant.
        let (input, w) = ((v + a) / b - v + v.powi(3) / 3.0, (v + a) / b);
        let omega = (epsilon * (1.0 - b * (1.0 - v * v))).sqrt();
        for (got, wanted) in
            [(event.at[0], v), (event.at[1], w), (event.parameter, input), (event.omega.unwrap(), omega)]
        {
            assert!(Tol::Order { h: 1e-10, p: 1 }.judge(got, wanted).holds, "{got} and {wanted}");
        }
    }
}

#[test]
fn theory_one_of_two_wins_between_two_pitchforks() {
    let model = ours("mutual_inhibition+sigmoid_rate");
    let value = |name: &str| model.names().defaults()[model.names().parameter(name).unwrap()];
    let (w, h, top, beta) = (value("w_ab"), value("h_a"), value("R"), value("beta"));
    let found = branch(&model, "I", (0.0, 30.0), 0.02);
    let events: Vec<_> = found.events.iter().filter(|e| e.kind == EventKind::BranchPoint).collect();
    assert_eq!(events.len(), 2, "{:?}", found.events);
    for (event, sign) in events.iter().zip([-1.0, 1.0]) {
        // w β r (1 − r/R) = 1 there, and the drive is the odds of the rate.
        let r = top / 2.0 * (1.0 + sign * (1.0 - 4.0 / (w * beta * top)).sqrt());
        let input = h + w * r + (r / (top - r)).ln() / beta;
        assert!(Tol::Order { h: 1e-8, p: 1 }.judge(event.at[0], r).holds, "{} and {r}", event.at[0]);
        assert!(Tol::Order { h: 1e-8, p: 1 }.judge(event.parameter, input).holds, "{} and {input}", event.parameter);
        assert!(event.check.is_some());
    }
}

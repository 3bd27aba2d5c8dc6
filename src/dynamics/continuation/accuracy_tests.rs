//! Are folds, Hopf points and points of codimension two where fifty digits put them?
//!
//! `tests/reference/continuation.csv` has about a hundred of them for eight models at random parameters, by mpmath 1.3.0
//! (`continuation.py` beside it). The equations here were written independently of the script's.

use super::*;
use crate::dynamics::Region;
use crate::field::Field;
use std::f64::consts::PI;

example!(Cowan, "e i", "P Q wee wei wie wii", |x, p, dx| {
    let s = |y: S, a: f64, t: f64| ((y - t) * a).sigmoid() - 1.0 / (1.0 + (a * t).exp());
    let (ke, ki) = (1.0 - 1.0 / (1.0 + (1.3_f64 * 4.0).exp()), 1.0 - 1.0 / (1.0 + (2.0_f64 * 3.7).exp()));
    dx[0] = s(p[2] * x[0] - p[3] * x[1] + p[0], 1.3, 4.0) * (-x[0] + ke) - x[0];
    dx[1] = s(p[4] * x[0] - p[5] * x[1] + p[1], 2.0, 3.7) * (-x[1] + ki) - x[1];
});
example!(Markram, "e x u", "E0 alpha J U", |x, p, dx| {
    let release = x[2] * x[1] * x[0];
    dx[0] = (((release * p[2] + p[0]) / p[1]).softplus() * p[1] - x[0]) / 0.013;
    dx[1] = (-x[1] + 1.0) / 0.2 - release;
    dx[2] = (p[3] - x[2]) / 1.5 + p[3] * (-x[2] + 1.0) * x[0];
});
example!(Nagumo, "v w", "I a b eps", |x, p, dx| {
    dx[0] = x[0] - x[0].powi(3) / 3.0 - x[1] + p[0];
    dx[1] = p[3] * (x[0] + p[1] - p[2] * x[1]);
});
example!(Lecar, "v w", "I gca phi v3", |x, p, dx| {
    let open = (((x[0] + 1.2) / 18.0).tanh() + 1.0) / 2.0;
    let rest = (((x[0] - p[3]) / 17.4).tanh() + 1.0) / 2.0;
    let half = (x[0] - p[3]) / 34.8;
    dx[0] = (p[0] - p[1] * open * (x[0] - 120.0) - x[1] * (x[0] + 84.0) * 8.0 - (x[0] + 60.0) * 2.0) / 20.0;
    dx[1] = p[2] * (rest - x[1]) * (half.exp() + (-half).exp()) / 2.0;
});
example!(Qif, "r v", "eta J delta", |x, p, dx| {
    dx[0] = p[2] / PI + x[0] * x[1] * 2.0;
    dx[1] = x[1].square() + p[0] + p[1] * x[0] - (x[0] * PI).square();
});
example!(QifAdaptation, "r v a", "eta J delta alpha", |x, p, dx| {
    dx[0] = p[2] / PI + x[0] * x[1] * 2.0;
    dx[1] = x[1].square() + p[0] + p[1] * x[0] - x[2] - (x[0] * PI).square();
    dx[2] = (p[3] * x[0] - x[2]) / 10.0;
});
example!(Prey, "n m", "k a d", |x, p, dx| {
    let eaten = x[0] * x[1] / (p[1] + x[0]);
    dx[0] = x[0] * (-x[0] / p[0] + 1.0) - eaten;
    dx[1] = eaten - p[2] * x[1];
});
example!(Bazykin, "n m", "alpha d eps g", |x, p, dx| {
    let eaten = x[0] * x[1] / (p[0] * x[0] + 1.0);
    dx[0] = x[0] - eaten - p[2] * x[0].square();
    dx[1] = eaten - p[3] * x[1] - p[1] * x[1].square();
});

/// A model, the ranges of its first and second free parameter, and the box of states, as in the script.
type Example = (Box<dyn Field>, [(f64, f64); 2], Vec<(f64, f64)>);

fn model(name: &str) -> Example {
    match name {
        "wilson_cowan" => (Box::new(Cowan::new()), [(0.0, 3.0), (-2.0, 2.0)], vec![(-0.05, 0.5); 2]),
        "tsodyks_markram" => {
            (Box::new(Markram::new()), [(-3.0, -0.9), (0.8, 3.0)], vec![(0.0, 40.0), (0.0, 1.0), (0.0, 1.0)])
        }
        "fitzhugh_nagumo" => (Box::new(Nagumo::new()), [(-0.5, 2.0), (0.0, 1.0)], vec![(-3.0, 3.0); 2]),
        "morris_lecar" => (Box::new(Lecar::new()), [(0.0, 300.0), (0.0, 16.0)], vec![(-75.0, 60.0), (0.0, 1.0)]),
        "qif" => (Box::new(Qif::new()), [(-12.0, 2.0), (5.0, 25.0)], vec![(0.001, 4.0), (-6.0, 1.0)]),
        "qif_adaptation" => {
            (Box::new(QifAdaptation::new()), [(-14.0, 2.0), (0.0, 15.0)], vec![(0.001, 4.0), (-7.0, 1.0), (0.0, 60.0)])
        }
        "predator_prey" => (Box::new(Prey::new()), [(0.6, 4.0), (0.0, 1.0)], vec![(-0.1, 4.2), (-0.1, 4.0)]),
        "bazykin" => (Box::new(Bazykin::new()), [(0.05, 0.8), (0.02, 0.6)], vec![(0.3, 110.0), (0.05, 25.0)]),
        other => panic!("the table names {other}"),
    }
}

/// One row of the table.
#[derive(Debug)]
struct Row {
    model: String,
    p: Vec<f64>,
    free: Vec<usize>,
    kind: String,
    values: Vec<f64>,
    state: Vec<f64>,
    omega: Option<f64>,
    l1: Option<f64>,
}

fn rows() -> Vec<Row> {
    let numbers = |text: &str| text.split(';').map(|v| v.parse().unwrap()).collect::<Vec<f64>>();
    let text = include_str!("../../../tests/reference/continuation.csv");
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Row {
                model: cells[0].into(),
                p: numbers(cells[1]),
                free: cells[2].split(';').map(|v| v.parse().unwrap()).collect(),
                kind: cells[3].into(),
                values: numbers(cells[4]),
                state: numbers(cells[5]),
                omega: cells[6].parse().ok(),
                l1: cells[7].parse().ok(),
            }
        })
        .collect()
}

/// The largest error of a list of numbers, relative to the larger of the number and a thousandth of the largest one.
fn error(got: impl IntoIterator<Item = f64>, wanted: &[f64]) -> f64 {
    let size = wanted.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    got.into_iter().zip(wanted).map(|(a, b)| (a - b).abs() / b.abs().max(1e-3 * size)).fold(0.0, f64::max)
}

/// Where points are is asked here, not whether the lists are proven: a small budget is enough.
fn quick() -> DiagramOptions<'static> {
    let search = crate::dynamics::Search { boxes: 4_000, ..DiagramOptions::default().search };
    DiagramOptions { search, ..DiagramOptions::default() }
}

/// Every row with the same parameters is answered by one diagram.
fn groups(rows: Vec<Row>, pick: impl Fn(&Row) -> bool) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows.into_iter().filter(pick) {
        match groups.last_mut().filter(|g| g[0].model == row.model && g[0].p == row.p) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

#[test]
fn cross_folds_and_hopf_points_at_fifty_digits() {
    let groups = groups(rows(), |r| r.free.len() == 1);
    let mut checked = 0;
    for group in &groups {
        let (field, ranges, region) = model(&group[0].model);
        let vary = Vary::new(group[0].free[0], ranges[0]);
        let region = Region::new(region).unwrap();
        let all = diagram(&*field, &group[0].p, &vary, &region, &quick()).unwrap();
        let events: Vec<&Event> = all.branches.iter().flat_map(|b| &b.events).collect();
        for row in group {
            let off =
                |e: &&&Event| error(e.at.iter().copied().chain([e.parameter]), &[&row.state[..], &row.values].concat());
            let of_kind = events.iter().filter(|e| e.kind.name() == row.kind && e.check.is_some());
            let Some(found) = of_kind.min_by(|a, b| off(a).total_cmp(&off(b))) else {
                panic!("{row:?}: nothing found in {events:?}")
            };
            assert!(off(&found) < 1e-9, "{row:?}: {found:?} is off by {}", off(&found));
            if let Some(omega) = row.omega {
                assert!((found.omega.unwrap() / omega - 1.0).abs() < 1e-9, "{row:?}: {found:?}");
            }
            if let Some(l1) = row.l1 {
                assert!((found.first_lyapunov.unwrap() / l1 - 1.0).abs() < 1e-6, "{row:?}: {found:?}");
            }
            checked += 1;
        }
    }
    assert!(checked >= 100, "{checked} points are in the table");
}

#[test]
fn cross_codimension_two_at_fifty_digits() {
    let groups = groups(rows(), |r| r.free.len() == 2);
    let (mut checked, mut missed) = (0, Vec::new());
    for group in &groups {
        let (field, ranges, region) = model(&group[0].model);
        let [first, second] = [0, 1].map(|k| Vary::new(group[0].free[k], ranges[k]));
        let region = Region::new(region).unwrap();
        let options = quick();
        let all = diagram(&*field, &group[0].p, &first, &region, &options).unwrap();
        let plane = curves(&*field, &group[0].p, &all, &first, &second, &region, &options).unwrap();
        let events: Vec<&CurveEvent> = plane.curves.iter().flat_map(|c| &c.events).collect();
        for row in group {
            let wanted = [&row.state[..], &row.values].concat();
            let off = |e: &&&CurveEvent| error(e.at.iter().copied().chain([e.parameter, e.other]), &wanted);
            let of_kind = events.iter().filter(|e| e.kind.name() == row.kind && e.check.is_some());
            match of_kind.map(|e| off(&e)).min_by(f64::total_cmp) {
                Some(error) if error < 1e-9 => checked += 1,
                other => missed.push(format!("{} {} {:?}: {other:?}", row.model, row.kind, row.values)),
            }
        }
    }
    // A point on a curve that no event of the diagram lies on is not reached; there are few of these.
    println!("{checked} found, missed: {missed:#?}");
    assert!(checked >= 8 && missed.is_empty(), "{checked} found, missed: {missed:#?}");
}

/// AUTO-07p: the zero-Hopf point of the Tsodyks–Markram model at E0 = −2.17328, alpha = 2.16452 (five decimals).
#[test]
fn cross_auto_zero_hopf_of_tsodyks_markram() {
    let (field, ranges, region) = model("tsodyks_markram");
    let [first, second] = [0, 1].map(|k| Vary::new(k, ranges[k]));
    let (p, region, options) = ([-1.5, 1.5, 3.07, 0.3], Region::new(region).unwrap(), quick());
    let all = diagram(&*field, &p, &first, &region, &options).unwrap();
    let plane = curves(&*field, &p, &all, &first, &second, &region, &options).unwrap();
    let found =
        plane.curves.iter().flat_map(|c| &c.events).find(|e| e.kind == EventKind::ZeroHopf && e.check.is_some());
    let found = found.unwrap_or_else(|| panic!("{:?}", plane.curves.iter().map(|c| &c.events).collect::<Vec<_>>()));
    assert!((found.parameter + 2.17328).abs() < 6e-6 && (found.other - 2.16452).abs() < 6e-6, "{found:?}");
}

//! Does every part of the catalogue keep what parts promise? No part has a line of its own here.

use homeostat::dynamics::{Region, Search, fixed_points};
use homeostat::field::Field;
use homeostat::lang::{Fact, Model, Where};
use homeostat::models;
use homeostat::num::{Dual, Interval, LANES, Lanes, Stream};

/// Every composition that a part of the catalogue names as its example or as the place of a fact.
pub(crate) fn compositions() -> Vec<String> {
    let parts = models::parts().unwrap();
    let mut all: Vec<String> = parts
        .iter()
        .flat_map(|p| p.example.iter().cloned().chain(p.facts.iter().filter_map(|f| f.on.clone())))
        .chain(models::SYSTEMS.iter().map(|s| s.name.into()))
        .collect();
    all.sort();
    all.dedup();
    assert!(all.len() > 25, "only {} compositions", all.len());
    all
}

/// Parameters near their defaults, inside of their ranges; elements of families keep their values.
fn parameters(model: &Model, draw: &mut Stream) -> Vec<f64> {
    let family = |name: &str| name.rsplit('_').next().is_some_and(|end| end.chars().all(|c| c.is_ascii_digit()));
    let one = |q: &homeostat::field::Quantity, draw: &mut Stream| {
        let value = q.value * (0.6 * (draw.uniform() - 0.5)).exp();
        let (low, high) = q.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if family(&q.name) { q.value } else { value.clamp(low, high) }
    };
    model.names().parameters.iter().map(|q| one(q, draw)).collect()
}

/// A state inside of the declared ranges, off their ends.
fn state(model: &Model, draw: &mut Stream) -> Vec<f64> {
    let inside = |(low, high): (f64, f64), draw: &mut Stream| low + (high - low) * (0.05 + 0.9 * draw.uniform());
    let one = |q: &homeostat::field::Quantity, draw: &mut Stream| match q.range {
        Some(range) => inside(range, draw),
        None => q.value * (0.5 + draw.uniform()),
    };
    model.names().variables.iter().map(|q| one(q, draw)).collect()
}

#[test]
fn law_every_scalar_tells_the_same_of_every_part() {
    for (k, text) in compositions().iter().enumerate() {
        let model = models::model(text).unwrap();
        let n = model.names().variables.len();
        let mut draw = Stream::new(11, &[k as u64]);
        for _ in 0..10 {
            let (x, p) = (state(&model, &mut draw), parameters(&model, &mut draw));
            let mut rate = vec![0.0; n];
            model.rate(&x, &p, &mut rate);
            assert!(rate.iter().all(|r| r.is_finite()), "{text}: {rate:?} at {x:?}");
            // Intervals contain the point, duals the same value.
            let boxed = |v: &[f64]| v.iter().map(|&v| Interval::point(v)).collect::<Vec<_>>();
            let mut enclosed = vec![Interval::ENTIRE; n];
            model.interval(&boxed(&x), &boxed(&p), &mut enclosed);
            let lanes = |v: &[f64]| v.iter().map(|&v| Lanes([v; LANES])).collect::<Vec<_>>();
            let mut together = vec![Lanes([0.0; LANES]); n];
            model.lanes(&lanes(&x), &lanes(&p), &mut together);
            for i in 0..n {
                assert!(enclosed[i].contains(rate[i]), "{text}: {:?} does not hold {}", enclosed[i], rate[i]);
                assert!(together[i].0.iter().all(|v| v.to_bits() == rate[i].to_bits()), "{text}: lanes differ");
            }
            // The dual derivative equals a central difference along a random direction.
            let scale: Vec<f64> = x.iter().map(|v| v.abs().max(1e-3)).collect();
            let along: Vec<f64> = scale.iter().map(|s| s * (draw.uniform() - 0.5)).collect();
            let xd: Vec<Dual> = x.iter().zip(&along).map(|(&v, &d)| Dual::new(v, d)).collect();
            let pd: Vec<Dual> = p.iter().map(|&v| Dual::fixed(v)).collect();
            let mut out = vec![Dual::fixed(0.0); n];
            model.push(&xd, &pd, &mut out);
            let h = 1e-5;
            let at = |sign: f64| {
                let moved: Vec<f64> = x.iter().zip(&along).map(|(v, d)| v + sign * h * d).collect();
                let mut rate = vec![0.0; n];
                model.rate(&moved, &p, &mut rate);
                rate
            };
            let (ahead, behind) = (at(1.0), at(-1.0));
            for i in 0..n {
                let difference = (ahead[i] - behind[i]) / (2.0 * h);
                let size = out[i].d.abs().max(rate[i].abs()).max(ahead[i].abs());
                assert_eq!(out[i].v.to_bits(), rate[i].to_bits(), "{text}: the dual has another value");
                assert!((out[i].d - difference).abs() <= 1e-5 * size + 1e-12, "{text}: {} {difference}", out[i].d);
            }
        }
    }
}

/// Dimensional analysis for the price of an evaluation: with seven other base units every rate must scale as its unit
/// says. A law with a hidden constant in it (`1 Hz`, `20 ms`) does not: constants with a unit are parameters.
fn scales_otherwise(model: &Model, draw: &mut Stream) -> Option<String> {
    let bases = [1.7, 0.6, 2.3, 1.9, 0.8, 1.3, 0.7];
    let scale = |q: &homeostat::field::Quantity| -> f64 {
        bases.iter().zip(q.unit.exponents).map(|(base, e): (&f64, i16)| base.powf(f64::from(e) / 12.0)).product()
    };
    let names = model.names();
    for _ in 0..5 {
        let (x, p) = (state(model, draw), parameters(model, draw));
        let other = |v: &[f64], of: &[homeostat::field::Quantity]| -> Vec<f64> {
            v.iter().zip(of).map(|(v, q)| v * scale(q)).collect()
        };
        let (mut here, mut there) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        model.rate(&x, &p, &mut here);
        model.rate(&other(&x, &names.variables), &other(&p, &names.parameters), &mut there);
        for (i, q) in names.variables.iter().enumerate() {
            // Addends cancel: what is left is right to rounding of the largest of them, near the fastest rate.
            let size = here.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            let back = there[i] / scale(q) * bases[0];
            if (back - here[i]).abs() > 1e-9 * size {
                return Some(format!("d{}/dt: {} and {back} in other units", q.name, here[i]));
            }
        }
    }
    None
}

#[test]
fn law_rescaling_every_unit_leaves_every_law_unchanged() {
    let mut draw = Stream::new(13, &[]);
    let wrong: Vec<String> = compositions()
        .iter()
        .map(|text| (text, models::model(text).unwrap()))
        // A file without units has none to rescale.
        .filter(|(_, model)| !model.parts().iter().any(|p| p.dimensionless))
        .filter_map(|(text, model)| scales_otherwise(&model, &mut draw).map(|w| format!("{text}: {w}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The check can fail: a target that is written into the equation.
    let hidden = "equations = \"dr/dt = (5 Hz - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[variables]\nr = { start = \"1 Hz\" }\n";
    let hidden = Model::compose("hidden", &models::library().with("hidden", "hidden.toml", None, hidden)).unwrap();
    assert!(scales_otherwise(&hidden, &mut draw).is_some());
}

/// Does a fact hold at a point? `None` where its conditions do not.
fn holds(model: &Model, fact: &Fact, x: &[f64], p: &[f64], stable: Option<bool>) -> Option<bool> {
    let values = model.fact_values(x, p);
    // Where a side is zero, equality is to rounding of what the model moves with there.
    let mut rate = vec![0.0; x.len()];
    model.rate(x, p, &mut rate);
    let scale = values.iter().chain(&rate).fold(0.0f64, |m, v| m.max(v.abs()));
    let all = |list: &[homeostat::lang::Comparison]| list.iter().all(|c| c.holds(&values, 1e-6, scale));
    if !all(&fact.conditions) {
        return None;
    }
    match (fact.stability, stable) {
        (true, Some(stable)) => Some(stable == all(&fact.claims)),
        (true, None) => None,
        (false, _) => Some(all(&fact.claims)),
    }
}

#[test]
fn theory_every_fact_holds_at_random_parameters() {
    let (mut checked, mut wrong, mut silent) = (0, Vec::new(), Vec::new());
    for (k, text) in compositions().iter().enumerate() {
        let model = models::model(text).unwrap();
        let mut draw = Stream::new(12, &[k as u64]);
        for fact in model.facts() {
            let mut times = 0;
            for _ in 0..6 {
                let p = parameters(&model, &mut draw);
                let mut judge = |x: &[f64], stable: Option<bool>| match holds(&model, fact, x, &p, stable) {
                    None => (),
                    Some(true) => times += 1,
                    Some(false) => {
                        times += 1;
                        wrong.push(format!("{text}: {}: `{}` at {x:?} with {p:?}", fact.part, fact.text));
                    }
                };
                match fact.at {
                    Where::EveryPoint => judge(&state(&model, &mut draw), None),
                    Where::FixedPoint => {
                        let Ok(region) = Region::declared(model.names()) else { continue };
                        let search = Search { boxes: 2000, ..Search::default() };
                        let found = fixed_points(&model, &p, &region, &search).unwrap();
                        for point in &found.points {
                            // At the edge of stability neither answer is wrong.
                            let edge = point.eigenvalues.iter().any(|e| e.0.abs() < 1e-9);
                            judge(&point.at, (!edge).then_some(point.is_stable()));
                        }
                    }
                }
            }
            checked += times;
            if times == 0 {
                silent.push(format!("{text}: {}: `{}`", fact.part, fact.text));
            }
        }
    }
    println!("{checked} checks of facts; never reached: {silent:#?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 150, "only {checked} checks");
}

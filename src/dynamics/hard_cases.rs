//! What becomes of double roots, kinks, borders and places where nothing is defined? Nothing false, and no hanging.

use super::examples::*;
use super::{Proof, Region, Search, Stability, Stopped, fixed_points};
use crate::field::{Field, Law, Names};
use std::sync::atomic::AtomicBool;

example!(SineMinusLine, "x", "", |x, _p, dx| {
    dx[0] = x[0].erf() - x[0] * std::f64::consts::FRAC_2_SQRT_PI;
});
example!(Fold, "x", "mu", |x, p, dx| {
    dx[0] = p[0] - x[0].square();
});
example!(Rectified, "r", "w theta", |x, p, dx| {
    dx[0] = (p[0] * x[0] - p[1]).relu() - x[0] + 1.0;
});
example!(Jump, "x", "", |x, _p, dx| {
    dx[0] = S::constant(0.5) - x[0].step();
});
example!(Logarithm, "x", "", |x, _p, dx| {
    dx[0] = x[0].ln() + 1.0;
});
example!(HiddenLogarithm, "x", "", |x, _p, dx| {
    dx[0] = (x[0] - 1.0).ln().sigmoid() - 0.25;
});
example!(Root, "x", "", |x, _p, dx| {
    dx[0] = x[0].sqrt() - x[0];
});
example!(Broken, "r w", "tau", |x, p, dx| {
    dx[0] = -x[0];
    dx[1] = (p[0] - 3.0).sqrt() * x[1];
});

fn all(field: &dyn Field, p: &[f64], ranges: &[(f64, f64)]) -> super::FixedPoints {
    let options = Search { boxes: 20_000, ..Search::default() };
    fixed_points(field, p, &Region::new(ranges.iter().copied()).unwrap(), &options).unwrap()
}

#[test]
fn theory_a_triple_root_is_one_undecided_place() {
    let found = all(&SineMinusLine::new(), &[], &[(-1.0, 1.3)]);
    assert!(found.points.is_empty() && found.undecided.len() == 1 && !found.complete);
    let hull = found.undecided[0].hull[0];
    assert!(hull.contains(0.0) && hull.width() < 1e-3, "{hull:?}");
}

#[test]
fn theory_two_roots_until_they_meet() {
    for mu in [1.0, 1e-4, 1e-8, 1e-12] {
        let found = all(&Fold::new(), &[mu], &[(-1.0, 1.5)]);
        assert_eq!(found.points.len(), 2, "mu = {mu}: {:?}", found.undecided);
        assert!(found.complete && found.points.iter().all(|p| p.enclosure[0].contains(p.at[0].signum() * mu.sqrt())));
        assert_eq!(found.points.map_stability(), [(Stability::Unstable, true), (Stability::Stable, true)]);
    }
    let touching = all(&Fold::new(), &[0.0], &[(-1.0, 1.5)]);
    assert!(touching.points.is_empty() && touching.undecided.len() == 1);
    for mu in [-1e-12, -1e-8, -1.0] {
        let ghost = all(&Fold::new(), &[mu], &[(-1.0, 1.5)]);
        assert!(ghost.complete && ghost.points.is_empty(), "mu = {mu}");
    }
}

trait Judged {
    fn map_stability(&self) -> Vec<(Stability, bool)>;
}
impl Judged for Vec<super::FixedPoint> {
    fn map_stability(&self) -> Vec<(Stability, bool)> {
        self.iter().map(|p| (p.stability, p.stability_proven)).collect()
    }
}

#[test]
fn theory_a_rectifier_is_proven_on_both_sides_and_not_on_its_kink() {
    // r = 1 below threshold; above it r = (1 − θ)/(1 − w), for w = 2: r = θ − 1.
    let found = all(&Rectified::new(), &[2.0, 4.0], &[(0.0, 9.0)]);
    assert!(found.complete);
    assert_eq!(found.points.map_stability(), [(Stability::Stable, true), (Stability::Unstable, true)]);
    assert!((found.points[0]["r"] - 1.0).abs() < 1e-12 && (found.points[1]["r"] - 3.0).abs() < 1e-12);
    // With θ = 2 both are at the kink r = 1: slopes −1 and +1 meet there.
    let kink = all(&Rectified::new(), &[2.0, 2.0], &[(0.0, 9.0)]);
    assert!(kink.points.is_empty() && kink.undecided.len() == 1 && kink.undecided[0].hull[0].contains(1.0));
    // With w = 1/2 the slopes are −1 and −1/2: unique and stable although there is a kink.
    let soft = all(&Rectified::new(), &[0.5, 0.5], &[(0.0, 9.0)]);
    assert_eq!(soft.only().unwrap().stability, Stability::Stable);
    assert!(soft.points[0].stability_proven);
}

#[test]
fn theory_a_jump_through_zero_is_not_a_fixed_point() {
    let found = all(&Jump::new(), &[], &[(-1.0, 2.0)]);
    assert!(found.points.is_empty() && !found.complete && found.undecided[0].hull[0].contains(0.0));
}

#[test]
fn theory_outside_the_domain_nothing_is_claimed() {
    let found = all(&Logarithm::new(), &[], &[(-2.0, 2.0)]);
    assert_eq!(found.points.len(), 1);
    assert!((found.points[0].at[0] - (-1.0_f64).exp()).abs() < 1e-12 && found.points[0].proof == Proof::Unique);
    assert!(
        !found.complete && found.undecided.iter().any(|u| u.hull[0].contains(-1.0) && u.why.contains("not defined"))
    );
    // σ(ln(x − 1)) = 1/4 at x = 4/3; below 1 the interval value is bounded although nothing is defined there.
    let found = all(&HiddenLogarithm::new(), &[], &[(-2.0, 2.0)]);
    assert!(found.points.len() == 1 && (found.points[0].at[0] - 4.0 / 3.0).abs() < 1e-12);
    // √x − x vanishes at 1, and at the end of its domain, where it has no derivative.
    let found = all(&Root::new(), &[], &[(0.0, 4.0)]);
    assert!(found.points.len() == 1 && found.points[0].enclosure[0].contains(1.0));
    assert!(found.undecided.len() == 1 && found.undecided[0].hull[0].contains(0.0));
}

#[test]
fn law_a_field_that_is_no_number_is_an_error_that_says_where() {
    let region = Region::new([(0.0, 1.0), (0.0, 2.0)]).unwrap();
    let error = fixed_points(&Broken::new(), &[1.0], &region, &Search::default()).unwrap_err().to_string();
    assert!(error.contains("dw/dt") && error.contains("r = 0.5, w = 1"), "{error}");
    let error = fixed_points(&Broken::new(), &[f64::NAN], &region, &Search::default()).unwrap_err().to_string();
    assert!(error.contains("`tau`"), "{error}");
    assert!(fixed_points(&Broken::new(), &[], &region, &Search::default()).is_err());
    assert!(fixed_points(&Fold::new(), &[1.0], &region, &Search::default()).is_err());
}

/// A field without intervals.
struct Plain(Fold);
impl Field for Plain {
    fn names(&self) -> &Names {
        self.0.law_names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.0.rates(x, p, dx);
    }
    fn push(&self, x: &[crate::num::Dual], p: &[crate::num::Dual], dx: &mut [crate::num::Dual]) {
        self.0.rates(x, p, dx);
    }
}

#[test]
fn law_without_intervals_nothing_is_called_proven() {
    let found = all(&Plain(Fold::new()), &[0.25], &[(-1.0, 1.5)]);
    assert_eq!(found.points.len(), 2);
    assert!(!found.complete && !found.undecided.is_empty());
    assert!(found.points.iter().all(|p| matches!(p.proof, Proof::Unproven(_)) && !p.stability_proven));
    assert!((found.points[1].at[0] - 0.5).abs() < 1e-12);
}

#[test]
fn law_a_search_that_is_stopped_says_so() {
    let net = Network::new(3);
    let region = Region::new(vec![(0.0, 1.0); 3]).unwrap();
    let p = Network::weights(3, 10.0, 0.3);
    let few = Search { boxes: 40, starts: 1, ..Search::default() };
    let found = fixed_points(&net, &p, &region, &few).unwrap();
    assert!(found.stopped == Stopped::Budget && !found.complete && !found.undecided.is_empty() && found.boxes <= 40);
    let stop = AtomicBool::new(true);
    let found = fixed_points(&net, &p, &region, &Search { stop: Some(&stop), ..few }).unwrap();
    assert!(found.stopped == Stopped::Interrupted && !found.complete);
}

#[test]
fn law_the_answer_does_not_depend_on_the_number_of_threads() {
    let net = Network::new(4);
    let region = Region::new(vec![(0.0, 1.0); 4]).unwrap();
    let p = Network::weights(4, 10.0, 1.0);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", fixed_points(&net, &p, &region, &Search::default()).unwrap()))
    };
    let one = with(1);
    assert!(one == with(2) && one == with(7));
    let found = fixed_points(&net, &p, &region, &Search::default()).unwrap();
    assert!(found.complete && found.table().rows() == found.points.len());
}

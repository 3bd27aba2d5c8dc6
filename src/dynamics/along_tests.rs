//! Do the fluctuations along a branch meet normal forms and scaling laws?

use super::continuation::{EventKind, Options, Vary, follow};
use super::testing::{law, near};
use super::{AlongOptions, fluctuations, noise_along, spectra_along};
use crate::field::Field;
use crate::num::{Scalar, Tol};

law! {
    Fold, [x = 1.0], [mu = 1.0, s = 0.01], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - x[0].square(); }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[1]; }
}
// The normal form of a supercritical Hopf point, noise on both axes.
law! {
    Hopf, [x = 0.0, y = 0.0], [lambda = -0.5, omega = 3.0, s = 0.01], 2,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r2 = x[0].square() + x[1].square();
        dx[0] = p[0] * x[0] - p[1] * x[1] - x[0] * r2;
        dx[1] = p[1] * x[0] + p[0] * x[1] - x[1] * r2;
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        (g[0], g[1], g[2], g[3]) = (p[2], S::constant(0.0), S::constant(0.0), p[2]);
    }
}
// D30: a bistable rate, its threshold as the parameter.
law! {
    Bistable, [r = 0.9], [theta = 4.0, w = 10.0, s = 0.001], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = (x[0] * p[1] - p[0]).sigmoid() - x[0]; }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[2]; }
}
// D7 with one pattern and a noisy weight.
law! {
    Bcm, [y = 1.0, theta = 1.0], [tau_theta = 5.0, tau_w = 10.0, s = 0.0001], 1,
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (x[0] - x[1]) / p[1];
        dx[1] = (x[0].square() - x[1]) / p[0];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { (g[0], g[1]) = (p[2], S::constant(0.0)); }
}

#[test]
fn theory_the_normal_form_of_a_fold() {
    let field = Fold::new();
    for mu in [1.0f64, 0.25, 0.01] {
        let (s, root) = (0.01, mu.sqrt());
        let found = fluctuations(&field, &[mu, s], &[root], 0.3).expect("stable");
        near("variance", found.deviations[0].powi(2), s * s / (4.0 * root), Tol::Rounding(20), "s²/(4√μ)");
        near("recovery", found.recovery, 2.0 * root, Tol::Rounding(4), "2√μ");
        near("autocorrelation", found.autocorrelations[0], (-0.6 * root).exp(), Tol::Rounding(20), "e^(−2√μ t)");
        // Twice the squared ratio of the standard deviation to the distance 2√μ of the saddle.
        near("strain", found.strain, 2.0 * (s * s / (4.0 * root)) / (4.0 * mu), Tol::Rounding(40), "2 (sd/2√μ)²");
        assert_eq!((found.frequency, found.quality), (0.0, 0.0));
    }
    let branch =
        follow(&field, &[1.0, 0.01], &[1.0], &Vary::new(0, (-1.0, 1.0)), &Options::default()).expect("a branch");
    let noise = noise_along(&field, &[1.0, 0.01], 0, &branch, &AlongOptions::default()).expect("stable points");
    let variance = noise.exponent(0.0, 1e-3, |f| f.deviations[0].powi(2)).expect("points");
    near("exponent of the variance", variance, -0.5, Tol::Order { h: 1e-9, p: 1 }, "fold");
    let recovery = noise.exponent(0.0, 1e-3, |f| f.recovery).expect("points");
    near("exponent of the recovery", recovery, 0.5, Tol::Order { h: 1e-9, p: 1 }, "fold");
    // The saddle's half of the branch is refused, and so is what is too near to the fold.
    assert!(noise.points.iter().any(|q| q.fluctuations.as_ref().is_err_and(|why| why.contains("not stable"))));
    let strong = noise_along(&field, &[1.0, 0.5], 0, &branch, &AlongOptions::default()).expect("stable points");
    for q in strong.points.iter().filter(|q| q.fluctuations.is_ok()) {
        let ratio = (0.25 / (4.0 * q.parameter.sqrt())) / (2.0 * q.parameter); // 2 (sd/2√μ)²
        assert!(q.valid == (ratio <= 0.2) || (ratio - 0.2).abs() < 1e-9, "{q:?}");
        assert!((q.distance - q.parameter).abs() < 1e-9);
    }
}

#[test]
fn theory_the_normal_form_of_a_hopf_point() {
    let field = Hopf::new();
    for lambda in [-1.0, -0.1, -0.01] {
        let s = 0.01;
        let found = fluctuations(&field, &[lambda, 3.0, s], &[0.0; 2], 0.2).expect("stable");
        let variance = s * s / (-2.0 * lambda);
        near("variance", found.deviations[1].powi(2), variance, Tol::Rounding(40), "s²/2|λ|");
        near("frequency", found.frequency, 3.0 / std::f64::consts::TAU, Tol::Rounding(8), "ω/2π");
        near("quality", found.quality, 1.5 / -lambda, Tol::Rounding(8), "ω/2|λ|");
        near(
            "autocorrelation",
            found.autocorrelations[0],
            (0.2 * lambda).exp() * 0.6f64.cos(),
            Tol::Rounding(100),
            "e^λt cos ωt",
        );
        // Averaging −x r² over an isotropic Gaussian: δA = −4 C, on both axes.
        near("strain", found.strain, 4.0 * variance / -lambda, Tol::Rounding(100), "4 C/|λ|");
    }
}

#[test]
fn limit_variance_grows_as_the_inverse_root_of_the_distance_to_a_fold() {
    let field = Bistable::new();
    let r: f64 = 0.5 * (1.0 + 0.6f64.sqrt());
    let fold = 10.0 * r - (r / (1.0 - r)).ln();
    let at = |shift: f64| {
        let r = r + shift;
        let theta = 10.0 * r - (r / (1.0 - r)).ln();
        let found = fluctuations(&field, &[theta, 10.0, 1e-6], &[r], 1.0).expect("stable");
        (fold - theta, found)
    };
    let mut errors = Vec::new();
    for shift in [0.02, 0.01, 0.005, 0.0025] {
        let ((d1, a), (d2, b)) = (at(shift), at(0.5 * shift));
        let slope = (b.deviations[0] / a.deviations[0]).ln() * 2.0 / (d2 / d1).ln();
        let rate = (b.recovery / a.recovery).ln() / (d2 / d1).ln();
        assert!((rate - 0.5).abs() < 0.2, "{rate}");
        errors.push((slope + 0.5).abs());
    }
    // The exponent is met with an error that halves with the distance in r.
    assert!(errors[3] < 0.01, "{errors:?}");
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1] - 2.0).abs() < 0.3, "{errors:?}");
    }
}

#[test]
fn limit_variance_grows_as_the_inverse_distance_to_a_hopf_point() {
    let field = Bcm::new();
    let mut errors = Vec::new();
    for d in [0.4, 0.2, 0.1, 0.05] {
        let at = |d: f64| fluctuations(&field, &[10.0 - d, 10.0, 1e-6], &[1.0; 2], 1.0).expect("stable");
        let (a, b) = (at(d), at(0.5 * d));
        let slope = 2.0 * (b.deviations[0] / a.deviations[0]).ln() / 0.5f64.ln();
        assert!(b.quality > a.quality);
        errors.push((slope + 1.0).abs());
    }
    assert!(errors[3] < 0.01, "{errors:?}");
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1] - 2.0).abs() < 0.3, "{errors:?}");
    }
}

#[test]
fn theory_along_a_branch_to_its_hopf_point() {
    let field = Bcm::new();
    let p = field.names().defaults();
    let branch = follow(&field, &p, &[1.0, 1.0], &Vary::new(0, (1.0, 20.0)), &Options::default()).expect("a branch");
    let hopf = branch.first(EventKind::Hopf).expect("at 10 s").parameter;
    let noise = noise_along(&field, &p, 0, &branch, &AlongOptions { lag: Some(5.0), ..AlongOptions::default() })
        .expect("stable points");
    for q in &noise.points {
        assert_eq!(q.fluctuations.is_ok(), q.parameter < 10.0, "{q:?}");
        assert!((q.distance - (q.parameter - hopf).abs()).abs() < 1e-9);
    }
    let table = noise.table();
    assert_eq!(table.rows(), branch.points.len());
    assert!(table.numbers("sd y").is_some() && table.numbers("ac theta").is_some());
    // Nearer to the Hopf point everything is larger.
    let sd: Vec<f64> = noise.points.iter().filter_map(|q| Some(q.fluctuations.as_ref().ok()?.deviations[0])).collect();
    assert!(sd.windows(2).filter(|w| w[1] > w[0]).count() + 3 > sd.len());
}

#[test]
fn law_requests_that_make_no_sense_are_refused() {
    let field = Fold::new();
    let branch = follow(&field, &[1.0, 0.1], &[1.0], &Vary::new(0, (0.5, 1.0)), &Options::default()).expect("a branch");
    let ask = |field: &Fold, place, options: AlongOptions| {
        noise_along(field, &[1.0, 0.1], place, &branch, &options).map(|_| ()).unwrap_err().to_string()
    };
    let usual = AlongOptions::default;
    assert!(ask(&field, 1, usual()).contains("followed in `mu`"));
    assert!(ask(&field, 0, AlongOptions { lag: Some(0.0), ..usual() }).contains("lag"));
    assert!(ask(&field, 0, AlongOptions { strain: f64::NAN, ..usual() }).contains("strain"));
    let mut quiet = Fold::new();
    quiet.0.noises.clear();
    assert!(ask(&quiet, 0, usual()).contains("no noise"));
    let saddle =
        follow(&field, &[1.0, 0.1], &[-1.0], &Vary::new(0, (0.5, 1.0)), &Options::default()).expect("a branch");
    assert!(noise_along(&field, &[1.0, 0.1], 0, &saddle, &usual()).is_err());
}

/// A damped rotation under white noise has two Lorentzian peaks.
#[test]
fn theory_spectra_along_a_branch() {
    let field = Hopf::new();
    let p = field.names().defaults();
    let branch = follow(&field, &p, &[0.0; 2], &Vary::new(0, (-1.0, 0.5)), &Options::default()).expect("a branch");
    let frequencies = [0.0, 0.3, 3.0 / std::f64::consts::TAU, 2.0];
    let spectra = spectra_along(&field, &p, 0, &branch, "x", &frequencies).expect("a name");
    assert_eq!(spectra.len(), branch.points.len());
    for (point, spectrum) in branch.points.iter().zip(&spectra) {
        let lambda = point.parameter;
        assert_eq!(spectrum.is_some(), lambda < 0.0);
        for (f, s) in frequencies.iter().zip(spectrum.iter().flatten()) {
            let peak = |sign: f64| 1.0 / (lambda * lambda + (std::f64::consts::TAU * f + sign * 3.0).powi(2));
            near("S", *s, 0.5 * 1e-4 * (peak(1.0) + peak(-1.0)), Tol::Rounding(1000), "two Lorentzians");
        }
    }
    assert!(spectra_along(&field, &p, 0, &branch, "v", &frequencies).is_err());
}

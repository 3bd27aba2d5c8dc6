//! Do spectra and coherence meet closed forms and scipy, and what does bad input do to them?

use super::*;
use crate::coding::ledger::{close, digits, printed};
use crate::dynamics::linear_noise;
use crate::field::{Law, Names, Quantity};
use crate::num::{Scalar, Stream};
use std::f64::consts::TAU;

fn tones(n: usize) -> (Vec<f64>, Vec<f64>) {
    // Without a random generator, so that another program can make the same numbers.
    let x: Vec<f64> = (0..n).map(|t| (0.7 * t as f64).sin() + 0.3 * ((t * t) as f64 * 0.01).cos()).collect();
    let y = (0..n).map(|t| (0.7 * t as f64 - 0.5).sin() + 0.2 * ((t * t) as f64 * 0.013).sin() + 0.1).collect();
    (x, y)
}

#[test]
fn cross_welch() {
    // scipy 1.17.1: signal.csd(y, x, fs=100, window="hann", nperseg=32, return_onesided=False), whose first argument is
    // conjugated: S_xy = E[X conj Y].
    let (x, y) = tones(200);
    let found = spectra(&[&x, &y], 100.0, Averaging::Welch { segment: 32 }).unwrap();
    for (j, xx, re, im) in [
        (1, 0.0005969463722653884, 0.00025459616340303497, 0.00010513733411877732),
        (4, 0.03943509607085575, 0.03453228522378446, 0.020037767498385956),
        (9, 0.0003682013183590254, -1.0020829094632583e-05, 4.331091369467558e-05),
    ] {
        close(found.power(0, j), xx, 1e-13);
        close(found.cross(0, 1, j).re, re, 1e-13);
        close(found.cross(0, 1, j).im, im, 1e-13);
    }
}

#[test]
fn cross_multitaper() {
    // numpy 2.4.6 and scipy 1.17.1: mean over windows.dpss(64, 3, 5) of |rfft(taper (x − mean))|²/fs.
    let (x, _) = tones(64);
    let how = Averaging::Multitaper { nw: 3.0, tapers: 5, adaptive: false };
    let found = spectra(&[&x], 100.0, how).unwrap();
    for (j, want) in [
        (0, 0.0009675789025878612),
        (3, 0.0010890376149092008),
        (7, 0.02743461495258718),
        (20, 9.296054271770249e-07),
        (32, 4.78383623676463e-07),
    ] {
        close(found.power(0, j), want, 1e-12);
    }
}

/// White noise, and a copy that is `lag` samples later, with noise of its own.
fn pair(n: usize, lag: usize, noise: f64, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut draws = Stream::new(seed, &[9]);
    let all: Vec<f64> = (0..n + lag).map(|_| draws.normal()).collect();
    let y = all[..n].iter().map(|x| x + noise * draws.normal()).collect();
    (all[lag..].to_vec(), y)
}

const MULTI: Averaging = Averaging::Multitaper { nw: 4.0, tapers: 7, adaptive: false };

#[test]
fn theory_bands_add_to_the_variance() {
    let (x, _) = pair(500, 0, 1.0, 1);
    let mean = x.iter().sum::<f64>() / 500.0;
    let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 500.0;
    for n in [500, 499] {
        let found = spectra(&[&x[..n]], 50.0, MULTI).unwrap();
        let parts: f64 =
            [(0.0, 5.0), (5.0, 20.0), (20.0, 26.0)].iter().map(|b| found.band_power(0, b.0, b.1).unwrap().value).sum();
        // Parseval holds exactly for each taper; tapers weigh the record differently, so up to sampling.
        assert!((parts / variance - 1.0).abs() < 0.1, "{parts} {variance}");
        let tapers = slepian(n, 4.0, 7).unwrap();
        let mean = x[..n].iter().sum::<f64>() / n as f64;
        let exact: f64 = tapers
            .windows
            .iter()
            .flat_map(|w| w.iter().zip(&x[..n]))
            .map(|(w, x)| (w * (x - mean)).powi(2))
            .sum::<f64>();
        close(parts, exact / 7.0, 1e-12);
    }
}

#[test]
fn theory_intervals_of_white_noise_cover() {
    // S = 1/rate; 95 % intervals of 40 records at 4 independent frequencies: 152 ± 2.8 of 160, minus 4.5 SD.
    for how in [MULTI, Averaging::Welch { segment: 64 }, Averaging::Multitaper { nw: 4.0, tapers: 7, adaptive: true }] {
        let mut covered = [0, 0];
        for seed in 0..40 {
            let (x, _) = pair(512, 0, 1.0, seed);
            let found = spectra(&[&x], 100.0, how).unwrap();
            for f in [10.0, 20.0, 30.0, 40.0] {
                let j = found.nearest(f).unwrap();
                covered[0] += usize::from(found.power_interval(0, j, 0.95).unwrap().contains(0.01));
                covered[1] += usize::from(found.jackknife_interval(0, j, 0.95).unwrap().contains(0.01));
            }
        }
        assert!(covered[0] >= 140, "{how:?}: {covered:?}");
        // The jackknife of overlapping segments is a little too narrow.
        assert!(covered[1] >= 132, "{how:?}: {covered:?}");
    }
}

#[test]
fn theory_coherence_phase_and_lag_of_a_delayed_copy() {
    // y(t) = x(t − 3 samples) + noise of half the power: coherence 2/3 at every frequency, x leads by 3 ms.
    let (x, y) = pair(4096, 3, 0.5f64.sqrt(), 5);
    let found = spectra(&[&x, &y], 1000.0, Averaging::Welch { segment: 128 }).unwrap();
    let mut far = 0;
    for j in 1..64 {
        let c = found.coherence(0, 1, j).unwrap();
        far += usize::from(c.z(2.0 / 3.0).abs() > 3.0);
        let turn = (found.phase(0, 1, j).unwrap().value - TAU * found.frequencies[j] * 0.003) / TAU;
        assert!((turn - turn.round()).abs() < 0.1, "{j} {turn}");
        assert!(found.coherence_interval(0, 1, j, 0.9999).unwrap().contains(2.0 / 3.0));
    }
    assert!(far <= 3, "{far}");
    let lag = found.lag(0, 1, 10.0, 490.0, 0.05).unwrap();
    assert!(lag.seconds.z(0.003).abs() < 4.5 && lag.seconds.se < 3e-5 && lag.fit > 0.9, "{lag:?}");
    let back = found.lag(1, 0, 10.0, 490.0, 0.05).unwrap();
    close(back.seconds.value, -lag.seconds.value, 1e-9);
    // C22: −∫ log₂(1 − 2/3) df over 0 … 500 Hz = 500 log₂ 3.
    let rate = found.information_rate(0, 1, 0.0, 500.1).unwrap();
    assert!(rate.z(500.0 * 3f64.log2()).abs() < 4.5, "{rate:?}");
}

#[test]
fn theory_c23_unrelated_channels() {
    // Raw coherence exceeds the 5 % level at 5 % of the frequencies and carries its bias 1/K; without it, none.
    let (mut above, mut sum, mut rate, mut count) = (0, 0.0, 0.0, 0);
    for seed in 0..30 {
        let ((x, _), (y, _)) = (pair(1024, 0, 1.0, seed), pair(1024, 0, 1.0, 1000 + seed));
        let found = spectra(&[&x, &y], 100.0, MULTI).unwrap();
        for j in (16..496).step_by(16) {
            let c = found.coherence(0, 1, j).unwrap();
            above += usize::from(c.value > found.significance_level(0, 1, j, 0.05).unwrap());
            sum += c.value;
            count += 1;
        }
        rate += found.information_rate(0, 1, 1.0, 49.0).unwrap().corrected() / 30.0;
    }
    let n = count as f64;
    assert!((above as f64 - 0.05 * n).abs() < 4.5 * (0.05 * 0.95 * n).sqrt(), "{above} of {n}");
    assert!((sum / n - 1.0 / 7.0).abs() < 4.5 * (6.0 / (49.0 * 8.0) / n).sqrt(), "{}", sum / n);
    // 7 spurious bits per second per bin of 8·100/1024 Hz … 48 Hz/(6 ln 2) = 11.5 bit/s are taken off.
    assert!(rate.abs() < 1.5, "{rate}");
}

#[test]
fn law_trials_pool_and_bad_input_is_refused() {
    let (x, y) = pair(1024, 0, 1.0, 3);
    let part = |i: usize| spectra(&[&x[i * 256..][..256], &y[i * 256..][..256]], 100.0, MULTI).unwrap();
    let all: Vec<Spectra> = (0..4).map(part).collect();
    let pooled = Spectra::pool(&all).unwrap();
    close(pooled.power(0, 40), all.iter().map(|s| s.power(0, 40)).sum::<f64>() / 4.0, 1e-13);
    close(pooled.averages(0, 40).unwrap().count(), 28.0, 1e-12);
    assert!(Spectra::pool(&[]).is_err());
    let matrix = pooled.matrix(7);
    assert!((&matrix - matrix.adjoint()).norm() < 1e-15 && (matrix[(0, 1)] - pooled.cross(0, 1, 7)).norm() < 1e-15);
    assert!(spectra(&[], 100.0, MULTI).is_err());
    assert!(spectra(&[&x, &y[1..]], 100.0, MULTI).is_err());
    assert!(spectra(&[&[1.0; 64]], 100.0, MULTI).unwrap_err().to_string().contains("never varies"));
    let mut hole = x.clone();
    hole[77] = f64::NAN;
    assert!(spectra(&[&hole], 100.0, MULTI).unwrap_err().to_string().contains("entry 77"));
    assert!(spectra(&[&x], 0.0, MULTI).is_err() && spectra(&[&x[..10]], 1.0, MULTI).is_err());
    assert!(spectra(&[&x], 1.0, Averaging::Welch { segment: 2048 }).is_err());
    assert!(spectra(&[&x], 1.0, Averaging::Welch { segment: 33 }).is_err());
    assert!(spectra(&[&x], 1.0, Averaging::Multitaper { nw: 2.0, tapers: 5, adaptive: false }).is_err());
    assert!(pooled.band_power(0, 3.0, 3.0).is_err() && pooled.band_power(2, 0.0, 3.0).is_err());
    assert!(pooled.coherence(0, 1, 9999).is_err() && pooled.spectrum(0, 51.0).is_err());
    // A channel and its copy: coherence 1, infinite information.
    let copy = spectra(&[&x, &x], 100.0, MULTI).unwrap();
    close(copy.coherence(0, 1, 9).unwrap().value, 1.0, 1e-12);
    assert!(copy.information_rate(0, 1, 1.0, 9.0).unwrap_err().to_string().contains("infinite"));
    // One segment is always coherent.
    let one = spectra(&[&x, &y], 100.0, Averaging::Welch { segment: 1024 }).unwrap();
    assert!(one.coherence(0, 1, 9).is_err());
}

#[test]
fn theory_c21_integral_feedback() {
    let a = IntegralLoop { tau: 0.01, tau_h: 10.0, gain: 1.0 };
    printed(a.corner().unwrap(), 0.01591549431);
    digits(a.damping().unwrap(), 15.8113883, 9);
    for (f, want, places) in [(0.001, 0.0627084407, 10), (0.01, 0.5321687679, 10), (1.0, 1.000871051, 10)] {
        digits(a.sensitivity(TAU * f).unwrap().norm(), want, places);
    }
    let ringing = IntegralLoop { tau_h: 0.02, ..a };
    let (omega, peak) = ringing.peak().unwrap();
    // √(5000 φ), φ the golden ratio; the ledger prints 89.94537204, two units off in its last digits.
    close(omega, (2500.0 * (1.0 + 5f64.sqrt())).sqrt(), 1e-13);
    digits(omega, 89.94537204, 8);
    close(peak, (0.5 * (1.0 + 5f64.sqrt())).sqrt(), 1e-12);
    let b = HebbLoop { hebb: 0.6, tau_f: 0.5, gain: 1.0, tau_h: 10.0 };
    for (f, want) in [(0.001, 0.06281945313), (0.05, 2.117650695), (10.0, 1.000454527)] {
        printed(b.response(TAU * f).unwrap().norm(), want);
    }
    close(HebbLoop { hebb: 1.5, ..b }.critical_tau_h().unwrap(), 1.0, 1e-15);
    let runaway = HebbLoop { hebb: 1.5, ..b };
    assert!(!runaway.is_stable().unwrap() && runaway.response(1.0).is_err());
    assert!(HebbLoop { tau_h: 0.9, ..runaway }.is_stable().unwrap());
    assert!(IntegralLoop { tau: 0.0, ..a }.sensitivity(1.0).is_err() && a.sensitivity(f64::NAN).is_err());
}

/// D33: τ_r ṙ = −r + g(u − θ), τ_θ θ̇ = r, with white noise on u, or with u̇ = −u/τ_u + √(2/τ_u) ξ.
struct Homeostat(Names, bool);

impl Homeostat {
    fn new(coloured: bool) -> Self {
        let variables = [Quantity::plain("r", 0.0), Quantity::plain("theta", 0.0), Quantity::plain("v", 0.0)];
        let parameters = [("tau_r", 0.01), ("tau_th", 1.0), ("g", 2.0), ("tau_u", 0.5), ("u", 0.0)];
        let names = Names::new("homeostat", variables, parameters.map(|(n, v)| Quantity::plain(n, v)));
        Homeostat(Names { noises: vec!["xi".into()], ..names }, coloured)
    }
}

impl Law for Homeostat {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let coloured = if self.1 { 1.0 } else { 0.0 };
        dx[0] = (p[2] * (p[4] + x[2] * coloured - x[1]) - x[0]) / p[0];
        dx[1] = x[0] / p[1];
        dx[2] = -x[2] / p[3];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        let zero = S::constant(0.0);
        let (white, slow) = if self.1 { (zero, (S::constant(2.0) / p[3]).sqrt()) } else { (p[2] / p[0], zero) };
        (g[0], g[1], g[2]) = (white, zero, slow);
    }
}

const P: [f64; 5] = [0.01, 1.0, 2.0, 0.5, 0.0];

#[test]
fn theory_d33_closed_forms() {
    let d33 = IntegralLoop { tau: 0.01, tau_h: 1.0, gain: 2.0 };
    digits(d33.natural_frequency().unwrap(), 14.1421356237, 12);
    digits(d33.damping().unwrap(), 3.53553390593, 12);
    close(d33.sensitivity(10.0).unwrap().norm(), 1.0, 1e-14);
    let (omega, ms) = d33.peak().unwrap();
    digits(omega, 33.2413531932, 12);
    digits(ms, 1.01679382048, 12);
    close(d33.variance_white().unwrap(), 200.0, 1e-14);
    digits(d33.variance_coloured(0.5).unwrap(), 1.9801980198, 11);
    digits(d33.variance_without(0.5).unwrap(), 3.92156862745, 12);
    let bode = bode_integral(|f| d33.sensitivity(TAU * f)).unwrap();
    assert!(bode.value.abs() <= bode.error && bode.error < 1e-3, "{bode:?}");
}

#[test]
fn theory_d33_from_the_equations() {
    let d33 = IntegralLoop { tau: 0.01, tau_h: 1.0, gain: 2.0 };
    let field = Homeostat::new(false);
    let at = [0.0; 3];
    let h = transfer(&field, &P, &at, "u", "r").unwrap();
    let of = Loop { input: "u", output: "r", held: &["theta"] };
    let s = sensitivity(&field, &P, &at, &of).unwrap();
    for omega in [0.1, 3.0, 10.0, 33.0, 500.0] {
        let f = omega / TAU;
        assert!((h.at(f).unwrap() - d33.response(omega).unwrap()).norm() < 1e-12);
        assert!((s(f).unwrap() - d33.sensitivity(omega).unwrap()).norm() < 1e-12);
    }
    close(h.static_gain().unwrap(), 0.0, 1e-15);
    let bode = bode_integral(&s).unwrap();
    assert!(bode.value.abs() <= bode.error && bode.error < 1e-3, "{bode:?}");
    let white = linear_noise(&field, &P, &at).unwrap();
    close(white.covariance("r", "r").unwrap(), 200.0, 1e-12);
    let coloured = linear_noise(&Homeostat::new(true), &P, &at).unwrap();
    digits(coloured.covariance("r", "r").unwrap(), 1.9801980198, 11);
    let whole = theory_band_power(&coloured, "r", 0.0, f64::INFINITY).unwrap();
    close(whole.value, 200.0 / 101.0, 1e-9);
    let split: f64 = [(0.0, 1.0), (1.0, 20.0), (20.0, f64::INFINITY)]
        .iter()
        .map(|b| theory_band_power(&coloured, "r", b.0, b.1).unwrap().value)
        .sum();
    close(split, whole.value, 1e-9);
    // The driven rate and its drive share one noise: they determine each other.
    assert!(theory_information_rate(&coloured, "v", "r", 1.0, 10.0).unwrap_err().to_string().contains("infinite"));
    for (input, output) in [("u", "x"), ("y", "r")] {
        assert!(transfer(&field, &P, &at, input, output).is_err());
    }
    let away = transfer(&field, &P, &[1.0, 0.0, 0.0], "u", "r").unwrap_err().to_string();
    assert!(away.contains("away from rest"), "{away}");
    assert!(sensitivity(&field, &P, &at, &Loop { held: &[], ..of }).is_err());
    assert!(sensitivity(&field, &P, &at, &Loop { held: &["r", "theta", "v"], ..of }).is_err());
}

#[test]
fn theory_c22_rates_and_bands() {
    let open = HighPassChannel { snr: 8.0, corner: 10.0, high_pass: 0.0 };
    let held = HighPassChannel { high_pass: 0.5, ..open };
    printed(open.rate().unwrap(), 90.64720284);
    printed(held.rate().unwrap(), 89.15310888);
    printed(held.rate().unwrap() / open.rate().unwrap(), 0.9835174842);
    for (lo, hi, without, with) in [
        (0.0, 1.0, 3.16566453, 1.962233081),
        (1.0, 10.0, 25.24309146, 24.97112713),
        (10.0, 100.0, 50.88256414, 50.86395726),
    ] {
        digits(open.band(lo, hi).unwrap(), without, 9);
        printed(held.band(lo, hi).unwrap(), with);
    }
    // The bands of all frequencies add to the rate, and quadrature agrees.
    close(held.band(0.0, f64::INFINITY).unwrap(), held.rate().unwrap(), 1e-13);
    let bits = |f: f64| (1.0 + held.snr_at(f).unwrap()).log2();
    let sum = crate::coding::quadrature::integrate("rate", bits, 2.0, 30.0, 1e-10).unwrap();
    close(sum.value, held.band(2.0, 30.0).unwrap(), 1e-11);
    assert!(held.band(3.0, 1.0).is_err() && HighPassChannel { corner: 0.0, ..held }.rate().is_err());
}

/// A signal with memory, read by a slower variable with noise of its own: ẋ = −x/τ + √(2/τ) ξ₁, τ_y ẏ = x − y + s ξ₂.
struct Channel(Names);

impl Law for Channel {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = -x[0] / p[0];
        dx[1] = (x[0] - x[1]) / p[1];
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        let zero = S::constant(0.0);
        (g[0], g[1], g[2], g[3]) = ((S::constant(2.0) / p[0]).sqrt(), zero, zero, p[2] / p[1]);
    }
}

#[test]
fn theory_c22_from_the_equations() {
    // The reader filters signal and noise alike, so only x against s counts: SNR(f) = (2τ/s²)/(1 + (f/f_c)²), f_c = 1/2πτ.
    let (tau, s) = (0.02, 0.1);
    let parameters = [("tau", tau), ("tau_y", 0.5), ("s", s)].map(|(n, v)| Quantity::plain(n, v));
    let names = Names::new("channel", [Quantity::plain("x", 0.0), Quantity::plain("y", 0.0)], parameters);
    let field = Channel(Names { noises: vec!["a".into(), "b".into()], ..names });
    let noise = linear_noise(&field, &[tau, 0.5, s], &[0.0, 0.0]).unwrap();
    let closed = HighPassChannel { snr: 2.0 * tau / (s * s), corner: 1.0 / (TAU * tau), high_pass: 0.0 };
    let whole = theory_information_rate(&noise, "x", "y", 0.0, f64::INFINITY).unwrap();
    close(whole.value, closed.rate().unwrap(), 1e-8);
    for (lo, hi) in [(0.0, 4.0), (4.0, 30.0)] {
        let band = theory_information_rate(&noise, "x", "y", lo, hi).unwrap();
        close(band.value, closed.band(lo, hi).unwrap(), 1e-8);
        close(theory_information_rate(&noise, "y", "x", lo, hi).unwrap().value, band.value, 1e-8);
    }
    assert!(theory_information_rate(&noise, "x", "y", 3.0, 3.0).is_err());
    assert!(theory_information_rate(&noise, "x", "z", 0.0, 3.0).is_err());
}

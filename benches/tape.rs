//! How much slower than the same right-hand side written in Rust is a model that was read from a text file?
//!
//!     cargo bench --bench tape
//!
//! Three models: BCM on one neuron (two variables), inhibitory plasticity on an E-I pair (three), a sigmoidal network (six).
//! Each is evaluated one state at a time and sixteen at a time, by the compiled text and by Rust that knows the parameters'
//! places when it is compiled. Both are checked to give the same rates; what is printed are ratios, medians of paired runs.

use homeostat::field::Field;
use homeostat::models;
use homeostat::num::{LANES, Lanes, Scalar};
use std::hint::black_box;
use std::time::Instant;

/// The same equations in Rust. Parameters are in the order of the compiled model's names.
trait Native {
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]);
}

struct Bcm;
impl Native for Bcm {
    #[inline(always)]
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let &[pre, current, h, gain, y0, tau_w, tau_theta] = p else { unreachable!("seven parameters") };
        let r = gain * (x[0] * pre + current - h);
        dx[0] = pre * r * (r - x[1]) / (y0.powi(3) * tau_w);
        dx[1] = (r.powi(2) / y0 - x[1]) / tau_theta;
    }
}

struct Inhibitory;
impl Native for Inhibitory {
    #[inline(always)]
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let &[w_ee, w_ie, w_ii, i_e, i_i, h_e, h_i, gain_e, gain_i, tau_e, tau_i, eta, rho0] = p else {
            unreachable!("thirteen parameters")
        };
        dx[0] = (-x[0] + gain_e * (w_ee * x[0] - x[2] * x[1] + i_e - h_e)) / tau_e;
        dx[1] = (-x[1] + gain_i * (w_ie * x[0] - w_ii * x[1] + i_i - h_i)) / tau_i;
        dx[2] = eta * (x[1] * (x[0] - rho0));
    }
}

struct Network;
impl Native for Network {
    #[inline(always)]
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        const N: usize = 6;
        let (w, rest) = p.split_at(N * N);
        let (input, h, gain) = (&rest[..N], &rest[N..2 * N], &rest[2 * N..3 * N]);
        let &[tau_r, largest, beta] = &rest[3 * N..] else { unreachable!("three scalars after the families") };
        for i in 0..N {
            let mut drive = w[i * N] * x[0];
            for j in 1..N {
                drive = drive + w[i * N + j] * x[j];
            }
            let u = gain[i] * (drive + input[i] - h[i]);
            dx[i] = (-x[i] + largest * (beta * u).sigmoid()) / tau_r;
        }
    }
}

/// Seconds that `work` takes, with as many repetitions as fill a few milliseconds.
fn seconds(repetitions: usize, work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    (0..repetitions).for_each(|_| work());
    start.elapsed().as_secs_f64() / repetitions as f64
}

/// The median over paired runs of text/native, and the native nanoseconds.
fn paired(repetitions: usize, mut text: impl FnMut(), mut native: impl FnMut()) -> (f64, f64) {
    let mut pairs: Vec<(f64, f64)> = (0..41)
        .map(|_| {
            let ours = seconds(repetitions, &mut text);
            let theirs = seconds(repetitions, &mut native);
            (ours / theirs, theirs * 1e9)
        })
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs[pairs.len() / 2]
}

fn compare(composition: &str, sizes: &[(&str, &str)], native: impl Native) {
    let mut model = models::model(composition).unwrap_or_else(|e| panic!("{e}"));
    model.set_all(sizes).unwrap_or_else(|e| panic!("{e}"));
    let (p, x, n) = (model.names().defaults(), model.names().start(), model.names().variables.len());
    let (mut ours, mut theirs) = (vec![0.0; n], vec![0.0; n]);
    model.rate(&x, &p, &mut ours);
    native.rates(&x, &p, &mut theirs);
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        let scale = theirs.iter().fold(0.0_f64, |m, v| m.max(v.abs())).max(f64::MIN_POSITIVE);
        assert!((a - b).abs() <= 1e-13 * scale, "{composition}: rate {i} is {a} compiled and {b} in Rust");
    }
    let field: &dyn Field = &model;
    let (single, each) = paired(
        20_000,
        || field.rate(black_box(&x), black_box(&p), black_box(&mut ours)),
        || native.rates(black_box(&x), black_box(&p), black_box(&mut theirs)),
    );
    let spread = |v: &f64, by: f64| Lanes(std::array::from_fn(|lane| v * (1.0 + by * lane as f64)));
    let x: Vec<Lanes> = x.iter().map(|v| spread(v, 0.01)).collect();
    let p: Vec<Lanes> = p.iter().map(|v| spread(v, 0.0)).collect();
    let (mut ours, mut theirs) = (vec![Lanes::constant(0.0); n], vec![Lanes::constant(0.0); n]);
    let (lanes, lane) = paired(
        4_000,
        || field.lanes(black_box(&x), black_box(&p), black_box(&mut ours)),
        || native.rates(black_box(&x), black_box(&p), black_box(&mut theirs)),
    );
    println!(
        "{composition:<24} {n} variables, {:>3} operations   one state: text/Rust {single:>5.2} (Rust {each:>6.1} ns)   \
         {LANES} lanes: text/Rust {lanes:>5.2} (Rust {:>6.1} ns a state)",
        model.operations(),
        lane / LANES as f64
    );
}

fn main() {
    compare("neuron+bcm", &[], Bcm);
    compare("ei+istdp@w_ei", &[], Inhibitory);
    compare("recurrent+sigmoid_rate", &[("N", "6")], Network);
}

//! Does the catalogue equal the equations of the theory? Those are written out in Rust and compared at random states and parameters.
//!
//! Each test composes a model and compares its rates, exact to rounding, with the right-hand side as it is printed.

use super::model;
use crate::field::Field;
use crate::lang::Model;
use crate::num::Stream;
use crate::num::Tol;

/// A model at a random state with random parameters.
struct Point<'a> {
    model: &'a Model,
    x: Vec<f64>,
    p: Vec<f64>,
}

impl Point<'_> {
    /// The value of a variable or parameter.
    fn v(&self, name: &str) -> f64 {
        let names = self.model.names();
        match names.variable(name) {
            Ok(at) => self.x[at],
            Err(_) => self.p[names.parameter(name).unwrap()],
        }
    }
}

/// The rates of `text` are `law`, by name of the variable, at 50 random points.
fn agrees(text: &str, sizes: &[(&str, &str)], law: impl Fn(&Point) -> Vec<(&'static str, f64)>) {
    let mut model = model(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    model.set_all(sizes).unwrap();
    let names = model.names().clone();
    let mut random = Stream::new(7, &[text.len() as u64]);
    for _ in 0..50 {
        let x = names.variables.iter().map(|_| 0.2 + 3.0 * random.uniform()).collect();
        // Zeros are moved too: a term that is off by default must be right as well.
        let p = names.parameters.iter().map(|q| match q.value {
            0.0 => random.uniform() - 0.5,
            v => v * (0.5 + random.uniform()),
        });
        let point = Point { model: &model, x, p: p.collect() };
        let mut got = vec![0.0; names.variables.len()];
        model.rate(&point.x, &point.p, &mut got);
        let wanted = law(&point);
        assert_eq!(wanted.len(), got.len(), "{text} has other variables: {:?}", names.variables);
        for (name, wanted) in wanted {
            let got = got[names.variable(name).unwrap()];
            let scale = wanted.abs().max(1.0);
            let judged = Tol::Order { h: 1e-11, p: 1 }.judge(got / scale, wanted / scale);
            assert!(judged.holds, "{text}: rate of {name}: got {got}, wanted {wanted}");
        }
    }
}

#[test]
fn theory_d01_hebb_on_correlated_inputs() {
    agrees("feedforward+hebb", &[], |a| {
        let (w, mu) = ([a.v("w_0"), a.v("w_1")], a.v("mu"));
        // With threshold h and gain g the rate is g (w·x − h); the ledger has g = 1, h = 0.
        let row =
            |c0: &str, c1: &str, xbar: &str| a.v("gain") * (a.v(c0) * w[0] + a.v(c1) * w[1] - a.v("h") * a.v(xbar));
        vec![("w_0", mu * row("C_0_0", "C_0_1", "xbar_0")), ("w_1", mu * row("C_1_0", "C_1_1", "xbar_1"))]
    });
}

#[test]
fn theory_d02_fixed_threshold() {
    agrees("neuron+hebb_threshold", &[], |a| {
        let r = a.v("gain") * (a.v("w") * a.v("x") + a.v("I") - a.v("h"));
        vec![("w", a.v("x") * r * (r - a.v("theta")) / (a.v("y0").powi(3) * a.v("tau_w")))]
    });
}

#[test]
fn theory_d03_recurrent_hebb() {
    agrees("steady_population+hebb", &[], |a| vec![("w", a.v("mu") * (a.v("I") / (1.0 - a.v("w"))).powi(2))]);
}

#[test]
fn theory_d04_saturating_neuron() {
    agrees("neuron+sigmoid_rate+hebb_threshold", &[], |a| {
        let u = a.v("gain") * (a.v("w") * a.v("x") + a.v("I") - a.v("h"));
        let r = a.v("R") / (1.0 + (-a.v("beta") * u).exp());
        vec![("w", a.v("x") * r * (r - a.v("theta")) / (a.v("y0").powi(3) * a.v("tau_w")))]
    });
}

#[test]
fn theory_d05_oja() {
    agrees("feedforward+oja", &[], |a| {
        let (w, g, h) = ([a.v("w_0"), a.v("w_1")], a.v("gain"), a.v("h"));
        let c = |i: usize, j: usize| a.v(&format!("C_{i}_{j}"));
        let xbar = [a.v("xbar_0"), a.v("xbar_1")];
        let cw = |i: usize| c(i, 0) * w[0] + c(i, 1) * w[1];
        // ⟨r²⟩ = g² (wᵀ C w − 2 h w·x̄ + h²); the ledger has g = 1, h = 0.
        let square = g * g * (w[0] * cw(0) + w[1] * cw(1) - 2.0 * h * (w[0] * xbar[0] + w[1] * xbar[1]) + h * h);
        let rate = |i: usize| a.v("mu") * (g * (cw(i) - h * xbar[i]) - a.v("alpha") * square * w[i]);
        vec![("w_0", rate(0)), ("w_1", rate(1))]
    });
}

#[test]
fn theory_d06_normalisations() {
    let hebb = |a: &Point| {
        let w = [a.v("w_0"), a.v("w_1")];
        let row = |i: usize| {
            let c = |j: usize| a.v(&format!("C_{i}_{j}"));
            a.v("mu") * a.v("gain") * (c(0) * w[0] + c(1) * w[1] - a.v("h") * a.v(&format!("xbar_{i}")))
        };
        (w, [row(0), row(1)])
    };
    agrees("feedforward+hebb+normalise_subtractive", &[], |a| {
        let (_, d) = hebb(a);
        let mean = (d[0] + d[1]) / 2.0;
        vec![("w_0", d[0] - mean), ("w_1", d[1] - mean)]
    });
    agrees("feedforward+hebb+normalise_multiplicative", &[], |a| {
        let (w, d) = hebb(a);
        let by = (d[0] + d[1]) / (w[0] + w[1]);
        vec![("w_0", d[0] - by * w[0]), ("w_1", d[1] - by * w[1])]
    });
}

/// BCM in weights: the responses of the ledger are y_s = w·x_s (gain one, no threshold).
fn bcm(a: &Point, k: usize, x: &dyn Fn(usize, usize) -> f64, p: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let w = |i: usize| a.v(&format!("w_{i}"));
    let y: Vec<f64> = (0..k).map(|s| a.v("gain") * ((0..k).map(|i| w(i) * x(i, s)).sum::<f64>() - a.v("h"))).collect();
    let (theta, y0) = (a.v("theta"), a.v("y0"));
    let mut out: Vec<f64> = (0..k)
        .map(|i| {
            let sum: f64 = (0..k).map(|s| p(s) * x(i, s) * y[s] * (y[s] - theta)).sum();
            sum / (y0.powi(3) * a.v("tau_w"))
        })
        .collect();
    let square: f64 = (0..k).map(|s| p(s) * y[s] * y[s]).sum();
    out.push((square / y0 - theta) / a.v("tau_theta"));
    out
}

#[test]
fn theory_d07_bcm_on_patterns() {
    agrees("patterns+bcm", &[("K", "3"), ("S", "3")], |a| {
        let x = |i: usize, s: usize| a.v(&format!("x_{i}_{s}"));
        let rates = bcm(a, 3, &x, &|s| a.v(&format!("p_{s}")));
        ["w_0", "w_1", "w_2", "theta"].into_iter().zip(rates).collect()
    });
}

#[test]
fn theory_d08_bcm_on_overlapping_patterns() {
    agrees("overlap+bcm", &[], |a| {
        // Random c of the helper is within (0.25, 0.75).
        let (g, c) = (a.v("g"), a.v("c"));
        let x = |i: usize, s: usize| g.sqrt() * [[1.0, c], [0.0, (1.0 - c * c).sqrt()]][i][s];
        let rates = bcm(a, 2, &x, &|_| 0.5);
        ["w_0", "w_1", "theta"].into_iter().zip(rates).collect()
    });
}

#[test]
fn theory_d09_hebb_and_scaling() {
    agrees("feedforward+hebb+scaling", &[], |a| {
        let (w, g, h) = ([a.v("w_0"), a.v("w_1")], a.v("gain"), a.v("h"));
        let xbar = [a.v("xbar_0"), a.v("xbar_1")];
        let r = g * (w[0] * xbar[0] + w[1] * xbar[1] - h);
        let rate = |i: usize| {
            let cw = a.v(&format!("C_{i}_0")) * w[0] + a.v(&format!("C_{i}_1")) * w[1];
            a.v("mu") * g * (cw - h * xbar[i]) + a.v("gamma") * (a.v("rT") - r) * w[i]
        };
        vec![("w_0", rate(0)), ("w_1", rate(1))]
    });
}

#[test]
fn theory_d10_scaling_with_squared_weight() {
    agrees("neuron+hebb+scaling_weight", &[], |a| {
        let (u, w) = (a.v("x"), a.v("w"));
        let v = a.v("gain") * (u * w + a.v("I") - a.v("h"));
        vec![("w", a.v("mu") * u * v + a.v("gamma") * (a.v("vT") - v) * w * w)]
    });
}

#[test]
fn theory_d11_two_factors() {
    agrees("neuron+two_factor", &[], |a| {
        // A random threshold could make the rate negative, where the Hill function is not defined.
        let r = a.v("gain") * (a.v("H") * a.v("rho") * a.v("x") + a.v("I") - a.v("h"));
        if r <= 0.0 {
            let (mut same, names) = (vec![0.0; 2], ["rho", "H"]);
            a.model.rate(&a.x, &a.p, &mut same);
            return names.into_iter().zip(same).collect();
        }
        let n = a.v("n");
        let rho_inf = r.powf(n) / (r.powf(n) + a.v("r_h").powf(n));
        vec![("rho", (rho_inf - a.v("rho")) / a.v("tau_rho")), ("H", a.v("H") * (1.0 - r / a.v("r0")) / a.v("tau_H"))]
    });
}

#[test]
fn theory_d12_rate_detector() {
    agrees("population+triplet", &[], |a| {
        let (nu, nubar) = (a.v("r"), a.v("nubar"));
        let drive = a.v("gain") * (a.v("w") * nu + a.v("I") - a.v("h"));
        vec![
            ("r", (drive - nu) / a.v("tau_m")),
            ("w", a.v("eta") * nu * nu * (nu - nubar * nubar / a.v("kappa"))),
            ("nubar", (nu - nubar) / a.v("tau")),
        ]
    });
}

#[test]
fn theory_d13_threshold_with_and_without_sensor() {
    let rate = |a: &Point| {
        let u = a.v("w") * a.v("x") + a.v("I");
        (a.v("gain") * (u - a.v("h")) - a.v("r")) / a.v("tau_r")
    };
    agrees("leaky+intrinsic_sensor", &[], |a| {
        vec![
            ("r", rate(a)),
            ("c", (a.v("r") - a.v("c")) / a.v("tau_s")),
            ("h", (a.v("c") - a.v("r0")) / a.v("tau_theta")),
        ]
    });
    agrees("leaky+intrinsic", &[], |a| vec![("r", rate(a)), ("h", (a.v("r") - a.v("r0")) / a.v("tau_theta"))]);
}

#[test]
fn theory_d14_mean_and_variance() {
    agrees("gaussian_neuron+dual", &[], |a| {
        let (g, theta) = (a.v("gain"), a.v("h"));
        let m = g * a.v("m_z") - theta;
        let q = m * m + g * g * a.v("s_z").powi(2);
        let q0 = a.v("m0").powi(2) + a.v("s0").powi(2);
        vec![("h", (m - a.v("m0")) / a.v("tau_theta")), ("gain", g * (1.0 - q / q0) / a.v("tau_g"))]
    });
}

#[test]
fn theory_d15_conflicting_controllers() {
    // The effectors are c1 = −h and c2 = I (gain one).
    let rate = |a: &Point| a.v("gain") * (a.v("w") * a.v("x") + a.v("I") - a.v("h"));
    agrees("neuron+intrinsic+current", &[], |a| {
        vec![
            ("h", (rate(a) - a.v("intrinsic.r0")) / a.v("tau_theta")),
            ("I", (a.v("current.r0") - rate(a)) / a.v("tau_I")),
        ]
    });
    agrees("neuron+intrinsic+current+leak(c=I)+leak(c=h)", &[], |a| {
        vec![
            ("h", (rate(a) - a.v("intrinsic.r0")) / a.v("tau_theta") - a.v("h") / a.v("leak(c=h).tau_leak")),
            ("I", (a.v("current.r0") - rate(a)) / a.v("tau_I") - a.v("I") / a.v("leak(c=I).tau_leak")),
        ]
    });
}

#[test]
fn theory_d16_inhibitory_plasticity() {
    agrees("ei+istdp@w_ei", &[], |a| {
        let (e, i) = (a.v("r_e"), a.v("r_i"));
        let to_e = a.v("w_ee") * e - a.v("w_ei") * i + a.v("I_e") - a.v("h_e");
        let to_i = a.v("w_ie") * e - a.v("w_ii") * i + a.v("I_i") - a.v("h_i");
        vec![
            ("r_e", (a.v("gain_e") * to_e - e) / a.v("tau_e")),
            ("r_i", (a.v("gain_i") * to_i - i) / a.v("tau_i")),
            ("w_ei", a.v("eta") * i * (e - a.v("rho0"))),
        ]
    });
}

#[test]
fn theory_d22_triplet_rule() {
    agrees("neuron+triplet_stdp", &[], |a| {
        let (x, y) = (a.v("x"), a.v("gain") * (a.v("w") * a.v("x") + a.v("I") - a.v("h")));
        let slide = (a.v("nubar") / a.v("rho0")).powi(2);
        let drift = a.v("A3p") * a.v("tau_p") * a.v("tau_y") * y + a.v("A2p") * a.v("tau_p")
            - a.v("A2m") * a.v("tau_mn") * slide;
        vec![("w", x * y * drift), ("nubar", (y - a.v("nubar")) / a.v("tau"))]
    });
}

#[test]
fn theory_d26_modulation_acts_on_gain_rate_and_target() {
    agrees("ach+feedforward+hebb+scaling", &[], |a| {
        let m = a.v("m");
        let (w, g) = ([a.v("w_0"), a.v("w_1")], a.v("gain") * (1.0 + a.v("kg") * m));
        let h = a.v("h") - a.v("kt") * m;
        let xbar = [a.v("xbar_0"), a.v("xbar_1")];
        let r = g * (w[0] * xbar[0] + w[1] * xbar[1] - h);
        let (mu, gamma) = (a.v("mu") * (1.0 + a.v("km") * m), a.v("gamma") * (1.0 + a.v("ks") * m));
        let target = a.v("rT") * (1.0 + a.v("kr") * m);
        let rate = |i: usize| {
            let cw = a.v(&format!("C_{i}_0")) * w[0] + a.v(&format!("C_{i}_1")) * w[1];
            mu * g * (cw - h * xbar[i]) + gamma * (target - r) * w[i]
        };
        vec![("w_0", rate(0)), ("w_1", rate(1))]
    });
}

#[test]
fn theory_recurrent_network_with_plastic_weights() {
    agrees("recurrent+bcm+intrinsic", &[("N", "2")], |a| {
        let r = [a.v("r_0"), a.v("r_1")];
        let mut out = Vec::new();
        for (i, name) in [(0, "r_0"), (1, "r_1")] {
            let sum: f64 = (0..2).map(|j| a.v(&format!("W_{i}_{j}")) * r[j]).sum();
            let drive = sum + a.v(&format!("I_{i}")) - a.v(&format!("h_{i}"));
            out.push((name, (a.v(&format!("gain_{i}")) * drive - r[i]) / a.v("tau_r")));
        }
        for (i, j, name) in [(0, 0, "W_0_0"), (0, 1, "W_0_1"), (1, 0, "W_1_0"), (1, 1, "W_1_1")] {
            let post = r[i] * (r[i] - a.v(&format!("theta_{i}")));
            out.push((name, r[j] * post / (a.v("y0").powi(3) * a.v("tau_w"))));
        }
        for (i, h, theta) in [(0, "h_0", "theta_0"), (1, "h_1", "theta_1")] {
            out.push((h, (r[i] - a.v("r0")) / a.v("intrinsic.tau_theta")));
            out.push((theta, (r[i].powi(2) / a.v("y0") - a.v(theta)) / a.v("bcm.tau_theta")));
        }
        out
    });
}

/// The ledger's defaults, set by name, are the model's parameters.
#[test]
fn theory_d12_defaults_of_the_ledger_can_be_set() {
    let mut m = model("population+triplet").unwrap();
    m.set_all(&[("kappa", "3 Hz"), ("I", "1.5 Hz"), ("eta", "0.002 s^2"), ("tau_m", "20 ms"), ("tau", "9 s")]).unwrap();
    let (x, mut rate) = ([3.0, 0.5, 3.0], [1.0; 3]);
    m.rate(&x, &m.names().defaults(), &mut rate);
    assert!(rate.iter().all(|r| r.abs() < 1e-12), "{rate:?} at the fixed point r = ν̄ = κ, w = 1 − I/κ");
}

//! # What does connectivity do to the homeostatic time window?
//!
//! Every unit of a network holds its own rate by moving its own threshold.
//! The field says that homeostasis nudges rates to their targets across populations.
//! We ask how much slower it has to be in a network than in a single cell, what the graph has to do with it, and what is
//! lost if the signal is global.

use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::linalg::{expm, solve};
use std::f64::consts::{PI, TAU};

/// The smallest stable time constant for an eigenvalue x + i y of the weight matrix.
fn critical(g: f64, tau1: f64, tau2: f64, (x, y): (f64, f64)) -> (f64, f64) {
    let root = ((g * y * tau2).powi(2) + 4.0 * tau1 * tau2 * (1.0 - g * x)).sqrt();
    [1.0, -1.0]
        .map(|sign| (g * y * tau2 + sign * root) / (2.0 * tau1 * tau2))
        .map(|omega| (g / (omega * (omega * (tau1 + tau2 * (1.0 - g * x)) - g * y)), omega))
        .into_iter()
        .fold((0.0, f64::NAN), |best, at| if at.0 > best.0 { at } else { best })
}

/// A matrix as the language reads it.
fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> String {
    let row = |i: usize| format!("[{}]", (0..n).map(|j| entry(i, j).to_string()).collect::<Vec<_>>().join(", "));
    format!("[{}]", (0..n).map(row).collect::<Vec<_>>().join(", "))
}

/// The network of N units with local controllers, with this weight matrix.
fn network(n: usize, tau2: f64, entry: impl Fn(usize, usize) -> f64) -> Result<Model> {
    let mut model = model("recurrent+intrinsic_sensor")?;
    let (size, w, sensor) = (n.to_string(), matrix(n, entry), format!("{tau2} s"));
    model.set_all(&[("N", size.as_str()), ("W", w.as_str()), ("tau_s", sensor.as_str())])?;
    Ok(model)
}

/// The growth rate of the network, from a high power of its propagator (Gelfand's formula): regular graphs have eigenvalues many
/// times over, which no algorithm for eigenvalues likes.
fn growth(network: &Model, x: &[f64], p: &[f64]) -> Result<f64> {
    let jacobian = network.jacobian(x, p);
    let step = 1.0 / jacobian.norm();
    let (mut power, mut log) = (expm(&(jacobian * step))?, 0.0);
    const SQUARINGS: i32 = 40;
    for _ in 0..SQUARINGS {
        let size = power.norm();
        power /= size;
        power = &power * &power;
        log = 2.0 * (log + size.ln());
    }
    Ok((log + power.norm().ln()) / (step * 2f64.powi(SQUARINGS)))
}

/// The smallest stable time constant of the controllers, by bisection on the spectrum of the whole network.
fn bisected(network: &Model, guess: f64) -> Result<f64> {
    let at = network.names().parameter("tau_theta")?;
    let (mut p, x) = (network.names().defaults(), network.names().start());
    let (mut low, mut high) = (0.8 * guess, 1.25 * guess);
    for _ in 0..26 {
        p[at] = 0.5 * (low + high);
        if growth(network, &x, &p)? > 0.0 { low = p[at] } else { high = p[at] }
    }
    Ok(0.5 * (low + high))
}

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## From one cell to a network
    //
    // Rate within $\tau_1$, sensor within $\tau_2$, threshold within $\tau_3$.
    // Every eigenvalue $w$ of the weight matrix gives a characteristic polynomial of its own,
    //
    // $$(\tau_1 s + 1 - g w)(\tau_2 s + 1)\,\tau_3 s + g = 0,$$
    //
    // so that for real $w$ the network is stable if and only if
    // $\tau_3 > g\tau_1\tau_2/[(1 - gw)(\tau_1 + (1 - gw)\tau_2)]$.
    let one = model("population+intrinsic_sensor")?.with("tau_m", "10 ms")?.with("tau_s", "50 ms")?;
    nb.model(&one)?;
    let (g, tau1, tau2) = (one["gain"], one["tau_m"], one["tau_s"]);
    let close = Tol::Order { h: 1e-9, p: 1 };
    let real = |w: f64, tau2: f64| g * tau1 * tau2 / ((1.0 - g * w) * (tau1 + (1.0 - g * w) * tau2));
    let mut located = Vec::new();
    let strengths = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9];
    for w in strengths {
        let at = one.clone().with("w", &w.to_string())?;
        // At rest the rate is the target, and the threshold is what that takes.
        let (r0, input) = (at["r0"], at["I"]);
        let mut rest = at.names().start();
        for (name, value) in [("r", r0), ("c", r0), ("h", w * r0 + input - r0 / g)] {
            rest[at.names().variable(name)?] = value;
        }
        let vary = Vary::new(at.names().parameter("tau_theta")?, (0.002, 1.0));
        let branch = follow(&at, &at.names().defaults(), &rest, &vary, &continuation::Options::default())?;
        let hopf = branch.first(EventKind::Hopf).expect("the controller becomes too fast");
        nb.claim("critical time over recurrence", hopf.parameter, real(w, tau2), close)?;
        located.push(hopf.parameter);
    }
    nb.claim("critical time of a single cell", located[0], g * tau1 * tau2 / (tau1 + tau2), close)?;
    nb.claim("critical time at w = 0.9", located[5], 1.0 / 3.0, close)?;
    // As $gw \to 1$ the bound grows like $g\tau_2/(1 - gw)$: recurrence makes homeostasis slow, without limit.
    let near = 1.0 - 1e-6;
    let asymptote = g * tau2 / (1.0 - g * near);
    nb.claim("asymptote", real(near, tau2), asymptote, Tol::Order { h: 1e-4, p: 1 })?;

    // A complex pair of eigenvalues, as loops with a direction have them, is worse than a real one of the same size.
    let (x, y) = (0.9, 0.3);
    let rotating = network(2, tau2, |i, j| {
        if i == j {
            x
        } else if i > j {
            y
        } else {
            -y
        }
    })?;
    let (wanted, omega) = critical(g, tau1, tau2, (x, y));
    nb.claim("critical time of a complex pair", bisected(&rotating, wanted)?, wanted, Tol::Order { h: 1e-8, p: 1 })?;
    nb.claim("its frequency", omega.abs(), 5.61552812809, Tol::Printed(12))?;
    nb.claim("complex formula on the real axis", critical(g, tau1, tau2, (x, 0.0)).0, real(x, tau2), close)?;

    // ## Heterogeneity
    //
    // If unit $i$ has degree $k_i$ and $W_{ij} = (J/\langle k\rangle N)\,k_i k_j$, the leading eigenvalue is
    // $J\langle k\rangle\,\langle k^2\rangle/\langle k\rangle^2$.
    // Degrees whose logarithm is normal with standard deviation $s$ give a factor $e^{s^2}$.
    let (slow_sensor, coupling, s) = (0.5, 0.5, 0.6);
    let h: f64 = f64::exp(s * s);
    nb.claim("heterogeneity", h, 1.43332941456, Tol::Printed(12))?;
    let (even, uneven) = (real(coupling, slow_sensor), real(coupling * h, slow_sensor));
    nb.claim("critical time, equal degrees", even, 0.0384615384615, Tol::Printed(12))?;
    nb.claim("critical time, unequal degrees", uneven, 0.116352677779, Tol::Printed(12))?;
    // The same from the spectrum of whole networks, with degrees of a few values.
    let mut spread = Vec::new();
    for wide in [0.0, 0.2, 0.4, 0.6, 0.8] {
        let k: Vec<f64> = (0..8).map(|i| f64::exp(wide * (f64::from(i) - 3.5) / 2.3)).collect();
        let (mean, square) = (k.iter().sum::<f64>() / 8.0, k.iter().map(|k| k * k).sum::<f64>() / 8.0);
        // The coupling is that of a network of equal degrees, J⟨k⟩ = 0.5.
        let scale = coupling / (mean * mean * 8.0);
        let net = network(8, slow_sensor, |i, j| scale * k[i] * k[j])?;
        let factor = square / (mean * mean);
        let theory = real(coupling * factor, slow_sensor);
        let measured = bisected(&net, theory)?;
        nb.claim("critical time over heterogeneity", measured, theory, Tol::Order { h: 1e-7, p: 1 })?;
        spread.push((factor, measured));
    }

    // ## Rings
    //
    // An undirected ring has the eigenvalues $w\cos(2\pi m/N)$, a directed one $w e^{2\pi i m/N}$: the same spectral radius.
    let (n, w) = (16, 0.8);
    let undirected = network(n, slow_sensor, |i, j| if (i + 1) % n == j || (j + 1) % n == i { w / 2.0 } else { 0.0 })?;
    let directed = network(n, slow_sensor, |i, j| if (j + 1) % n == i { w } else { 0.0 })?;
    let around = |m: usize| TAU * m as f64 / n as f64;
    let worst = (0..n)
        .map(|m| critical(g, tau1, slow_sensor, (w * around(m).cos(), w * around(m).sin())).0)
        .fold(0.0f64, f64::max);
    let ring = Tol::Order { h: 1e-7, p: 1 };
    nb.claim(
        "critical time, undirected ring",
        bisected(&undirected, real(w, slow_sensor))?,
        real(w, slow_sensor),
        ring,
    )?;
    nb.claim("critical time, directed ring", bisected(&directed, worst)?, worst, ring)?;
    nb.claim("critical time, directed ring, as the ledger has it", worst, 1.15790251997, Tol::Printed(12))?;

    // The worst phase of an eigenvalue of size 0.8, for three sensors: the slower the sensor, the worse a direction is.
    let phase = |degrees: f64, tau2: f64| {
        let angle = degrees * PI / 180.0;
        critical(g, tau1, tau2, (w * angle.cos(), w * angle.sin())).0 / real(w, tau2)
    };
    let mut phases =
        Panel::new(Axis::linear("phase of the eigenvalue", "°"), Axis::log("τ_{3} relative to phase 0", ""));
    for (k, (tau2, degrees, ratio, name)) in
        [(0.05, 12.0, 1.23, "τ_{2} = 0.05 s"), (0.5, 20.5, 5.13, "0.5 s"), (5.0, 22.0, 45.1, "5 s")]
            .into_iter()
            .enumerate()
    {
        let best = (0..=900).map(|d| f64::from(d) / 10.0).max_by(|a, b| phase(*a, tau2).total_cmp(&phase(*b, tau2)));
        let best = best.expect("the grid has points");
        // The ledger prints the angles to half a degree.
        nb.claim("worst phase in degrees", best, degrees, Tol::Order { h: 0.5 / degrees, p: 1 })?;
        nb.claim("how much worse", phase(best, tau2), ratio, Tol::Printed(3))?;
        phases = phases.add(Line::of(name, (0.0, 90.0), 180, |d| phase(d, tau2)).ink(Ink::Hue(k)));
    }

    // ## Local or global?
    //
    // Local controllers take every rate back to its target.
    // A controller that reads the mean rate and moves all thresholds together does not see an input that sums to zero:
    // along a mode with eigenvalue $w_m$ it leaves a deviation of $g/(1 - g w_m)$ for every Hz.
    let local = network(n, slow_sensor, |i, j| if (i + 1) % n == j || (j + 1) % n == i { w / 2.0 } else { 0.0 })?;
    let text = r#"
title = "A network with one threshold for all"
equations = """
dr[i]/dt = (-r[i] + gain*(sum(j, W[i, j]*r[j]) + I[i] - h))/tau_r : Hz
dh/dt    = (sum(j, r[j])/N - r0)/tau_h : Hz
"""
[parameters]
W     = { diagonal = 0, off_diagonal = 0 }
I     = { value = "5 Hz" }
gain  = { value = 1 }
r0    = { value = "5 Hz" }
tau_r = { value = "10 ms" }
tau_h = { value = "1 s" }
[variables]
r = { start = "5 Hz" }
h = { start = "0 Hz" }
[sizes]
N = { value = 16, index = ["i", "j"] }
"#;
    let mut global = Model::compose("shared", &library().with("shared", "shared.toml", None, text))?;
    let weights = matrix(n, |i, j| if (i + 1) % n == j || (j + 1) % n == i { w / 2.0 } else { 0.0 });
    global.set_all(&[("W", weights.as_str())])?;
    let push: Vec<f64> = (0..n).map(|i| around(i).cos()).collect();
    let amplitude = |model: &Model| -> Result<f64> {
        let mut p = model.names().defaults();
        for (i, push) in push.iter().enumerate() {
            p[model.names().parameter(&format!("I_{i}"))?] += push;
        }
        // The equations are linear: dx/dt = J x + f(0).
        let zero = vec![0.0; model.names().variables.len()];
        let mut constant = zero.clone();
        model.rate(&zero, &p, &mut constant);
        let rest = solve(&model.jacobian(&zero, &p), &-nalgebra::DVector::from_vec(constant))?;
        // The deviation along the mode, for an input of 1 Hz along it.
        let along = (0..n).map(|i| Ok(rest[model.names().variable(&format!("r_{i}"))?] * push[i]));
        Ok(along.sum::<Result<f64>>()? * 2.0 / n as f64)
    };
    nb.claim("deviation under local controllers", amplitude(&local)?, 0.0, Tol::Order { h: 1e-6, p: 1 })?;
    let left = g / (1.0 - g * w * around(1).cos());
    nb.claim("deviation under a global controller", amplitude(&global)?, left, Tol::Order { h: 1e-7, p: 1 })?;
    nb.claim("deviation under a global controller, as the ledger has it", left, 3.83293943378, Tol::Printed(12))?;

    let recurrence = Panel::new(Axis::linear("eigenvalue w", ""), Axis::log("smallest stable τ_{3}", "s"))
        .add(Line::of("theory", (0.0, 0.95), 200, |w| real(w, tau2)))
        .add(Points::new("located bifurcation", &strengths, &located));
    let (factors, times): (Vec<f64>, Vec<f64>) = spread.into_iter().unzip();
    let uneven = Panel::new(Axis::linear("⟨k^{2}⟩/⟨k⟩^{2}", ""), Axis::log("smallest stable τ_{3}", "s"))
        .add(Line::of("theory", (1.0, 1.7), 200, |h| real(coupling * h, slow_sensor)))
        .add(Points::new("spectrum of a network", &factors, &times));
    nb.figure(
        "topology",
        Figure::row([recurrence, uneven, phases]).caption(
            "The smallest stable time constant of local homeostasis: **a** over the leading real eigenvalue, **b** over the heterogeneity of degrees, **c** over the phase of an eigenvalue of size 0.8, for three sensors.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("homeostasis is slower than the bound that the spectrum of $W$ sets".into()),
        "A controller that is stable in one cell destabilises a recurrent network unless it is slowed, without limit as the leading eigenvalue approaches one. Connectivity enters through its whole spectrum: unequal degrees raise the leading eigenvalue, directed loops add a phase that a slow sensor cannot follow, and the spectral radius alone does not tell. A local signal erases differences between rates, a global one keeps them.",
    )
}

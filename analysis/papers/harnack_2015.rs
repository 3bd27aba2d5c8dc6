//! # Harnack, Pelko, Chaillet, Chitour & van Rossum (2015): homeostasis can destabilise a network
//!
//! *Stability of neuronal networks with homeostatic regulation*, PLoS Computational Biology 11:e1004357.
//! Three times stand in the loop: of the rate ($\tau_1$), of the averaging sensor ($\tau_2$) and of the homeostat ($\tau_3$).
//! The paper says that control that is stable in a single neuron can destabilise a recurrent network, that stronger recurrence
//! asks for slower control, and that further stages in the loop make it worse.
//! The wanted numbers are closed forms of these equations at $\tau_1 = 10$ ms and $\tau_2 = 50$ ms; the values of the paper's
//! figures were not at hand.

use homeostat::models::library;
use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## One neuron
    //
    // Control is stable if and only if $\tau_3 > g\tau_1\tau_2/(\tau_1 + \tau_2)$.
    let network = model("population+intrinsic_sensor")?.with("tau_m", "10 ms")?.with("tau_s", "50 ms")?;
    nb.model(&network)?;
    let (g, tau1, tau2) = (network["gain"], network["tau_m"], network["tau_s"]);
    let close = Tol::Order { h: 1e-9, p: 1 };
    let located = |model: &Model, w: f64| -> Result<continuation::Event> {
        let at = model.clone().with("w", &w.to_string())?;
        let (r0, input) = (at["r0"], at["I"]);
        // At rest all rates and sensors are the target.
        let mut rest: Vec<f64> = at.names().variables.iter().map(|_| r0).collect();
        rest[at.names().variable("h")?] = w * r0 + input - r0 / g;
        let vary = Vary::new(at.names().parameter("tau_theta")?, (0.002, 4.0));
        let options = continuation::Options { step: 0.0005, step_max: 0.01, ..continuation::Options::default() };
        let branch = follow(&at, &at.names().defaults(), &rest, &vary, &options)?;
        Ok(branch.first(EventKind::Hopf).expect("fast control oscillates").clone())
    };
    let single = located(&network, 0.0)?;
    nb.claim("critical time of a neuron", single.parameter, g * tau1 * tau2 / (tau1 + tau2), close)?;
    nb.claim("critical time of a neuron, in numbers", single.parameter, 0.00833333333333, Tol::Printed(9))?;
    nb.claim("frequency there", single.omega.unwrap_or(f64::NAN), 1.0 / (tau1 * tau2).sqrt(), close)?;

    // ## A recurrent network
    //
    // With a leading eigenvalue $w$ of the weights,
    //
    // $$\tau_3 > \frac{g\tau_1\tau_2}{(1 - gw)\,(\tau_1 + (1 - gw)\tau_2)}.$$
    let bound = |w: f64| g * tau1 * tau2 / ((1.0 - g * w) * (tau1 + (1.0 - g * w) * tau2));
    let strengths = [0.2, 0.4, 0.6, 0.8, 0.9, 0.95];
    let mut times = Vec::new();
    for w in strengths {
        let hopf = located(&network, w)?;
        nb.claim("critical time over the recurrence", hopf.parameter, bound(w), close)?;
        times.push(hopf.parameter);
    }
    nb.claim("critical time at w = 0.9, in numbers", times[4], 0.333333333333, Tol::Printed(9))?;
    nb.claim_holds(
        "control that is stable in a neuron destabilises the network",
        single.parameter < 0.1 && times[4] > 0.1,
        "100 ms is slow enough for a neuron and too fast at w = 0.9",
    )?;

    // ## More stages
    //
    // The error reaches the threshold through a second average with the same time: a part of our own, in four lines.
    let text = r#"
title = "Homeostasis of the threshold through two sensors"
kind = "homeostasis"
equations = """
dc/dt     = (mean(r) - c)/tau_s  : Hz
dc2/dt    = (c - c2)/tau_s       : Hz
dtheta/dt = (c2 - r0)/tau_theta  : Hz
"""
[ports]
r     = { unit = "Hz" }
theta = { unit = "Hz" }
[parameters]
r0        = { value = "5 Hz" }
tau_s     = { value = "50 ms" }
tau_theta = { value = "1 s" }
[variables]
c  = { start = "5 Hz" }
c2 = { start = "5 Hz" }
"#;
    let two = Model::compose("population+two_sensors", &library().with("two_sensors", "two_sensors.toml", None, text))?
        .with("tau_m", "10 ms")?;

    // $s(1 + \tau_1 s)(1 + \tau_2 s)^2 + g/\tau_3 = 0$ has a root on the imaginary axis where real and imaginary part vanish.
    let more = located(&two, 0.0)?;
    // s + A s² + B s³ + C s⁴ + g/τ3: the imaginary part gives ω² = 1/B, the real part g/τ3 = A ω² − C ω⁴.
    let (a, b, c) = (tau1 + 2.0 * tau2, tau2 * tau2 + 2.0 * tau1 * tau2, tau1 * tau2 * tau2);
    nb.claim("critical time with two sensors", more.parameter, g / (a / b - c / (b * b)), close)?;
    nb.claim_holds(
        "a second sensor asks for slower control",
        more.parameter > single.parameter,
        "the critical time is several times that of one sensor",
    )?;
    let mut later = Vec::new();
    for w in strengths {
        later.push(located(&two, w)?.parameter);
    }
    nb.claim_holds(
        "in networks too",
        later.iter().zip(&times).all(|(two, one)| two > one),
        "two sensors need slower control than one at every recurrence",
    )?;

    let mut courses = Panel::new(Axis::linear("time", "s"), Axis::linear("r", "Hz").including(0.0));
    for (w, name, ink) in [("0", "w = 0", Ink::Stable), ("0.9", "w = 0.9", Ink::Unstable)] {
        let at = network.clone().with("w", w)?.with("tau_theta", "0.3 s")?;
        let strength: f64 = at["w"];
        let mut from = vec![at["r0"]; 3];
        from[at.names().variable("h")?] = strength * at["r0"] + at["I"] - at["r0"] / g + 0.05;
        let options = Integration { record: Record::Every(0.005), ..Integration::default() };
        let run = integrate(&at, &at.names().defaults(), &from, 4.0, &options)?;
        courses = courses.add(Line::new(name, &run.t, &run.column("r")?).ink(ink));
    }
    let bounds = Panel::new(Axis::linear("leading eigenvalue w", ""), Axis::log("smallest stable τ_{3}", "s"))
        .add(Line::of("one sensor", (0.0, 0.96), 200, bound))
        .add(Points::new("located", &strengths, &times))
        .add(Points::new("two sensors, located", &strengths, &later).ink(Ink::Unstable).shape(Shape::Square));
    nb.figure(
        "network",
        Figure::row([bounds, courses]).caption(
            "**a** The smallest stable time of the homeostat over the recurrence. **b** The same homeostat, $\\tau_3 = 0.3$ s, in a neuron and in a network.",
        ),
    )?;
    nb.verdict(
        Verdict::Holds,
        "All three statements of the paper hold: control that is stable in a neuron destabilises a recurrent network, the bound grows without limit as the leading eigenvalue approaches one, and a further stage in the loop raises it at every recurrence.",
    )
}

//! # Does inhibitory plasticity rebalance excitation and inhibition?
//!
//! Inhibitory synapses that grow while the cell fires above a target bring it back to that target.
//! The field says that this balances the network whatever its excitation.
//! Cortex works where inhibition is what keeps it stable: there an input to the inhibitory cells lowers their rate.
//! We ask how fast inhibitory plasticity may be in such a network, and which rules can set all four weights at once.

use homeostat::dynamics::slaved;
use homeostat::notebook::prelude::*;
use homeostat::num::linalg::eigenvalues;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## One plastic inhibitory weight
    //
    // Excitatory rate $r_e$, inhibitory rate $r_i$, and an inhibitory weight that moves with $\eta\,r_i\,(r_e - \rho_0)$.
    let istdp = model("ei+istdp@w_ei")?;
    nb.model(&istdp)?;
    let p = istdp.names().defaults();
    let close = Tol::Order { h: 1e-9, p: 1 };
    let (tau_e, tau_i, w_ee, w_ie, w_ii) =
        (istdp["tau_e"], istdp["tau_i"], istdp["w_ee"], istdp["w_ie"], istdp["w_ii"]);
    let (i_e, i_i, rho) = (istdp["I_e"], istdp["I_i"], istdp["rho0"]);
    let region = Region::named(istdp.names(), &[("w_ei", (0.05, 10.0)), ("r_i", (0.5, 100.0))])?;
    let all = fixed_points(&istdp, &p, &region, &Search::default())?;
    let rest = all.only()?;
    nb.claim_proven(
        "one fixed point, stable",
        all.complete && rest.stability_proven && rest.is_stable(),
        "interval branch and bound; spectrum over the enclosure",
    )?;
    let (r_i, w_ei) = (istdp.names().variable("r_i")?, istdp.names().variable("w_ei")?);
    let rest_i = (i_i + w_ie * rho) / (1.0 + w_ii);
    let weight = |w_ee: f64| (i_e - (1.0 - w_ee) * rho) / rest_i;
    nb.claim("excitatory rate at rest", rest.enclosure[0], rho, close)?;
    nb.claim("inhibitory rate at rest", rest.enclosure[r_i], rest_i, close)?;
    nb.claim("inhibitory weight at rest", rest.enclosure[w_ei], weight(w_ee), close)?;

    // The rate at rest does not depend on excitation or input: the balance is found by itself.
    for (name, value) in [("w_ee", "0.5"), ("w_ee", "3"), ("I_e", "30 Hz"), ("w_ie", "4")] {
        let at = istdp.clone().with(name, value)?;
        let wide = Region::named(at.names(), &[("w_ei", (0.05, 10.0)), ("r_i", (0.5, 100.0))])?;
        let found = fixed_points(&at, &at.names().defaults(), &wide, &Search::default())?;
        nb.claim("excitatory rate whatever the circuit", found.only()?.at[0], rho, close)?;
    }

    // ## The paradoxical effect
    //
    // With the weights held, the network is linear, and an input to the inhibitory cells moves their rate by
    //
    // $$\frac{dr_i}{dI_i} = \frac{1 - w_{ee}}{\Delta}, \qquad \Delta = (1 - w_{ee})(1 + w_{ii}) + w_{ei}w_{ie}.$$
    //
    // For $w_{ee} > 1$ it is negative: more input, less rate.
    let delta = |w_ee: f64| (1.0 - w_ee) * (1.0 + w_ii) + weight(w_ee) * w_ie;
    let slope = |w_ee: f64| -> Result<f64> {
        let at = model("ei")?.with("w_ee", &w_ee.to_string())?.with("w_ei", &weight(w_ee).to_string())?;
        let rate = |input: f64| -> Result<f64> {
            let moved = at.clone().with("I_i", &format!("{input} Hz"))?;
            Ok(fixed_points(&moved, &moved.names().defaults(), &Region::declared(moved.names())?, &Search::default())?
                .only()?["r_i"])
        };
        Ok((rate(i_i + 1.0)? - rate(i_i - 1.0)?) / 2.0)
    };
    nb.claim("paradoxical slope", slope(w_ee)?, (1.0 - w_ee) / delta(w_ee), close)?;
    let strengths = [0.4, 0.7, 1.3, 1.6, 2.0, 2.5, 3.0];
    let mut slopes = Vec::new();
    for w in strengths {
        let measured = slope(w)?;
        nb.claim("slope over the recurrent excitation", measured, (1.0 - w) / delta(w), close)?;
        slopes.push(measured);
    }

    // ## How fast may the inhibitory weight be?
    //
    // Once the rates have settled, the weight returns at the rate $\eta\,{r_i^*}^2(1 + w_{ii})/\Delta$.
    let slow = slaved(&istdp, &["r_e", "r_i"], &rest.at, &p)?;
    let eta = istdp["eta"];
    let return_rate = -eta * rest_i.powi(2) * (1.0 + w_ii) / delta(w_ee);
    nb.claim("slow eigenvalue", slow.jacobian(&[rest.at[w_ei]], &p)[(0, 0)], return_rate, close)?;

    // With the rates' own time the characteristic polynomial is of third order.
    // With $a_1 = (1 - w_{ee})/\tau_e + (1 + w_{ii})/\tau_i > 0$ it is stable for every $\eta$ if $w_{ee} \le 1$, and otherwise
    // if and only if
    //
    // $$\eta < \eta_c = \frac{\tau_e\,a_1\,\Delta}{\tau_i\,(w_{ee} - 1)\,{r_i^*}^2}.$$
    let a1 = |w_ee: f64| (1.0 - w_ee) / tau_e + (1.0 + w_ii) / tau_i;
    let critical = |w_ee: f64| tau_e * a1(w_ee) * delta(w_ee) / (tau_i * (w_ee - 1.0) * rest_i.powi(2));
    let trace = istdp.jacobian(&rest.at, &p).trace();
    nb.claim("a1", -trace, a1(w_ee), close)?;
    let located = |w_ee: f64| -> Result<Option<continuation::Event>> {
        let at = istdp.clone().with("w_ee", &w_ee.to_string())?;
        let vary = Vary::new(at.names().parameter("eta")?, (0.01, 400.0));
        let options = continuation::Options { step: 0.001, step_max: 0.01, ..continuation::Options::default() };
        let branch = follow(&at, &at.names().defaults(), &[rho, rest_i, weight(w_ee)], &vary, &options)?;
        Ok(branch.first(EventKind::Hopf).cloned())
    };
    let hopf = located(w_ee)?.expect("the network is inhibition-stabilised");
    nb.claim("critical eta", hopf.parameter, critical(w_ee), close)?;
    let omega = (delta(w_ee) / (tau_e * tau_i) + critical(w_ee) * rest_i.powi(2) / tau_e).sqrt();
    nb.claim("frequency there", hopf.omega.unwrap_or(f64::NAN), omega, close)?;
    let inhibited = [1.3, 1.6, 2.0, 2.5, 3.0];
    let mut bounds = Vec::new();
    for w in inhibited {
        let event = located(w)?.expect("the network is inhibition-stabilised");
        nb.claim("critical eta over the recurrent excitation", event.parameter, critical(w), close)?;
        bounds.push(event.parameter);
    }
    nb.claim_holds(
        "without inhibition-stabilisation no rate is too fast",
        located(0.8)?.is_none(),
        "no Hopf point up to eta = 400 s at w_ee = 0.8",
    )?;

    // The input to the excitatory cells steps up: inhibition brings them back, smoothly or ringing.
    let mut steps = Panel::new(Axis::linear("time after the step", "s"), Axis::linear("r_{e}", "Hz").including(0.0));
    for (eta, until, name, ink) in [("0.01 s", 20.0, "η = 0.01 s", Ink::Stable), ("0.1 s", 20.0, "0.1 s", Ink::Data)] {
        let at = istdp.clone().with("eta", eta)?.with("I_e", "13 Hz")?;
        let options = Integration { record: Record::Every(0.02), ..Integration::default() };
        let run = integrate(&at, &at.names().defaults(), &rest.at, until, &options)?;
        nb.claim("rate after a step of the input", run.last()[0], rho, Tol::Order { h: 0.02, p: 1 })?;
        steps = steps.add(Line::new(name, &run.t, &run.column("r_e")?).ink(ink));
    }
    let paradox = Panel::new(Axis::linear("recurrent excitation w_{ee}", ""), Axis::linear("dr_{i}/dI_{i}", ""))
        .add(Line::of("theory", (0.3, 3.1), 200, |w| (1.0 - w) / delta(w)))
        .add(Points::new("measured", &strengths, &slopes))
        .add(Rule::horizontal("", 0.0))
        .add(Rule::vertical("inhibition-stabilised →", 1.0));
    let fast = Panel::new(Axis::linear("recurrent excitation w_{ee}", ""), Axis::log("largest stable η", "s"))
        .add(Line::of_log("theory", (1.02, 3.1), 200, critical))
        .add(Points::new("located bifurcation", &inhibited, &bounds))
        .add(Note::new("stable", 1.5, 5.0).ink(Ink::Stable));
    nb.figure(
        "inhibitory plasticity",
        Figure::row([steps.add(Rule::horizontal("ρ_{0}", rho)), paradox, fast]).caption(
            "**a** Rate after the excitatory input steps from 10 to 13 Hz. **b** Response of the inhibitory rate to its own input. **c** The fastest stable inhibitory plasticity.",
        ),
    )?;

    // ## Four plastic weights
    //
    // Let all four weights be plastic, with set points $E^* = 5$ Hz and $I^* = 14$ Hz.
    // *Standard* rules let every weight mind its own postsynaptic rate; *cross* rules the other population's.
    // The fixed points are a family with two parameters; with $w_{ee}$ and $w_{ii}$ given, $w_{ei}$ and $w_{ie}$ follow.
    let (standard, cross) = (model("standard_homeostasis")?, model("cross_homeostasis")?);
    nb.model(&cross)?;
    let (g_e, g_i, h_e, h_i) = (cross["gain_e"], cross["gain_i"], cross["h_e"], cross["h_i"]);
    let (set_e, set_i) = (cross["cross@w_ie.r0"], cross["cross.r0"]);
    let alpha = cross["cross.alpha"];
    let ei = |w_ee: f64| (w_ee * set_e - h_e - set_e / g_e) / set_i;
    let ie = |w_ii: f64| (set_i / g_i + w_ii * set_i + h_i) / set_e;
    let delta4 = |w_ee: f64, w_ii: f64| (1.0 - g_e * w_ee) * (1.0 + g_i * w_ii) + g_e * g_i * ei(w_ee) * ie(w_ii);
    let size = alpha * (set_e.powi(2) + set_i.powi(2));
    // The errors of the two rates obey $\dot e = -M e$ once the rates follow the weights.
    let pair = |rules: &Model, w_ee: f64, w_ii: f64| -> Result<(f64, f64)> {
        let p = rules.names().defaults();
        let state = [set_e, set_i, w_ee, ei(w_ee), ie(w_ii), w_ii];
        let slow = slaved(rules, &["r_e", "r_i"], &state, &p)?;
        let values = eigenvalues(&slow.jacobian(&state[2..], &p))?;
        // Two of the four are zero, along the family; the others are those of −M.
        let mut sizes: Vec<_> = values.iter().collect();
        sizes.sort_by(|a, b| b.norm().total_cmp(&a.norm()));
        Ok(((sizes[0] + sizes[1]).re, (sizes[0] * sizes[1]).re))
    };
    let (w_ee, w_ii) = (5.0, 0.5);
    let mut rates = [1.0; 6];
    let start = [set_e, set_i, w_ee, ei(w_ee), ie(w_ii), w_ii];
    cross.rate(&start, &cross.names().defaults(), &mut rates);
    let still = rates.iter().fold(0.0f64, |m, r| m.max(r.abs()));
    nb.claim("rates of change on the family", still, 0.0, Tol::Order { h: 1e-9, p: 1 })?;
    let (d, by) = (delta4(w_ee, w_ii), g_e * (1.0 + g_i * w_ii) + g_i * (1.0 - g_e * w_ee));
    let slow_close = Tol::Order { h: 1e-6, p: 1 };
    let (sum, product) = pair(&standard, w_ee, w_ii)?;
    nb.claim("trace of M, standard", -sum, size / d * by, slow_close)?;
    nb.claim("determinant of M, standard", product, size.powi(2) * g_e * g_i / d, slow_close)?;
    let (sum, product) = pair(&cross, w_ee, w_ii)?;
    nb.claim("trace of M, cross", -sum, size / d * g_e * g_i * (ei(w_ee) + ie(w_ii)), slow_close)?;
    nb.claim("determinant of M, cross", product, size.powi(2) * g_e * g_i / d, slow_close)?;

    // So the standard rules are stable if and only if $w_{ee} < 1/g_e + 1/g_i + w_{ii}$, and the cross rules wherever the
    // network is.
    // With $w_{ii} = 3$ the network is stable on both sides of that border.
    let much = 3.0;
    let (mut stable, mut unstable) = (4.0, 4.6);
    for _ in 0..40 {
        let middle = 0.5 * (stable + unstable);
        if pair(&standard, middle, much)?.0 < 0.0 { stable = middle } else { unstable = middle }
    }
    let limit = 1.0 / g_e + 1.0 / g_i + much;
    nb.claim("largest stable w_ee of the standard rules", stable, limit, slow_close)?;
    let range: Vec<f64> = (0..=30).map(|k| 3.8 + 0.04 * f64::from(k)).collect();
    let growth = |rules: &Model| -> Result<Vec<f64>> {
        range.iter().map(|&w| pair(rules, w, much).map(|(sum, _)| sum)).collect()
    };
    let (standard_growth, cross_growth) = (growth(&standard)?, growth(&cross)?);
    nb.claim_holds(
        "cross rules are stable over the whole range",
        cross_growth.iter().all(|&g| g < 0.0) && range.iter().all(|&w| delta4(w, much) > 0.0),
        "the sum of the two eigenvalues is negative, and their product positive, for w_ee from 3.8 to 5",
    )?;
    // At the set points of the paper, inhibition that is not negative needs $w_{ee} \ge (E^*/g_e + h_e)/E^*$.
    // With $w_{ii} = 0.5$ that alone is beyond the border: no network with these rates keeps them under standard rules.
    let least = (set_e / g_e + h_e) / set_e;
    nb.claim_holds(
        "with little inhibition of inhibition the standard rules fail everywhere",
        ei(least).abs() < 1e-12 && least > 1.0 / g_e + 1.0 / g_i + w_ii,
        "the smallest w_ee, 1.96, exceeds the border, 1.75",
    )?;
    let mut errors = Panel::new(Axis::linear("time", "s"), Axis::linear("r_{e}", "Hz").including(0.0));
    for (rules, name, ink) in [(&standard, "standard", Ink::Unstable), (&cross, "cross", Ink::Stable)] {
        let mut from = start;
        from[2] += 0.05;
        let options = Integration { record: Record::Every(2.0), ..Integration::default() };
        let run = integrate(rules, &rules.names().defaults(), &from, 600.0, &options)?;
        errors = errors.add(Line::new(name, &run.t, &run.column("r_e")?).ink(ink));
    }
    let sums =
        Panel::new(Axis::linear("recurrent excitation w_{ee}", ""), Axis::linear("sum of slow eigenvalues", "Hz"))
            .add(Line::new("standard", &range, &standard_growth).ink(Ink::Unstable))
            .add(Line::new("cross", &range, &cross_growth).ink(Ink::Stable))
            .add(Rule::horizontal("", 0.0))
            .add(Rule::vertical("1/g_{e} + 1/g_{i} + w_{ii}", limit));
    nb.figure(
        "four weights",
        Figure::row([errors.add(Rule::horizontal("set point", set_e)), sums]).caption(
            "**a** After a small push of $w_{ee}$ the standard rules leave the set point, the cross rules return. **b** The sum of the two slow eigenvalues over the recurrent excitation, with $w_{ii} = 3$.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("$\\eta < \\eta_c$, and with cross rules where all four weights are plastic".into()),
        "Inhibitory plasticity restores the target rate whatever excitation and input. In an inhibition-stabilised network it must be slower than a bound that closes in as recurrent excitation grows. If all four weights are plastic, rules that mind their own population fail beyond a moderate excitation, and rules that mind the other one do not.",
    )
}

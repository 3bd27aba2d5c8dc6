//! # Can a network learn the next thing without losing the last?
//!
//! What is learned later disturbs what was learned before.
//! The field says that homeostasis prevents catastrophic forgetting and supports transfer; machine learning has remedies
//! of its own: stop early, anchor the weights, replay, orthogonal subspaces.
//! We put them side by side on one problem that can be solved exactly.

use homeostat::coding::memory::{TeacherStudent, scores, subspace_forgetting};
use homeostat::lang::{Library, PartKind};
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use nalgebra::{DMatrix, DVector, dmatrix};
use std::f64::consts::PI;

pub fn run(nb: &mut Notebook) -> Result<()> {
    two_tasks(nb)?;
    many_tasks(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("the tasks overlap by $\\rho < 1/2$, for transfer; not for forgetting".into()),
        "Early stopping, an isotropic anchor, replay and decay all move on one frontier, $\\sqrt{L_A} + \\sqrt{L_B} = \
         \\sqrt{1 - \\rho}$, which nothing that knows no directions can beat. Only keeping tasks in different subspaces \
         does. Homeostatic downscaling is not on the frontier; what it buys is that transfer is never negative. \
         Restoring the length of the weights after each of many tasks costs every score.",
    )
}

// ## Two tasks and one neuron
//
// Teacher $A$ and teacher $B$ are weight vectors of length one with overlap $\rho = w_A\cdot w_B$. A linear neuron has
// learned $A$ and now follows the gradient for $B$. The losses are $L_A = \tfrac12|w - w_A|^2$ and
// $L_B = \tfrac12|w - w_B|^2$ for isotropic inputs. The rule is a mechanism: it knows the teacher's answer.

const CLASSROOM: &str = r#"
title = "A linear neuron and two teachers"
sources = ["dayan2001"]
about = "The inputs have given second moments; the teachers answer them with weights of their own."
equations = """
r   = sum(k, w[k]*x[k])  : Hz
y_a = sum(k, a[k]*x[k])  : Hz
y_b = sum(k, b[k]*x[k])  : Hz
"""
[populations]
n     = { r = "r" }
input = { r = "x[k]" }
[synapses]
w = { pre = "input", post = "n", weight = "w[k]", sign = "+" }
[ensemble.moments]
"x[k]"      = "xbar[k]"
"x[i]*x[j]" = "C[i, j]"
[parameters]
w    = { value = 0, about = "weights of the student" }
a    = { value = 0.5, about = "weights of teacher A" }
b    = { value = 0.5, about = "weights of teacher B" }
C    = { diagonal = "1 Hz^2", off_diagonal = "0 Hz^2", about = "second moments of the inputs" }
xbar = { value = "0 Hz", about = "mean inputs" }
[sizes]
K = { value = 2, index = ["k", "i", "j"], about = "number of inputs" }
"#;

const DELTA: &str = r#"
title = "Delta rule"
sources = ["dayan2001"]
about = "The weights move down the squared difference from a teacher's answer."
equations = """
dw/dt += eta*mean(pre*(target - post))  : 1
"""
[ports]
pre    = { unit = "Hz", about = "presynaptic rate" }
post   = { unit = "Hz", about = "postsynaptic rate" }
target = { unit = "Hz", about = "the teacher's answer" }
w      = { about = "synaptic weight" }
[parameters]
eta = { value = "1 s", about = "learning rate" }
"#;

const REPLAY: &str = r#"
title = "Replay of an old task"
sources = ["kirkpatrick2017"]
about = "The delta rule with the old teacher; for isotropic inputs a spring to the old weights, which is called an anchor."
equations = """
dw/dt += lambda*nu*mean(pre*(old - post))  : 1
"""
[ports]
pre  = { unit = "Hz", about = "presynaptic rate" }
post = { unit = "Hz", about = "postsynaptic rate" }
old  = { unit = "Hz", about = "the old teacher's answer" }
w    = { about = "synaptic weight" }
[parameters]
lambda = { value = 0.5, about = "strength against the new task" }
nu     = { value = "1 s", about = "learning rate" }
"#;

/// A vector as the language writes it.
fn list(v: &[f64]) -> String {
    format!("[{}]", v.iter().map(f64::to_string).collect::<Vec<_>>().join(", "))
}

/// A matrix of second moments as the language writes it.
fn moments(c: &DMatrix<f64>) -> String {
    let rows: Vec<String> = c.row_iter().map(|r| list(&r.iter().copied().collect::<Vec<_>>())).collect();
    format!("[{}] Hz^2", rows.join(", "))
}

/// The catalogue with the parts of this notebook.
fn parts() -> Library {
    library()
        .with("classroom", "classroom.toml", Some(PartKind::Circuit), CLASSROOM)
        .with("delta", "delta.toml", Some(PartKind::Plasticity), DELTA)
        .with("replay", "replay.toml", Some(PartKind::Homeostasis), REPLAY)
}

fn loss(w: &[f64], of: &[f64]) -> f64 {
    0.5 * w.iter().zip(of).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
}

fn two_tasks(nb: &mut Notebook) -> Result<()> {
    let close = Tol::Order { h: 1e-8, p: 1 };
    let pair = TeacherStudent { overlap: 0.6 };
    let (a, b) = ([1.0, 0.0], [0.6, 0.8]);
    let student = Model::compose("classroom+delta(target=y_b)", &parts())?.with("b", &list(&b))?;
    nb.model(&student)?;

    // ### The frontier
    //
    // With time the weight runs straight from $w_A$ to $w_B$, so that
    //
    // $$L_A = (1-\rho)(1 - e^{-\eta t})^2, \quad L_B = (1-\rho)\,e^{-2\eta t}, \quad
    //   \sqrt{L_A} + \sqrt{L_B} = \sqrt{1-\rho}.$$
    let options = Integration { record: Record::Every(0.1), ..Integration::default() };
    let run = integrate(&student, &student.names().defaults(), &a, 6.0, &options)?;
    for (t, w) in run.t.iter().zip(&run.x) {
        let theory = pair.trained(*t)?;
        nb.claim("old loss while learning", loss(w, &a), theory.old, Tol::Order { h: 1e-7, p: 1 })?;
        nb.claim("new loss while learning", loss(w, &b), theory.new, Tol::Order { h: 1e-7, p: 1 })?;
        let sum = loss(w, &a).sqrt() + loss(w, &b).sqrt();
        nb.claim("sum of the roots of the losses", sum, 0.4f64.sqrt(), close)?;
    }
    nb.claim("old loss at ηt = 1", pair.trained(1.0)?.old, 0.1598305604, Tol::Printed(10))?;
    nb.claim("new loss at ηt = 1", pair.trained(1.0)?.new, 0.05413411329, Tol::Printed(10))?;
    let both = |t: f64| pair.trained(t).map_or(f64::NAN, |l| l.old + l.new);
    let least = run.t.iter().map(|&t| both(t)).fold(f64::INFINITY, f64::min);
    nb.claim("least sum of losses, at ηt = ln 2", both(2f64.ln()), 0.5 * (1.0 - 0.6), Tol::Rounding(8))?;
    nb.claim_holds("no other time has less", least >= both(2f64.ln()), format!("least on the grid {least:.6}"))?;

    // Replay of the old task, which for isotropic inputs is an anchor of strength $\lambda$, holds the weight where both pulls cancel: $L_A = (1-\rho)/(1+\lambda)^2$,
    // $L_B = (1-\rho)\,(\lambda/(1+\lambda))^2$.
    let anchored = Model::compose("classroom+delta(target=y_b)+replay(old=y_a)", &parts())?
        .with("b", &list(&b))?
        .with("a", &list(&a))?;
    nb.model(&anchored)?;
    let region = Region::new([(-2.0, 2.0); 2])?;
    for lambda in [0.1, 0.5, 1.0, 3.0, 10.0] {
        let model = anchored.clone().with("lambda", &lambda.to_string())?;
        let found = fixed_points(&model, &model.names().defaults(), &region, &Search::default())?;
        let (w, theory) = (&found.only()?.at, pair.anchored(lambda)?);
        nb.claim("old loss with an anchor", loss(w, &a), theory.old, close)?;
        nb.claim("new loss with an anchor", loss(w, &b), theory.new, close)?;
        // It is early stopping in another coat: $e^{-\eta t} = \lambda/(1+\lambda)$.
        let stopped = pair.trained(-(lambda / (1.0 + lambda)).ln())?;
        nb.claim("an anchor equals early stopping", theory.old, stopped.old, Tol::Rounding(32))?;
    }
    nb.claim("old loss, λ = 0.5", pair.anchored(0.5)?.old, 0.1777777778, Tol::Printed(10))?;
    nb.claim("new loss, λ = 0.5", pair.anchored(0.5)?.new, 0.04444444444, Tol::Printed(10))?;

    // Few samples do the same: the smallest change of $w_A$ that fits $P \le d$ samples of $B$ leaves on average
    // $L_B = (1-\rho)(1 - P/d)$ and $L_A = (1-\rho)P/d$. Played: the change is the projection of $w_B - w_A$ onto the
    // samples.
    let (d, trials) = (20, 400);
    let mut draws = Stream::new(24, &[1]);
    let mut fits = Vec::new();
    for p in [4usize, 8, 16] {
        let mut old = Vec::with_capacity(trials);
        for _ in 0..trials {
            let samples = DMatrix::from_fn(d, p, |_, _| draws.normal());
            let span = samples.qr().q();
            let mut change = DVector::zeros(d);
            (change[0], change[1]) = (b[0] - a[0], b[1] - a[1]);
            let moved = span.transpose() * &change;
            old.push(0.5 * moved.norm_squared());
        }
        let mean = old.iter().sum::<f64>() / trials as f64;
        let se = (old.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (trials * (trials - 1)) as f64).sqrt();
        let theory = pair.fitted(p, d)?;
        nb.claim("old loss after few samples, played", mean, theory.old, Tol::Sampling { se, n: trials, sigmas: 5.0 })?;
        fits.push((mean, 0.4 - mean));
    }
    nb.claim("new loss after 8 samples in 20 dimensions", pair.fitted(8, 20)?.new, 0.24, Tol::Rounding(8))?;
    nb.claim("old loss after 8 samples in 20 dimensions", pair.fitted(8, 20)?.old, 0.16, Tol::Rounding(8))?;

    // ### What leaves the frontier
    //
    // The frontier is the straight way, and by the triangle inequality no weight vector lies below it. A
    // homeostat that scales the weights, $w \to \alpha w_A$, leaves the line and can only be above.
    let scaled = |alpha: f64| {
        let w = [alpha * a[0], alpha * a[1]];
        (loss(&w, &a), loss(&w, &b))
    };
    let excess = (1..=20).map(|k| scaled(0.05 * f64::from(k))).map(|(x, y)| x.sqrt() + y.sqrt() - 0.4f64.sqrt());
    let least = excess.fold(f64::INFINITY, f64::min);
    nb.claim_holds(
        "downscaling never lies below the frontier",
        least > -1e-15,
        "sum of roots over twenty factors, against the straight way",
    )?;
    // What it buys is transfer. Compared with starting from nothing ($L_B = \tfrac12$), starting from $w_A$ is worth
    // $\rho - \tfrac12$: less than nothing if the tasks overlap by less than one half. Scaled by $\rho$ it is worth
    // $\rho^2/2 \ge 0$, always more.
    for rho in [-0.5f64, 0.0, 0.2, 0.4, 0.6, 0.9] {
        let at = TeacherStudent { overlap: rho };
        let other = [rho, (1.0 - rho * rho).sqrt()];
        nb.claim(
            "transfer from what was learned",
            0.5 - loss(&a, &other),
            at.transfer()?,
            Tol::Order { h: 1e-14, p: 1 },
        )?;
        let best = [rho * a[0], rho * a[1]];
        nb.claim(
            "transfer after scaling by ρ",
            0.5 - loss(&best, &other),
            at.scaled_transfer()?,
            Tol::Order { h: 1e-13, p: 1 },
        )?;
        let gain = at.scaled_transfer()? - at.transfer()?;
        nb.claim("what scaling adds", gain, 0.5 * (1.0 - rho).powi(2), Tol::Order { h: 1e-13, p: 1 })?;
    }

    // Only directions help. Tasks whose inputs fill different subspaces, with projectors $P_A$ and $P_B$, forget
    // $\tfrac12|P_A P_B(w_B - w_A)|^2$: nothing if the subspaces are orthogonal. The same delta rule, with a projector as
    // second moments of the inputs, trained to the end:
    let mut worst = Vec::new();
    for angle in [0.0f64, 0.3, 0.8, PI / 2.0] {
        let along = |angle: f64| {
            let e = DVector::from_vec(vec![angle.cos(), angle.sin(), 0.0]);
            let z = DVector::from_vec(vec![0.0, 0.0, 1.0]);
            (&e * e.transpose(), &e * e.transpose() + &z * z.transpose())
        };
        let (pa, pb) = (along(0.0).0, along(angle).1);
        let (wa, wb) = ([0.9, 0.2, -0.3], [-0.4, 0.7, 0.5]);
        let model = Model::compose("classroom+delta(target=y_b)", &parts())?
            .with("K", "3")?
            .with("C", &moments(&pb))?
            .with("b", &list(&wb))?;
        let end = integrate(&model, &model.names().defaults(), &wa, 40.0, &Integration::default())?;
        let off = DVector::from_column_slice(end.last()) - DVector::from_column_slice(&wa);
        let forgotten = 0.5 * (&pa * off).norm_squared();
        let theory = subspace_forgetting(&pa, &pb, &wa, &wb)?;
        nb.claim("forgetting between subspaces, off by", forgotten - theory, 0.0, Tol::Order { h: 1e-8, p: 1 })?;
        worst.push(forgotten);
    }
    nb.claim("forgetting between orthogonal subspaces", worst[3], 0.0, Tol::Order { h: 1e-12, p: 1 })?;

    let (old, new): (Vec<f64>, Vec<f64>) = run.x.iter().map(|w| (loss(w, &a), loss(w, &b))).unzip();
    let (shrunk_old, shrunk_new): (Vec<f64>, Vec<f64>) = (0..=40).map(|k| scaled(1.0 - 0.02 * f64::from(k))).unzip();
    let (anchor_old, anchor_new): (Vec<f64>, Vec<f64>) =
        [0.1, 0.5, 1.0, 3.0, 10.0].iter().filter_map(|l| pair.anchored(*l).ok()).map(|l| (l.old, l.new)).unzip();
    let (fit_old, fit_new): (Vec<f64>, Vec<f64>) = fits.into_iter().unzip();
    let frontier = Panel::new(
        Axis::linear("loss on the old task", "").range(0.0, 0.42),
        Axis::linear("loss on the new task", "").range(0.0, 0.45),
    )
    .add(Line::new("early stopping", &old, &new))
    .add(Points::new("anchor", &anchor_old, &anchor_new).ink(Ink::Stable).size(1.0))
    .add(Points::new("few samples, played", &fit_old, &fit_new).ink(Ink::Data).shape(Shape::Square).size(1.0))
    .add(Line::new("downscaling of A", &shrunk_old, &shrunk_new).ink(Ink::Unstable).dashed());
    let transfer = Panel::new(Axis::linear("overlap ρ of the tasks", ""), Axis::linear("transfer", ""))
        .add(Line::of("as learned", (-0.5, 1.0), 100, |r| r - 0.5))
        .add(Line::of("scaled by ρ", (-0.5, 1.0), 100, |r| 0.5 * r * r).ink(Ink::Stable))
        .add(Rule::horizontal("", 0.0));
    nb.figure(
        "two tasks",
        Figure::row([frontier, transfer]).caption(
            "**a** Loss on the old task against loss on the new one, $\\rho = 0.6$: early stopping and an anchor share one frontier; a fit of few samples is worse on average, and downscaling alone leaves it. **b** What having learned $A$ is worth for $B$ before any training.",
        ),
    )
}

// ## Many tasks in a row
//
// Eight orthogonal teachers come one after the other, each followed for a time $\eta t = \tau$. What is left of teacher
// $j$ after task $i$ is $(1 - \epsilon)\,\epsilon^{\,i-j}$ with $\epsilon = e^{-\tau}$: a palimpsest.
// The score of a task is $1 - |w - w_j|^2$: 1 if it is mastered, 0 for silent weights.

fn many_tasks(nb: &mut Notebook) -> Result<()> {
    let tasks = 8usize;
    let model = Model::compose("classroom+delta(target=y_b)", &parts())?.with("K", &tasks.to_string())?;
    // Teacher j is the j-th unit vector of a rotated basis.
    let mut draws = Stream::new(24, &[2]);
    let basis = DMatrix::from_fn(tasks, tasks, |_, _| draws.normal()).qr().q();
    let teacher = |j: usize| basis.column(j).iter().copied().collect::<Vec<f64>>();
    let score = |w: &[f64], j: usize| 1.0 - 2.0 * loss(w, &teacher(j));
    // The score matrix, and the weights at the end; after each task the weights may be changed by a homeostat.
    let learn = |span: f64, homeostat: &dyn Fn(&mut Vec<f64>)| -> Result<(DMatrix<f64>, Vec<f64>)> {
        let mut r = DMatrix::zeros(tasks, tasks);
        let mut w = vec![0.0; tasks];
        for i in 0..tasks {
            let now = model.clone().with("b", &list(&teacher(i)))?;
            w = integrate(&now, &now.names().defaults(), &w, span, &Integration::default())?.last().to_vec();
            homeostat(&mut w);
            (0..tasks).for_each(|j| r[(i, j)] = score(&w, j));
        }
        Ok((r, w))
    };
    let left_alone = |_: &mut Vec<f64>| {};
    let to_length_one = |w: &mut Vec<f64>| {
        let length = w.iter().map(|x| x * x).sum::<f64>().sqrt();
        w.iter_mut().for_each(|x| *x /= length);
    };

    let span = 0.5f64;
    let rest = (-span).exp();
    let (matrix, w) = learn(span, &left_alone)?;
    for i in 0..tasks {
        let length = (0..=i).map(|j| ((1.0 - rest) * rest.powi((i - j) as i32)).powi(2)).sum::<f64>();
        for j in 0..tasks {
            let part = if j <= i { (1.0 - rest) * rest.powi((i - j) as i32) } else { 0.0 };
            nb.claim(
                "score of task j after task i",
                matrix[(i, j)],
                2.0 * part - length,
                Tol::Order { h: 1e-6, p: 1 },
            )?;
        }
    }
    let (_, w_forced) = learn(span, &to_length_one)?;
    // A homeostat that restores the length of the weights after each task keeps all cosines of that moment, but the next
    // task then meets stronger old weights: the old is favoured, the values are wrong.
    let cosine = |w: &[f64], j: usize| {
        w.iter().zip(teacher(j)).map(|(a, b)| a * b).sum::<f64>() / w.iter().map(|x| x * x).sum::<f64>().sqrt()
    };
    nb.claim_holds(
        "restoring the length favours the oldest task",
        cosine(&w_forced, 0) > cosine(&w, 0),
        format!("cosine with the first teacher {:.3} instead of {:.3}", cosine(&w_forced, 0), cosine(&w, 0)),
    )?;

    // The measures of machine learning: mean score at the end (ACC), backward and forward transfer (BWT, FWT), and
    // forgetting, the loss from the best score.
    let printed = dmatrix![0.90, 0.30, 0.25; 0.70, 0.88, 0.35; 0.60, 0.80, 0.92];
    let of = scores(&printed, &[0.2; 3])?;
    nb.claim("ACC of a printed matrix", of.accuracy, 0.7733333333, Tol::Printed(10))?;
    nb.claim("BWT of a printed matrix", of.backward_transfer.unwrap_or(0.0), -0.19, Tol::Printed(10))?;
    nb.claim("FWT of a printed matrix", of.forward_transfer.unwrap_or(0.0), 0.125, Tol::Printed(10))?;
    nb.claim("forgetting of a printed matrix", of.forgetting.unwrap_or(0.0), 0.19, Tol::Printed(10))?;

    // From 0.05 to 4, evenly on a logarithmic axis.
    let spans: Vec<f64> = (0..=40).map(|k| 0.05 * 80f64.powf(f64::from(k) / 40.0)).collect();
    let (mut acc, mut bwt, mut acc_forced, mut bwt_forced) = (vec![], vec![], vec![], vec![]);
    for &span in &spans {
        let alone = scores(&learn(span, &left_alone)?.0, &vec![0.0; tasks])?;
        let held = scores(&learn(span, &to_length_one)?.0, &vec![0.0; tasks])?;
        // A sum of geometric series.
        let e = (-span).exp();
        let parts: f64 = (0..tasks).map(|k| (1.0 - e) * e.powi(k as i32)).sum();
        let length = (0..tasks).map(|k| ((1.0 - e) * e.powi(k as i32)).powi(2)).sum::<f64>();
        let theory = 2.0 * parts / tasks as f64 - length;
        nb.claim("mean score at the end", alone.accuracy, theory, Tol::Order { h: 1e-6, p: 1 })?;
        acc.push(alone.accuracy);
        bwt.push(alone.backward_transfer.unwrap_or(f64::NAN));
        acc_forced.push(held.accuracy);
        bwt_forced.push(held.backward_transfer.unwrap_or(f64::NAN));
    }
    // The best that any weights could do for all eight tasks is their mean, with the score $1/T$; learning them one after
    // the other comes near it only if each is learned a little.
    let best = acc.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    nb.claim_holds(
        "the best mean score stays below that of joint learning",
        best < 1.0 / tasks as f64 && best > 0.8 / tasks as f64,
        format!("{best:.4} of {:.4}", 1.0 / tasks as f64),
    )?;
    nb.claim_holds(
        "full training of each task forgets the others",
        acc[40] < acc[0] && acc[40] < 0.5 * best,
        "the mean score falls below that of hardly learning",
    )?;
    let dots = |x: &[f64]| x.to_vec();
    nb.figure(
        "many tasks",
        Figure::row([
            Panel::new(Axis::log("training per task ηt", ""), Axis::linear("score", ""))
                .title("weights left alone")
                .add(Line::new("mean at the end", &spans, &dots(&acc)).ink(Ink::Data))
                .add(Line::new("backward transfer", &spans, &dots(&bwt)).ink(Ink::Unstable))
                .add(Rule::horizontal("1/T", 1.0 / tasks as f64))
                .add(Rule::horizontal("0", 0.0)),
            Panel::new(Axis::log("training per task ηt", ""), Axis::linear("score", ""))
                .title("length restored")
                .add(Line::new("mean at the end", &spans, &dots(&acc_forced)).ink(Ink::Data))
                .add(Line::new("backward transfer", &spans, &dots(&bwt_forced)).ink(Ink::Unstable))
                .add(Rule::horizontal("0", 0.0)),
        ])
        .caption(
            "Eight orthogonal tasks in a row. **a** Each pays for the others: the mean score is best if each is learned a little. **b** A homeostat that restores the length of the weights after each task makes every value too large, whatever the training.",
        ),
    )
}

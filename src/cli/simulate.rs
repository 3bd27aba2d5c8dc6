//! How does a model move? One deterministic run, or an ensemble with noise.

use super::Outcome;
use super::model::{self, ModelArgs};
use super::shell::{Answer, Shell};
use crate::dynamics::{Ensemble, Integration, Record, Stop, ensemble, fastest_decay, integrate, sizes};
use crate::field::{Error, Field, Result};
use crate::figures;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Simulate, with or without noise
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Without --noise the equations are integrated to a relative tolerance of 1e-9 a step; a blow-up is located.\n\
    With --noise the white noise of the model is on, and the rows are means and quantiles over the trials.\n\
    Ctrl-C ends it with what is done: trials that reached the end, or all until then; the exit code is 75.\n\nExamples:\n  \
    homeostat simulate neuron+bcm --until '300 s' --out run.csv\n  \
    homeostat simulate neuron+hebb_threshold --until '100 s' --start w=1.5\n  \
    homeostat simulate model.toml --until '10 s' --noise --trials 1000 --dt '1 ms'"
)]
pub struct Simulate {
    #[command(flatten)]
    model: ModelArgs,
    /// How long: '300 s', '2 h'
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    until: String,
    /// Distance of the rows; a 200th of the time without it
    #[arg(long, value_name = "T")]
    every: Option<String>,
    /// Switch the model's white noise on
    #[arg(long)]
    noise: bool,
    /// How many noisy trials
    #[arg(long, default_value_t = 100, requires = "noise", value_name = "N")]
    trials: usize,
    /// Step of the noisy integration; without it a twentieth of the fastest time, and at most a 20000th of the whole
    #[arg(long, requires = "noise", value_name = "T")]
    dt: Option<String>,
}

impl Simulate {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let until = model::time("--until", &self.until)?;
        let every = match &self.every {
            Some(text) => model::time("--every", text)?,
            None => until / 200.0,
        };
        let model = self.model.load()?;
        let (p, start) = (model.names().defaults(), model.names().start());
        let mut object = model::head(&model);
        let answer = if self.noise {
            if model.names().noises.is_empty() {
                return Err(Error::usage(
                    format!("`{}` has no noise", model.names().model),
                    "add a term with xi to an equation, or leave --noise out",
                ));
            }
            // Euler's steps must be much shorter than the fastest time, or the variance of the fastest variable is wrong by
            // the share dt/2 of that time.
            let fastest = 1.0 / fastest_decay(&model.jacobian(&start, &p));
            let dt = match &self.dt {
                Some(text) => model::time("--dt", text)?,
                None => (until / 20_000.0).min(fastest / 20.0),
            };
            if dt > fastest / 5.0 {
                shell.warn(&format!(
                    "the step of {dt} s is not much shorter than the fastest time at the start, {fastest:.3} s: \
                     variances will be off"
                ));
            }
            let steps = Arc::new(AtomicU64::new(0));
            let progress = shell.progress("steps");
            let watch = progress.watch(steps.clone(), (until / dt).ceil() as u64 * self.trials as u64);
            let run = ensemble(
                &model,
                &p,
                &start,
                until,
                &Ensemble {
                    members: self.trials,
                    dt,
                    seed: shell.seed,
                    record_every: every,
                    interrupt: Some(super::interrupt::flag()),
                    keep: true,
                    progress: Some(steps),
                    ..Ensemble::default()
                },
            )?;
            watch.end();
            if run.interrupted {
                let end = run.t.last().copied().unwrap_or(0.0);
                shell.warn(&format!("interrupted: {} of {} trials, until t = {end} s", run.members, self.trials));
            }
            object.insert("trials".into(), json!(run.members));
            object.insert("dt".into(), json!(run.dt));
            object.insert("seed".into(), json!(shell.seed));
            run.lost.iter().take(3).for_each(|l| {
                shell.warn(&format!("trial {} left the finite numbers at t = {} s in `{}`", l.member, l.t, l.variable));
            });
            Answer { table: Some(run.table()), figure: Some(figures::spread(&run).to_svg()), ..Answer::default() }
        } else {
            let options = Integration {
                record: Record::Every(every),
                interrupt: Some(super::interrupt::flag()),
                ..Integration::default()
            };
            let run = integrate(&model, &p, &start, until, &options)?;
            object.insert("stopped".into(), json!(run.stopped.word()));
            if run.stopped == Stop::Interrupted {
                shell.warn(&format!("interrupted: until t = {} s of {until} s", run.t.last().copied().unwrap_or(0.0)));
            }
            let mut foot = Vec::new();
            if let Stop::BlowUp(end) = &run.stopped {
                foot.push(format!("blow-up at t = {} s ± {:.1e} s", end.t, end.error));
                object.insert("blow_up".into(), json!({"t": end.t, "error": end.error}));
            }
            let figure = Some(figures::run(&run)?.to_svg());
            let sizes = sizes(&model, run.x.iter().map(|x| (p.clone(), x.clone())));
            let table = Some(run.table().sized(&model.names().variables, &sizes));
            Answer { table, figure, foot, ..Answer::default() }
        };
        object.insert("rows".into(), super::shell::rows(answer.table.as_ref().expect("just made")));
        shell.answer(&Answer { json: Value::Object(object), ..answer })?;
        Ok(Outcome::Done)
    }
}

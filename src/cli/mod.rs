//! What can be asked from the command line? One file per command; each is short, because the work is done below.

mod check;
mod continue_;
mod continue_answer;
mod convert;
mod cycle_answer;
mod eval;
mod fixed_points;
mod information;
mod interrupt;
mod memory;
mod model;
mod models;
mod noise;
mod overlay;
mod report;
mod rest;
mod shell;
mod show;
mod simulate;
mod spectrum;
mod stability;
mod time_window;
mod validate;

use crate::field::{Error, Result};
use crate::notebook::Entry;
use clap::{CommandFactory, Parser, Subcommand};
use shell::Shell;
use std::process::ExitCode;

/// What a command ends with when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; exit code 0.
    Done,
    /// A validation that disagrees; exit code 1.
    Disagrees,
}

#[derive(Parser)]
#[command(
    name = "homeostat",
    version,
    about = "Plasticity and homeostasis: fixed points with proof, stability, simulation, information, validation.",
    long_about = "A theorist writes a mechanism once, as equations; everything else follows: composition with any circuit, \
                  all fixed points with a proof, stability over a box of parameters, simulation, figures, and a verdict on \
                  whether somebody's simulation agrees.",
    after_help = "A first tour:\n  \
                  homeostat models                                   what there is\n  \
                  homeostat show neuron+bcm                          its equations and parameters\n  \
                  homeostat fixed-points neuron+bcm                  all of its fixed points, with proof\n  \
                  homeostat stability neuron+bcm --over tau_theta=1:30\n  \
                  homeostat report --open                            every claim of the project, checked\n\n\
                  Exit codes: 0 done, 1 a validation that disagrees, 2 usage, 65 bad input, 70 our bug, 75 try again."
)]
struct Line {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Models(models::Models),
    Show(show::Show),
    Check(check::Check),
    Convert(convert::Convert),
    Eval(eval::Eval),
    FixedPoints(fixed_points::FixedPointsOf),
    Stability(stability::StabilityOf),
    Continue(continue_::Continue),
    Simulate(simulate::Simulate),
    Information(Box<information::Information>),
    Memory(memory::Memory),
    Spectrum(spectrum::Spectrum),
    Validate(validate::Validate),
    Report(report::Report),
    /// Print the completions of a shell: bash, zsh, fish, elvish, powershell
    #[command(after_help = "Examples:\n  homeostat completions bash")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Examples:\n  homeostat man")]
    Man,
}

/// The program: read the command line, do one command, answer with an exit code.
///
/// `notebooks` are what `homeostat report` runs.
pub fn main(notebooks: &'static [Entry]) -> ExitCode {
    std::panic::set_hook(Box::new(|bug| {
        eprintln!(
            "homeostat: internal error: {bug}\nhelp: this is a bug of ours; please report it with the command you ran"
        );
    }));
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(e) => {
            // Help and version are answers, everything else is a usage error.
            let code = if e.use_stderr() { 2 } else { 0 };
            return if e.print().is_ok() { ExitCode::from(code) } else { ExitCode::from(70) };
        }
    };
    match std::panic::catch_unwind(|| line.run(notebooks)) {
        // What a command wrote is whole; but it is not all that was asked for.
        Ok(Ok(_)) if interrupt::asked() => {
            eprintln!("interrupted: only what was done until then is shown and written");
            ExitCode::from(75)
        }
        Ok(Ok(Outcome::Done)) => ExitCode::SUCCESS,
        Ok(Ok(Outcome::Disagrees)) => ExitCode::from(1),
        Ok(Err(e)) => {
            eprintln!("error: {e}");
            ExitCode::from(e.exit_code())
        }
        Err(_) => ExitCode::from(70),
    }
}

impl Line {
    fn run(&self, notebooks: &[Entry]) -> Result<Outcome> {
        interrupt::listen();
        if let Some(n) = self.shell.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(n)
                .use_current_thread()
                .build_global()
                .map_err(|e| Error::usage(format!("--threads {n}: {e}"), "give a number of threads from 1 on"))?;
        }
        let shell = &self.shell;
        match &self.command {
            Command::Models(c) => c.run(shell),
            Command::Show(c) => c.run(shell),
            Command::Check(c) => c.run(shell),
            Command::Convert(c) => c.run(shell),
            Command::Eval(c) => c.run(shell),
            Command::FixedPoints(c) => c.run(shell),
            Command::Stability(c) => c.run(shell),
            Command::Continue(c) => c.run(shell),
            Command::Simulate(c) => c.run(shell),
            Command::Information(c) => c.run(shell),
            Command::Memory(c) => c.run(shell),
            Command::Spectrum(c) => c.run(shell),
            Command::Validate(c) => c.run(shell),
            Command::Report(c) => c.run(shell, notebooks),
            Command::Completions { shell: kind } => {
                let mut text = Vec::new();
                clap_complete::generate(*kind, &mut Line::command(), "homeostat", &mut text);
                shell::print(&String::from_utf8_lossy(&text))?;
                Ok(Outcome::Done)
            }
            Command::Man => {
                let mut text = Vec::new();
                clap_mangen::Man::new(Line::command())
                    .render(&mut text)
                    .map_err(|e| Error::Io { path: "<manual page>".into(), cause: e.to_string() })?;
                shell::print(&String::from_utf8_lossy(&text))?;
                Ok(Outcome::Done)
            }
        }
    }
}

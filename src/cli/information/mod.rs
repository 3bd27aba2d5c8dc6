//! What can be read from a circuit, or from two columns of data?

mod ask;
mod data;
mod declare;
mod estimator;
mod show;

use super::Outcome;
use super::model::ModelArgs;
use super::shell::Shell;
use crate::field::{Error, Result};

/// Information, Fisher information and d' of a model, or information estimated from data
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A model: while a stimulus is shown, plastic and homeostatic variables are held and the fast ones come to rest; \
    between stimuli the circuit follows the mean stimulus. Noise is drawn anew for every stimulus: on a parameter it enters \
    where the parameter does, on a quantity that is read it is added last.\n\
    --stimulus x='10 Hz:1 Hz' is Gaussian (mean:sd), x=5..20 uniform, x=2,5,10 equally likely values, x=logistic:10:1.\n\
    With --ablate every curve is repeated without each plastic, homeostatic or modulating part: in --along and --perturb \
    what it moved stays where it was when it was taken away, otherwise it was never there.\n\n\
    Data: --x, --y and --given name columns of a CSV or Parquet file, several with commas or 'r_*'. Two columns \
    of labels are answered by all corrections beside what they say of shuffled pairings.\n\nExamples:\n  \
    homeostat information leaky+gain --stimulus x='10 Hz:1 Hz' --read r --noise x=0.5 --noise r=1\n  \
    homeostat information leaky+gain --stimulus x=10:1 --read r --noise x=0.5 --noise r=1 --perturb w=0.25@10:200 --until '400 s' --ablate\n  \
    homeostat information leaky+intrinsic+sigmoid_rate --stimulus x=10:2 --read r --noise counts='0.5 s' --along I=-10:10 --ablate --out information.svg\n  \
    homeostat information data/bcm_rate/stable_S1.csv --x y_0 --y theta_0 --permutations 20\n  \
    homeostat information data/bcm_rate/stable_S1.csv --x y_0 --y theta_0 --estimator transfer-entropy --lags 1,2 --permutations 19 --shift 50\n  \
    homeostat information data/bcm_rate/stable_S1.csv --x y_0 --y theta_0 --window 200:100 --out course.svg"
)]
pub struct Information {
    /// A model, as in the other commands, or a table of data (.csv, .parquet)
    #[arg(value_name = "MODEL|DATA")]
    target: String,
    /// A parameter, a start or a size: --set tau_w='20 s'
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where a variable starts: it also says which of several fixed points is meant
    #[arg(long, value_name = "VAR=VALUE", allow_hyphen_values = true)]
    start: Vec<String>,
    /// The parameter that carries the stimulus, and how it is distributed; a tenth of its value wide without that
    #[arg(long, value_name = "Q=MEAN:SD", allow_hyphen_values = true)]
    stimulus: Option<String>,
    /// The quantities that are read
    #[arg(long, value_name = "Q,…", value_delimiter = ',')]
    read: Vec<String>,
    /// Noise: 'r=1 Hz' on a quantity, counts='0.1 s' for Poisson counts in a window, field for the model's own white noise
    #[arg(long, value_name = "Q=SD|counts=T|field")]
    noise: Vec<String>,
    /// Hold these variables while a stimulus is shown, instead of the plastic and homeostatic ones
    #[arg(long, value_name = "VAR,…", value_delimiter = ',')]
    hold: Option<Vec<String>>,
    /// The distance of two stimuli for d'; one standard deviation without it
    #[arg(long, value_name = "VALUE")]
    difference: Option<String>,
    /// Along a parameter, adapting anew at every value
    #[arg(long, value_name = "P=LO:HI", allow_hyphen_values = true, conflicts_with_all = ["through", "perturb"])]
    along: Option<String>,
    /// Along the branch of fixed points in that parameter, unstable ones included
    #[arg(long, requires = "along")]
    branch: bool,
    /// Through learning: from the start to this time
    #[arg(long, value_name = "T", conflicts_with = "perturb")]
    through: Option<String>,
    /// Before, during and after a perturbation: w=0.5@10 from 10 s on, w=0.5@10:60 until 60 s
    #[arg(long, value_name = "P=V@T[:T]", allow_hyphen_values = true)]
    perturb: Option<String>,
    /// The end of a perturbed course; twice the last time of --perturb without it
    #[arg(long, value_name = "T", requires = "perturb")]
    until: Option<String>,
    /// The same without each mechanism
    #[arg(long)]
    ablate: bool,
    /// How many values or times
    #[arg(long, default_value_t = 20, value_name = "N")]
    points: usize,
    /// Where to look for other fixed points, instead of the declared ranges
    #[arg(long, value_name = "VAR=LO:HI", allow_hyphen_values = true)]
    range: Vec<String>,
    #[command(flatten)]
    data: data::DataArgs,
}

impl Information {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let table = [".csv", ".parquet", ".tsv", ".dat"].iter().any(|end| self.target.ends_with(end));
        let about_data = !self.data.x.is_empty() || !self.data.y.is_empty();
        let about_model = self.stimulus.is_some() || !self.read.is_empty();
        match (table || about_data, about_model) {
            (true, true) => Err(Error::usage(
                format!("{}: --stimulus and --read ask a model, --x and --y ask data", self.target),
                "use one pair",
            )),
            (true, false) => self.data.run(&self.target, shell),
            (false, _) => self.ask(shell),
        }
    }
    fn model(&self) -> ModelArgs {
        ModelArgs { model: self.target.clone(), set: self.set.clone(), start: self.start.clone() }
    }
}

//! The notebooks, in the order in which the report shows them. The command line and the tests read this list.
//!
//! *To add one*: write `analysis/NN_name.rs` with `pub fn run(nb: &mut Notebook) -> Result<()>` and give it its two
//! lines here.

use homeostat::notebook::Entry;

#[path = "18_ablation.rs"]
mod ablation;
#[path = "24_associations.rs"]
mod associations;
#[path = "26_attractors.rs"]
mod attractors;
#[path = "07_balance.rs"]
mod balance;
#[path = "15_band_information.rs"]
mod band_information;
#[path = "15_bands.rs"]
mod bands;
#[path = "papers/benna_fusi_2016.rs"]
mod benna_fusi_2016;
#[path = "papers/bienenstock_1982.rs"]
mod bienenstock_1982;
#[path = "papers/cannon_miller_2017.rs"]
mod cannon_miller_2017;
#[path = "22_contexts.rs"]
mod contexts;
#[path = "24_continual.rs"]
mod continual;
#[path = "20_drift.rs"]
mod drift;
#[path = "10_dynamic_range.rs"]
mod dynamic_range;
#[path = "25_estimators.rs"]
mod estimators;
#[path = "06_excitability.rs"]
mod excitability;
#[path = "papers/fusi_2005.rs"]
mod fusi_2005;
#[path = "papers/harnack_2015.rs"]
mod harnack_2015;
#[path = "papers/miller_mackay_1994.rs"]
mod miller_mackay_1994;
#[path = "02_normalisation.rs"]
mod normalisation;
#[path = "papers/oja_1982.rs"]
mod oja_1982;
#[path = "19_pareto.rs"]
mod pareto;
#[path = "14_rhythm.rs"]
mod rhythm;
#[path = "01_runaway.rs"]
mod runaway;
#[path = "23_scaled_traces.rs"]
mod scaled_traces;
#[path = "04_scaling.rs"]
mod scaling;
#[path = "27_simulations.rs"]
mod simulations;
#[path = "03_sliding_threshold.rs"]
mod sliding_threshold;
#[path = "13_slow_fast.rs"]
mod slow_fast;
#[path = "papers/soldado_magraner_2022.rs"]
mod soldado_magraner_2022;
#[path = "05_time_paradox.rs"]
mod time_paradox;
#[path = "08_topology.rs"]
mod topology;
#[path = "23_traces.rs"]
mod traces;
#[path = "26_transients_and_rings.rs"]
mod transients_and_rings;
#[path = "21_transmission.rs"]
mod transmission;
#[path = "papers/udeigwe_2017.rs"]
mod udeigwe_2017;
#[path = "papers/vogels_2011.rs"]
mod vogels_2011;
#[path = "papers/zenke_2013.rs"]
mod zenke_2013;

/// All of them.
pub const NOTEBOOKS: &[Entry] = &[
    Entry { name: "01_runaway", source: include_str!("01_runaway.rs"), run: runaway::run },
    Entry { name: "02_normalisation", source: include_str!("02_normalisation.rs"), run: normalisation::run },
    Entry {
        name: "03_sliding_threshold",
        source: include_str!("03_sliding_threshold.rs"),
        run: sliding_threshold::run,
    },
    Entry { name: "04_scaling", source: include_str!("04_scaling.rs"), run: scaling::run },
    Entry { name: "05_time_paradox", source: include_str!("05_time_paradox.rs"), run: time_paradox::run },
    Entry { name: "06_excitability", source: include_str!("06_excitability.rs"), run: excitability::run },
    Entry { name: "07_balance", source: include_str!("07_balance.rs"), run: balance::run },
    Entry { name: "08_topology", source: include_str!("08_topology.rs"), run: topology::run },
    Entry { name: "10_dynamic_range", source: include_str!("10_dynamic_range.rs"), run: dynamic_range::run },
    Entry { name: "13_slow_fast", source: include_str!("13_slow_fast.rs"), run: slow_fast::run },
    Entry { name: "14_rhythm", source: include_str!("14_rhythm.rs"), run: rhythm::run },
    Entry { name: "15_bands", source: include_str!("15_bands.rs"), run: bands::run },
    Entry { name: "15_band_information", source: include_str!("15_band_information.rs"), run: band_information::run },
    Entry { name: "18_ablation", source: include_str!("18_ablation.rs"), run: ablation::run },
    Entry { name: "19_pareto", source: include_str!("19_pareto.rs"), run: pareto::run },
    Entry { name: "20_drift", source: include_str!("20_drift.rs"), run: drift::run },
    Entry { name: "21_transmission", source: include_str!("21_transmission.rs"), run: transmission::run },
    Entry { name: "22_contexts", source: include_str!("22_contexts.rs"), run: contexts::run },
    Entry { name: "23_scaled_traces", source: include_str!("23_scaled_traces.rs"), run: scaled_traces::run },
    Entry { name: "23_traces", source: include_str!("23_traces.rs"), run: traces::run },
    Entry { name: "24_associations", source: include_str!("24_associations.rs"), run: associations::run },
    Entry { name: "24_continual", source: include_str!("24_continual.rs"), run: continual::run },
    Entry { name: "25_estimators", source: include_str!("25_estimators.rs"), run: estimators::run },
    Entry { name: "26_attractors", source: include_str!("26_attractors.rs"), run: attractors::run },
    Entry {
        name: "26_transients_and_rings",
        source: include_str!("26_transients_and_rings.rs"),
        run: transients_and_rings::run,
    },
    Entry { name: "27_simulations", source: include_str!("27_simulations.rs"), run: simulations::run },
    Entry {
        name: "papers/benna_fusi_2016",
        source: include_str!("papers/benna_fusi_2016.rs"),
        run: benna_fusi_2016::run,
    },
    Entry {
        name: "papers/bienenstock_1982",
        source: include_str!("papers/bienenstock_1982.rs"),
        run: bienenstock_1982::run,
    },
    Entry {
        name: "papers/cannon_miller_2017",
        source: include_str!("papers/cannon_miller_2017.rs"),
        run: cannon_miller_2017::run,
    },
    Entry { name: "papers/fusi_2005", source: include_str!("papers/fusi_2005.rs"), run: fusi_2005::run },
    Entry { name: "papers/harnack_2015", source: include_str!("papers/harnack_2015.rs"), run: harnack_2015::run },
    Entry {
        name: "papers/miller_mackay_1994",
        source: include_str!("papers/miller_mackay_1994.rs"),
        run: miller_mackay_1994::run,
    },
    Entry { name: "papers/oja_1982", source: include_str!("papers/oja_1982.rs"), run: oja_1982::run },
    Entry {
        name: "papers/soldado_magraner_2022",
        source: include_str!("papers/soldado_magraner_2022.rs"),
        run: soldado_magraner_2022::run,
    },
    Entry { name: "papers/udeigwe_2017", source: include_str!("papers/udeigwe_2017.rs"), run: udeigwe_2017::run },
    Entry { name: "papers/vogels_2011", source: include_str!("papers/vogels_2011.rs"), run: vogels_2011::run },
    Entry { name: "papers/zenke_2013", source: include_str!("papers/zenke_2013.rs"), run: zenke_2013::run },
];

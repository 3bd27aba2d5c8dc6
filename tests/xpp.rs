//! Does XPPAUT read what we write, do we read what it reads, and does everything move as it does there?
//!
//! `tests/reference/xpp.csv` holds where XPPAUT 6.11 is after parts of a run: models of the catalogue in the files that
//! `homeostat convert MODEL --to ode` writes, and files written by hand with the words, arrays and functions that are read.

use homeostat::dynamics::{Integration, integrate};
use homeostat::field::Field;
use homeostat::lang::{Library, Model};
use homeostat::models;
use homeostat::num::Tol;

/// XPP's single precision, and a hundred of its error tolerance.
const SINGLE: Tol = Tol::Order { h: 1e-6, p: 1 };

const BY_HAND: [(&str, &str); 3] = [
    ("words.ode", include_str!("reference/xpp/words.ode")),
    ("ring.ode", include_str!("reference/xpp/ring.ode")),
    ("functions.ode", include_str!("reference/xpp/functions.ode")),
];

fn model(name: &str, settings: &str) -> Model {
    let mut model = match BY_HAND.iter().find(|(file, _)| *file == name) {
        Some((file, text)) => Model::compose("m", &Library::default().with("m", file, None, text)).unwrap(),
        None => models::model(name).unwrap(),
    };
    let settings: Vec<(&str, &str)> = settings.split(';').filter_map(|s| s.split_once('=')).collect();
    model.set_all(&settings).unwrap();
    model
}

#[test]
fn cross_xpp_moves_as_we_do() {
    let table: Vec<Vec<&str>> =
        include_str!("reference/xpp.csv").lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut runs = 0;
    for rows in table.chunk_by(|a, b| a[..2] == b[..2]) {
        let (text, settings) = (rows[0][0], rows[0][1]);
        let model = model(text, settings);
        let (p, start) = (model.names().defaults(), model.names().start());
        let number = |text: &str| text.parse::<f64>().unwrap();
        let until = rows.iter().map(|row| number(row[2])).fold(0.0, f64::max);
        let run = integrate(&model, &p, &start, until, &Integration::default()).unwrap();
        // At a hard bound XPP's last step goes past it by about its tolerance; ours does not.
        let bounds = model.bounds(&p);
        for row in rows {
            let (t, wanted) = (number(row[2]), row[3].split(' ').map(number));
            let got = run.at(t).unwrap();
            assert_eq!(got.len(), wanted.clone().count(), "{text}");
            for (k, (got, mut wanted)) in got.iter().zip(wanted).enumerate() {
                if let Some((_, low, high)) = bounds.iter().find(|(at, ..)| *at == k) {
                    wanted = wanted.clamp(*low, *high);
                }
                let name = format!("{text} with {settings}: {} at {t}", model.names().variables[k].name);
                assert!(SINGLE.judge(*got, wanted).holds, "{}", SINGLE.complaint(&name, *got, wanted, "XPPAUT 6.11"));
            }
        }
        runs += 1;
    }
    assert_eq!(runs, 25);
}

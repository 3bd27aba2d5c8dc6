//! How long does an estimate of information take, on one thread and on two, and how does that grow with the samples?
//!
//!     cargo bench --bench estimators                    all rows
//!     cargo bench --bench estimators -- write FOLDER    the data of the rows, for other programs
//!     cargo bench --bench estimators -- time ROW THREADS REPEATS    seconds of each repeat and the answer in nats
//!
//! `benches/peers/estimators.py` alternates the last form with scikit-learn, NPEET, numpy and the crate `infomeasure` on
//! the written data and prints ratios. Neighbour estimators run as the peers' do: 3 neighbours, raw values, no surrogates.

use homeostat::coding::estimators::{
    Continuous, Correction, Points, discrete_information, information, information_test,
};
use homeostat::coding::resampling::Exchange;
use homeostat::num::Stream;
use rand_distr::{Distribution, Poisson};
use std::f64::consts::LN_2;
use std::time::Instant;

const ROWS: [&str; 6] = ["ksg-1e3", "ksg-1e4", "ksg-1e5", "ksg-5+5", "plug-in", "permutations"];

/// Samples of both sides of a row, one column per variable.
struct Data {
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
}

fn normal_pair(n: usize, rho: f64) -> Data {
    let mut draws = Stream::new(1, &[n as u64]);
    let x: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
    let y = x.iter().map(|x| rho * x + (1.0 - rho * rho).sqrt() * draws.normal()).collect();
    Data { x: vec![x], y: vec![y] }
}

/// d + d normal variables, all correlations ½.
fn dense(n: usize, d: usize) -> Data {
    let mut draws = Stream::new(2, &[n as u64]);
    let mut columns = vec![Vec::with_capacity(n); 2 * d];
    for _ in 0..n {
        let common = draws.normal();
        columns.iter_mut().for_each(|c| c.push(0.5f64.sqrt() * (common + draws.normal())));
    }
    let y = columns.split_off(d);
    Data { x: columns, y }
}

/// 8 stimuli with mean counts 1, 2, … 8.
fn counts(n: usize) -> Data {
    let mut draws = Stream::new(3, &[n as u64]);
    let laws: Vec<Poisson<f64>> = (1..=8).filter_map(|m| Poisson::new(f64::from(m)).ok()).collect();
    let x: Vec<usize> = (0..n).map(|_| draws.index(8)).collect();
    let y = x.iter().map(|&s| laws[s].sample(&mut draws)).collect();
    Data { x: vec![x.into_iter().map(|s| s as f64).collect()], y: vec![y] }
}

fn data(row: &str) -> Data {
    match row {
        "ksg-1e3" | "permutations" => normal_pair(1000, 0.6),
        "ksg-1e4" => normal_pair(10_000, 0.6),
        "ksg-1e5" => normal_pair(100_000, 0.6),
        "ksg-5+5" => dense(10_000, 5),
        "plug-in" => counts(1_000_000),
        other => panic!("no row {other}: there are {ROWS:?}"),
    }
}

/// The work of a row; what it returns is the information in nats.
fn work(row: &str) -> Box<dyn Fn() -> f64 + Sync> {
    let data = data(row);
    if row == "plug-in" {
        let labels = |v: &[f64]| v.iter().map(|x| *x as u32).collect::<Vec<u32>>();
        let (x, y) = (labels(&data.x[0]), labels(&data.y[0]));
        return Box::new(move || {
            discrete_information(&x, &y, Correction::PlugIn, 1).unwrap_or_else(|e| panic!("{e}")).value * LN_2
        });
    }
    let points = |c: &[Vec<f64>]| {
        let columns: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        Points::columns(&columns).unwrap_or_else(|e| panic!("{e}"))
    };
    let (x, y) = (points(&data.x), points(&data.y));
    let options = Continuous { k: 3, raw: true, surrogates: 0, ..Continuous::default() };
    if row == "permutations" {
        return Box::new(move || {
            let test = information_test(&x, &y, &options, Exchange::Samples, 1000, 1);
            test.unwrap_or_else(|e| panic!("{e}")).observed * LN_2
        });
    }
    Box::new(move || information(&x, &y, &options).unwrap_or_else(|e| panic!("{e}")).value * LN_2)
}

/// Seconds of each repeat, after one that is not counted, and the answer.
fn timed(row: &str, threads: usize, repeats: usize) -> (Vec<f64>, f64) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap_or_else(|e| panic!("{e}"));
    let work = work(row);
    pool.install(|| {
        let answer = work();
        let one = |_| {
            let start = Instant::now();
            assert_eq!(work(), answer, "{row} does not repeat itself");
            start.elapsed().as_secs_f64()
        };
        ((0..repeats).map(one).collect(), answer)
    })
}

fn write(folder: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for row in ROWS {
        let data = data(row);
        for (side, columns) in [("x", &data.x), ("y", &data.y)] {
            let bytes: Vec<u8> = columns.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
            std::fs::write(format!("{folder}/{row}.{side}"), bytes)?;
        }
    }
    Ok(())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["write", folder] => write(folder).unwrap_or_else(|e| panic!("{folder}: {e}")),
        ["time", row, threads, repeats] => {
            let number = |text: &str| text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            let (seconds, answer) = timed(row, number(threads), number(repeats));
            seconds.iter().for_each(|s| println!("{s:.7}"));
            println!("{answer:.6}");
        }
        _ => table(),
    }
}

fn table() {
    let mut previous = f64::NAN;
    println!("{:<14}{:>12}{:>12}{:>9}{:>9}{:>10}", "row", "1 thread", "2 threads", "gain", "growth", "nats");
    for row in ROWS {
        let repeats = if row == "permutations" { 3 } else { 15 };
        let least = |threads| {
            let (mut seconds, answer) = timed(row, threads, repeats);
            seconds.sort_by(f64::total_cmp);
            (seconds[0], answer)
        };
        let ((one, answer), (two, again)) = (least(1), least(2));
        assert_eq!(answer, again, "{row} depends on the number of threads");
        // The exponent of the samples, between this row and the one of a tenth of the samples.
        let growth = if row.starts_with("ksg-1e") { (one / previous).log10() } else { f64::NAN };
        previous = one;
        let (one_ms, two_ms) = (one * 1e3, two * 1e3);
        println!("{row:<14}{one_ms:>9.2} ms{two_ms:>9.2} ms{:>9.2}{growth:>9.2}{answer:>10.4}", one / two);
    }
}

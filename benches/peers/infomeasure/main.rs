//! The rows of benches/estimators.rs with the crate infomeasure: `peer FOLDER ROW REPEATS`, threads by RAYON_NUM_THREADS.

use infomeasure::estimators::entropy::GlobalValue;
use infomeasure::estimators::mutual_information::MutualInformation;
use infomeasure::estimators::stats::{StatisticalTest, StatisticalTestConfig};
use ndarray::{Array1, Array2};
use std::time::Instant;

fn read(path: String) -> Vec<f64> {
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, row, repeats] = &arguments[..] else { panic!("peer FOLDER ROW REPEATS") };
    let (x, y) = (read(format!("{folder}/{row}.x")), read(format!("{folder}/{row}.y")));
    let work: Box<dyn Fn() -> f64> = match row.as_str() {
        "plug-in" => {
            let codes = |v: Vec<f64>| v.into_iter().map(|c| c as i32).collect::<Vec<i32>>();
            let (x, y) = (codes(x), codes(y));
            Box::new(move || MutualInformation::mi_discrete_mle(&[&x, &y]).global_only().global_value())
        }
        "permutations" => {
            let both = [Array1::from(x), Array1::from(y)];
            let how = StatisticalTestConfig::permutation(1000).seed(1);
            Box::new(move || {
                MutualInformation::new_ksg(&both, 3, 0.0).statistical_test(&how).unwrap().observed_value
            })
        }
        "ksg-5+5" => {
            let side = |v: Vec<f64>| {
                let n = v.len() / 5;
                Array2::from_shape_fn((n, 5), |(i, j)| v[j * n + i])
            };
            let both = [side(x), side(y)];
            Box::new(move || MutualInformation::nd_ksg::<10, 5, 5>(&both, 3, 0.0).global_value())
        }
        _ => {
            let both = [Array1::from(x), Array1::from(y)];
            Box::new(move || MutualInformation::new_ksg(&both, 3, 0.0).global_value())
        }
    };
    let answer = work();
    for _ in 0..repeats.parse::<usize>().unwrap() {
        let start = Instant::now();
        std::hint::black_box(work());
        println!("{:.7}", start.elapsed().as_secs_f64());
    }
    println!("{answer:.6}");
}

//! Do labels against numbers, conditions and directed information meet closed forms?

use super::*;
use crate::coding::information::dprime_information;
use crate::coding::ledger::{close, unbiased};
use crate::num::Stream;

fn column(values: Vec<f64>) -> Points {
    Points::column(&values).unwrap()
}

#[test]
fn theory_c06_two_stimuli() {
    // I(d' = 2) = 0.4859441541 bits, and d' = 0.
    for d in [2.0, 0.0] {
        unbiased(16, dprime_information(d).unwrap(), 0.01, |seed| {
            let mut draws = Stream::new(seed, &[6]);
            let labels: Vec<u32> = (0..300).map(|i| i % 2).collect();
            let x = labels.iter().map(|&l| d * f64::from(l) + draws.normal()).collect();
            mixed_information(&labels, &column(x), 4).unwrap()
        });
    }
}

#[test]
fn law_mixed_names_and_monotone_maps_do_not_matter() {
    let mut draws = Stream::new(2, &[]);
    let labels: Vec<u32> = (0..120).map(|i| i % 3).collect();
    let x: Vec<f64> = labels.iter().map(|&l| f64::from(l) + draws.normal()).collect();
    let plain = mixed_information(&labels, &column(x.clone()), 3).unwrap();
    let named: Vec<u32> = labels.iter().map(|l| 900 - 300 * l).collect();
    close(mixed_information(&named, &column(x.clone()), 3).unwrap().value, plain.value, 1e-12);
    close(
        mixed_information(&labels, &column(x.iter().map(|v| v.exp()).collect()), 3).unwrap().value,
        plain.value,
        1e-12,
    );
    // A constant side is 0, a rare label is named, NaN never enters.
    assert_eq!(mixed_information(&[5; 120], &column(x.clone()), 3).unwrap().value, 0.0);
    assert_eq!(mixed_information(&labels, &column(vec![1.0; 120]), 3).unwrap().value, 0.0);
    let mut rare = labels.clone();
    rare[7] = 8;
    assert!(mixed_information(&rare, &column(x.clone()), 3).unwrap_err().to_string().contains("label 8"));
    assert!(mixed_information(&labels[1..], &column(x), 3).is_err());
}

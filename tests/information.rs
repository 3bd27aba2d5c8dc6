//! What does `information` say about data, also about data that it cannot use?
//!
//! The truth is in the way the data are made; a file that cannot be answered gets one error with its cause.

use homeostat::data::{Format, to_bytes};
use homeostat::field::{Table, Unit};
use homeostat::num::Stream;
use std::path::PathBuf;
use std::process::Command;

/// 400 rows: a pair of correlation 0.6, a common cause `z` of `a` and `b`, labels with counts and with numbers, a pair of
/// series coupled by one step, a constant, and rounded values.
fn table(rows: usize) -> Table {
    let mut draws = Stream::new(31, &[]);
    let mut columns: Vec<(&str, Vec<f64>)> =
        ["x", "y", "z", "a", "b", "label", "count", "real", "s", "t", "flat", "ties"].map(|n| (n, Vec::new())).into();
    let (mut s, mut t) = (0.0, 0.0);
    for i in 0..rows {
        let (x, z, label) = (draws.normal(), draws.normal(), (i % 4) as f64);
        (t, s) = (0.5 * t + 0.8 * s + draws.normal(), 0.7 * s + draws.normal());
        let count = (0..12).filter(|_| draws.uniform() < 0.1 + 0.25 * label).count() as f64;
        let row = [
            x,
            0.6 * x + 0.8 * draws.normal(),
            z,
            z + draws.normal(),
            z + draws.normal(),
            label,
            count,
            label + draws.normal(),
            s,
            t,
            1.0,
            x.round(),
        ];
        columns.iter_mut().zip(row).for_each(|((_, c), v)| c.push(v));
    }
    columns.into_iter().fold(Table::new(), |table, (name, values)| table.number(name, Unit::NONE, values))
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("homeostat-information-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Exit code, standard output, standard error.
fn run(file: &std::path::Path, flags: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeostat"));
    let out = command.arg("information").arg(file).args(flags.split_whitespace()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn object(file: &std::path::Path, flags: &str) -> serde_json::Value {
    let (code, out, err) = run(file, &format!("{flags} --json"));
    assert_eq!(code, 0, "{flags}: {err}");
    serde_json::from_str(&out).unwrap()
}

/// Is the corrected value within 4.5 standard errors of the truth?
#[track_caller]
fn near(found: &serde_json::Value, truth: f64) {
    let value = found["value"].as_f64().unwrap() - found["bias"].as_f64().unwrap_or(0.0);
    let se = found["se"].as_f64().unwrap();
    assert!((value - truth).abs() < 4.5 * se, "{found}: truth {truth}");
}

#[test]
fn theory_every_estimator_is_reached_and_finds_what_was_put_in() {
    let csv = written("data.csv", &to_bytes(&table(400), Format::Csv).unwrap());
    let parquet = written("data.parquet", &to_bytes(&table(400), Format::Parquet).unwrap());
    let pair = -0.5 * 0.64f64.log2();
    for name in ["ksg1", "ksg2", "lnc", "gaussian", "copula"] {
        near(&object(&csv, &format!("--x x --y y --k 5 --estimator {name}")), pair);
    }
    // The same bytes from a Parquet file.
    assert_eq!(object(&csv, "--x x --y y"), object(&parquet, "--x x --y y"));
    let nats = object(&csv, "--x x --y y --unit nat");
    let bits = object(&csv, "--x x --y y");
    let ratio = nats["value"].as_f64().unwrap() / bits["value"].as_f64().unwrap();
    assert!((ratio - std::f64::consts::LN_2).abs() < 1e-12);
    // A common cause: ½ log₂ 4/3 without z, nothing given z.
    near(&object(&csv, "--x a --y b"), 0.5 * (4.0f64 / 3.0).log2());
    let given = object(&csv, "--x a --y b --given z --permutations 49 --self-check");
    near(&given, 0.0);
    assert!(given["p"].as_f64().unwrap() > 0.02 && given["self_check"].as_array().unwrap().len() == 2);
    assert_eq!(given["measure"], "conditional mutual information");
    let moved = object(&csv, "--x s --y t --estimator transfer-entropy --permutations 49 --shift 20");
    assert_eq!(moved["p"].as_f64().unwrap(), 0.02);
    let back = object(&csv, "--x t --y s --estimator transfer-entropy --permutations 49 --shift 20");
    assert!(back["p"].as_f64().unwrap() > 0.02);
    let mixed = object(&csv, "--x label --y real --permutations 49");
    assert_eq!((mixed["estimator"].as_str().unwrap(), mixed["p"].as_f64().unwrap()), ("mixed", 0.02));
}

#[test]
fn law_labels_are_answered_by_all_corrections_and_intervals_hold_the_value() {
    let csv = written("labels.csv", &to_bytes(&table(400), Format::Csv).unwrap());
    let labels = object(&csv, "--x label --y count --interval");
    let all = labels["corrections"].as_array().unwrap();
    assert_eq!(all.len(), 8);
    // The plug-in is above every correction, and its null above 0.
    let plain = all[0]["value"].as_f64().unwrap();
    assert!(all[1..].iter().all(|c| c["value"].as_f64().unwrap() < plain));
    assert!(all[0]["null"].as_f64().unwrap() > 0.01);
    for flags in ["--x label --y count", "--x x --y y", "--x x --y y --estimator ksg2"] {
        let found = object(&csv, &format!("{flags} --interval"));
        let value = found["value"].as_f64().unwrap() - found["bias"].as_f64().unwrap_or(0.0);
        let end = |name: &str| found["interval"][name].as_f64().unwrap();
        assert!(end("low") < value && value < end("high") && end("high") - end("low") < 0.4, "{found}");
    }
    let windows = object(&csv, "--x x --y y --window 200:100");
    assert_eq!(windows["windows"].as_array().unwrap().len(), 3);
    let svg = csv.with_extension("svg");
    let (code, _, err) = run(&csv, &format!("--x x --y y --window 200 --out {}", svg.display()));
    assert!(code == 0 && std::fs::read_to_string(svg).unwrap().contains("</svg>"), "{err}");
}

#[test]
fn law_what_cannot_be_answered_says_why_once() {
    let csv = written("bad.csv", &to_bytes(&table(400), Format::Csv).unwrap());
    let few = written("few.csv", &to_bytes(&table(15), Format::Csv).unwrap());
    let text = std::fs::read_to_string(&csv).unwrap();
    let edited = |name: &str, line: usize, cell: &str| {
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        let rest = lines[line].split_once(',').unwrap().1.to_string();
        lines[line] = format!("{cell},{rest}");
        written(name, lines.join("\n").as_bytes())
    };
    let (missing, word) = (edited("nan.csv", 7, "nan"), edited("word.csv", 9, "abc"));
    let cases: [(&std::path::Path, &str, i32, &str); 14] = [
        (&missing, "--x x --y y", 65, "nan.csv:8:1"),
        (&word, "--x x --y y", 65, "`abc` in the number column `x`"),
        (&csv, "--x xx --y y", 2, "no column `xx`"),
        (&csv, "--x ties --y y --estimator ksg1", 65, "share one value"),
        (&few, "--x x --y y", 65, "15 samples are too few for k = 4"),
        (&csv, "--x x --y y --estimator kgs1", 2, "did you mean `ksg1`"),
        (&csv, "--x x", 2, "--y names no column"),
        (&csv, "--x x --y y --given z --estimator ksg1", 2, "knows no condition"),
        (&csv, "--x a --y b --given flat", 2, "the condition is constant"),
        (&csv, "--x a --y b --given a", 65, "determines X or Y"),
        (&csv, "--x x --y y --window 10", 65, "every window"),
        (&csv, "--x x,y,z --y a,b --estimator lnc", 2, "take k = 6 or more"),
        (&csv, "--x s --y t --estimator transfer-entropy --lags 700", 65, "shorter than the lag 700"),
        (&csv, "--x s --y t --estimator transfer-entropy --self-check", 2, "--permutations"),
    ];
    for (file, flags, code, cause) in cases {
        let (exit, out, err) = run(file, flags);
        assert!(exit == code && out.is_empty() && err.contains(cause), "{flags}: {exit}\n{out}\n{err}");
        assert_eq!(err.matches("error:").count(), 1, "{err}");
    }
    // A constant carries nothing, exactly; a variable about itself everything, and says so.
    assert_eq!(object(&csv, "--x flat --y y")["value"], 0.0);
    let (code, out, err) = run(&csv, "--x x --y x");
    assert!(code == 0 && out.contains("inf bit") && err.contains("one side determines the other"), "{out} {err}");
}

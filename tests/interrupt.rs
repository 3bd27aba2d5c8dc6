//! What does Ctrl-C leave? The part that is done, said so, in a whole file, and exit code 75.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const TEXT: &str = r#"
title   = "A rate in noise"
sources = ["harnack2015"]
about   = "For the test of interruptions."
kind    = "circuit"
example = "noisy"
equations = "dr/dt = -r/tau + a*sqrt(2/tau)*xi : 1"
[populations]
n = { r = "r" }
[parameters]
tau = { value = "10 ms", about = "time constant" }
a   = { value = 0.2, about = "size of the noise" }
[variables]
r = { start = 0.5, range = [-10, 10], about = "rate" }
"#;

const SWING: &str = r#"
title   = "Many oscillators"
sources = ["harnack2015"]
about   = "For the test of interruptions: every step takes its time."
kind    = "circuit"
example = "swing"
equations = """
dr[i]/dt = s[i]/tau : 1
ds[i]/dt = -r[i]/tau : 1
"""
[sizes]
N = { value = 60, index = ["i"], about = "number of oscillators" }
[populations]
n = { r = "r[i]" }
[parameters]
tau = { value = "10 ms", about = "time constant" }
[variables]
r = { start = 0.5, range = [-10, 10], about = "rate" }
s = { start = 0, range = [-10, 10], about = "rate a quarter of a period later" }
"#;

/// Starts the program in a folder of its own with the models in it.
fn start(name: &str, arguments: &[&str]) -> (PathBuf, Child) {
    let folder = std::env::temp_dir().join(format!("homeostat-interrupt-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    for (file, text) in [("noisy.toml", TEXT), ("swing.toml", SWING)] {
        std::fs::write(folder.join(file), text).expect("it can be written");
    }
    let child = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(arguments)
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    (folder, child)
}

/// Waits a little, sends SIGINT, and waits for the end.
fn interrupted(child: Child, after: Duration) -> Output {
    std::thread::sleep(after);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
    assert!(sent.success(), "it ended too early");
    let begun = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(60), "it did not listen");
    output
}

/// The rows of the CSV file: all with as many cells as its head.
fn rows(folder: &std::path::Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name)).expect("the file is there");
    assert!(text.ends_with('\n'), "the last line is whole");
    let rows: Vec<Vec<String>> = text.lines().map(|l| l.split(',').map(str::to_string).collect()).collect();
    assert!(rows.len() > 1 && rows.iter().all(|r| r.len() == rows[0].len()), "{text}");
    rows
}

#[test]
fn law_an_interrupted_ensemble_keeps_what_is_done() {
    // Sixteen trials at a time: of these many some are done after two seconds, and never all.
    let ask = "simulate noisy.toml --until 1 --noise --dt 1e-4 --every 0.5 --trials 4000000 --out run.csv";
    let (folder, child) = start("members", &ask.split(' ').collect::<Vec<_>>());
    let output = interrupted(child, Duration::from_secs(2));
    let error = String::from_utf8_lossy(&output.stderr).to_string();
    assert_eq!(output.status.code(), Some(75), "{error}");
    assert!(error.contains(" of 4000000 trials, until t = 1 s") && error.contains("interrupted: only"), "{error}");
    assert_eq!(rows(&folder, "run.csv").len(), 4);
    // Too long for any trial to reach the end: the time until then.
    let ask = "simulate noisy.toml --until 1e6 --noise --dt 1e-4 --every 0.1 --trials 16 --out part.csv";
    let (folder, child) = start("time", &ask.split(' ').collect::<Vec<_>>());
    let output = interrupted(child, Duration::from_secs(2));
    let error = String::from_utf8_lossy(&output.stderr).to_string();
    assert_eq!(output.status.code(), Some(75), "{error}");
    assert!(error.contains("16 of 16 trials, until t = "), "{error}");
    let rows = rows(&folder, "part.csv");
    assert!(rows.len() > 3 && rows.len() < 10_000_000);
}

#[test]
fn law_an_interrupted_integration_keeps_what_is_done() {
    let ask = "simulate swing.toml --until 1000 --every 0.01 --out run.csv";
    let (folder, child) = start("integral", &ask.split(' ').collect::<Vec<_>>());
    let output = interrupted(child, Duration::from_secs(1));
    let error = String::from_utf8_lossy(&output.stderr).to_string();
    assert_eq!(output.status.code(), Some(75), "{error}");
    assert!(error.contains("interrupted: until t = ") && error.contains(" s of 1000 s"), "{error}");
    // The last row is where it stopped, the others every hundredth of a second.
    let rows = rows(&folder, "run.csv");
    let time = |row: &[String]| row[0].parse::<f64>().expect("a number");
    assert!(rows.len() > 3 && rows.len() < 100_000);
    assert!(rows[1..rows.len() - 1].iter().enumerate().all(|(k, row)| (time(row) - 0.01 * k as f64).abs() < 1e-9));
}

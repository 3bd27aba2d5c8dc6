//! Does `show --time-window` tell what the closed forms of the catalogue say?

use serde_json::Value;
use std::process::{Command, Output};

fn show(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeostat"));
    command.arg("show").args(arguments).arg("--time-window").output().expect("the program starts")
}

/// (model, settings, parameter, which end, its closed form in s)
const KNOWN: &[(&str, &[&str], &str, &str, f64)] = &[
    ("neuron+bcm", &[], "tau_theta", "upper", 100.0),
    ("neuron+two_factor", &[], "tau_H", "upper", 0.588722034937),
    ("population+triplet", &[], "tau", "upper", 9.21943205603),
    ("leaky+intrinsic_sensor", &["--over", "tau_theta=0.1 ms:1 h"], "tau_theta", "lower", 0.0166666666667),
    ("gaussian_neuron+dual", &[], "tau_g", "lower", 30.0),
    (
        "overlap+bcm",
        &[
            "--set",
            "y0=1 Hz",
            "--set",
            "tau_w=10 s",
            "--set",
            "tau_theta=5 s",
            "--range",
            "w_0=0.1:4",
            "--range",
            "w_1=-3:0.5",
            "--range",
            "theta=0.1:4",
        ],
        "tau_theta",
        "upper",
        13.3333333333,
    ),
];

#[test]
fn theory_windows_of_the_catalogue_end_where_the_ledger_says() {
    for (model, settings, parameter, side, wanted) in KNOWN {
        let mut arguments = vec![*model, "--json"];
        arguments.extend_from_slice(settings);
        let out = show(&arguments);
        assert!(out.status.success(), "{model}: {}", String::from_utf8_lossy(&out.stderr));
        let answer: Value = serde_json::from_slice(&out.stdout).expect("an object");
        let ends: Vec<&Value> = answer["windows"]
            .as_array()
            .expect("windows")
            .iter()
            .filter(|w| w["parameter"] == *parameter)
            .flat_map(|w| w["windows"].as_array().expect("a list"))
            .map(|w| &w[*side])
            .filter(|e| e["kind"] != "range")
            .collect();
        assert_eq!(ends.len(), 1, "{model}: {answer:#}");
        let number = |v: &Value| v.as_f64().expect("a number");
        assert!((number(&ends[0]["value"]) / wanted - 1.0).abs() < 1e-11, "{model}: {}", ends[0]);
        assert!(ends[0]["kind"] == "hopf" && ends[0]["verified"] == true, "{model}: {}", ends[0]);
        let (a, b) = (number(&ends[0]["proven_between"][0]), number(&ends[0]["proven_between"][1]));
        assert!(a < *wanted && *wanted < b && b / a < 1.01, "{model}: {}", ends[0]);
        // Where the part itself promises a closed form it is compared.
        if *model != "overlap+bcm" {
            assert!((number(&ends[0]["closed_form"]) / wanted - 1.0).abs() < 1e-11, "{model}: {}", ends[0]);
        }
    }
}

#[test]
fn law_a_window_that_cannot_be_asked_for_has_one_clear_message() {
    for (arguments, code, says) in [
        (&["neuron+hebb"][..], 2, "declared homeostatic"),
        (&["neuron+bcm", "--over", "tau_thta=1:30"], 2, "tau_theta"),
        (&["neuron+bcm", "--over", "tau_theta=30:1"], 2, "empty"),
        (&["neuron+bcm", "--over", "tau_theta=20:30"], 2, "present value"),
        (&["neuron+bcm", "--range", "w=2:3"], 2, "no isolated fixed point"),
        (&["neuron+bcm", "--over", "tau_theta=1 Hz:30 Hz"], 65, "Hz"),
    ] {
        let out = show(arguments);
        let message = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(says) && message.matches("error:").count() == 1, "{arguments:?}: {message}");
    }
}

/// A noisy rate under a slow threshold, as a user would write it.
const NOISY: &str = r#"
title   = "White noise on a rate"
sources = ["gardiner2009"]
about   = "White noise on a rate."
example = "leaky"
equations = """
dr/dt += sigma*xi  : Hz
"""
[ports]
r = { unit = "Hz", about = "rate" }
[parameters]
sigma = { value = "0.1 Hz*s**-0.5", about = "strength" }
"#;

#[test]
fn theory_noise_along_a_branch_from_the_command_line() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("noise_along");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("noisy.toml"), NOISY).expect("a file");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeostat"));
        command.arg("continue").args(arguments).current_dir(&folder).output().expect("the program starts")
    };
    let out = run(&["leaky+intrinsic+noisy.toml", "--vary", "tau_r=10 ms:100 ms", "--noise", "--json"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let answer: Value = serde_json::from_slice(&out.stdout).expect("an object");
    let points = answer["noise"][0]["points"].as_array().expect("rows");
    assert!(points.len() > 10);
    for point in points {
        // τ_r dr = −r + …: the variance is σ² τ_r/2, whatever the slow threshold does (D33).
        let (tau, sd) = (point["tau_r"].as_f64().expect("a number"), point["sd r"].as_f64().expect("a number"));
        let unit = if tau > 1.0 { 1e-3 } else { 1.0 };
        assert!((sd / (0.01 * tau * unit / 2.0).sqrt() - 1.0).abs() < 1e-9 && point["valid"] == true, "{point}");
    }
    let quiet = run(&["leaky+intrinsic", "--vary", "tau_r=10 ms:100 ms", "--noise"]);
    assert!(quiet.status.code() == Some(2) && String::from_utf8_lossy(&quiet.stderr).contains("no noise"));
}

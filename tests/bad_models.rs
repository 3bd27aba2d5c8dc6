//! Does every bad model file and every bad request end with one clear error?
//!
//! Each case is written to a file of its own and given to the program, as a user would. The answer must be an exit code
//! of 65 (bad input) or 2 (bad request), a message on standard error that names the file, the line where there is one,
//! the word that is expected below, and what to do; no panic, nothing on standard output, and no new file.

use super::bad_corpus::{CIRCUITS, FILES, HEAD, ODE, REQUESTS, VALUES};
use super::program::{Answer, folder, homeostat};

/// What is wrong with an answer to bad input, if anything.
fn complaint(answer: &Answer, named: &str, expected: &str) -> Option<String> {
    let wrong = match answer {
        a if a.code != 65 && a.code != 2 => format!("exit code {}", a.code),
        a if a.err.contains("internal error") || a.err.contains("panicked") => "a panic".into(),
        a if !a.out.is_empty() => "something on standard output".into(),
        a if !a.err.contains(named) => format!("`{named}` is not named"),
        a if !a.err.contains(expected) => format!("`{expected}` is not named"),
        a if !["help:", "did you mean", "Usage:", "possible values"].iter().any(|w| a.err.contains(w)) => {
            "no help".into()
        }
        a if a.err.len() > 2000 => "a message of more than 2000 characters".into(),
        _ => return None,
    };
    Some(wrong)
}

#[test]
fn law_every_bad_model_file_gets_one_clear_error() {
    let folder = folder("bad_models");
    let deep = format!("dimensionless = true\nequations = \"dr/dt = {}r{} : 1\"\n", "(".repeat(9000), ")".repeat(9000));
    let long = format!("dimensionless = true\nequations = \"dr/dt = {} : 1\"\n", vec!["r"; 500_000].join("+"));
    let mut cases: Vec<(String, String, &str)> = Vec::new();
    let toml = |name: &str| format!("{name}.toml");
    cases.extend(CIRCUITS.iter().map(|(n, body, e)| (toml(n), format!("{HEAD}{body}"), *e)));
    cases.extend(FILES.iter().map(|(n, body, e)| (toml(n), body.to_string(), *e)));
    cases.extend(ODE.iter().map(|(n, body, e)| (format!("{n}.ode"), body.to_string(), *e)));
    cases.push((toml("deep"), format!("{HEAD}{deep}"), "deep"));
    assert!(long.len() > 1_000_000);
    cases.push((toml("long"), format!("{HEAD}{long}"), "bytes"));
    let net = |name: &str| {
        let sizes = "[sizes]\nK = { value = 2, index = [\"k\", \"j\"] }\n";
        let lines = "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n";
        format!("{HEAD}{lines}{sizes}[parameters]\nW = {{ file = \"{name}.csv\" }}\n")
    };
    for (name, values, expected) in VALUES {
        std::fs::write(folder.join(format!("{name}.csv")), values).unwrap();
        cases.push((toml(name), net(name), *expected));
    }
    let mut complaints = Vec::new();
    for (file, content, expected) in &cases {
        std::fs::write(folder.join(file), content).unwrap();
        let answer = homeostat(&folder, &["check", file]);
        // A bad file of values is named itself.
        let named = file.trim_end_matches("toml");
        if let Some(wrong) = complaint(&answer, named, expected) {
            complaints.push(format!("{file}: {wrong}\n{}", answer.err));
        }
    }
    let left = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, cases.len() + VALUES.len(), "a file was written");
    assert!(complaints.is_empty(), "{} of {}:\n\n{}", complaints.len(), cases.len(), complaints.join("\n"));
    println!("{} bad model files, each with one clear error", cases.len());
}

#[test]
fn law_every_bad_request_gets_one_clear_error() {
    let folder = folder("bad_requests");
    let mut complaints = Vec::new();
    for (arguments, expected) in REQUESTS {
        let answer = homeostat(&folder, arguments);
        if let Some(wrong) = complaint(&answer, "", expected) {
            complaints.push(format!("{arguments:?}: {wrong}\n{}", answer.err));
        }
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "a file was written");
    assert!(complaints.is_empty(), "{} of {}:\n\n{}", complaints.len(), REQUESTS.len(), complaints.join("\n"));
    println!("{} bad requests, each with one clear error", REQUESTS.len());
}

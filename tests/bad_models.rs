//! Does every bad model file and every bad request end with one clear error?
//!
//! Each case is written to a file of its own and given to the program, as a user would. The answer must be an exit code
//! of 65 (bad input) or 2 (bad request), a message on standard error that names the file, the line where there is one,
//! the word that is expected below, and what to do; no panic, nothing on standard output, and no new file.

use std::path::Path;
use std::process::Command;

/// (name, content, what the message must contain).
type Case = (&'static str, &'static str, &'static str);

/// A good circuit that the cases spoil.
const HEAD: &str = "title = \"T\"\nkind = \"circuit\"\nsources = []\nabout = \"A test.\"\n";

/// Circuits: `HEAD` and this.
const CIRCUITS: &[Case] = &[
    ("no_equations", "", "equations"),
    ("empty_equations", "equations = \"\"\n", "equation"),
    ("unclosed_string", "equations = \"dr/dt = 1\n", ""),
    ("key_twice", "equations = \"dr/dt = -r/(1 s) : Hz\"\nequations = \"dr/dt = r/(1 s) : Hz\"\n", "equations"),
    ("unknown_key", "equation = \"dr/dt = -r/(1 s) : Hz\"\n", "equations"),
    ("unknown_table", "equations = \"dr/dt = -r/(1 s) : Hz\"\n[parameter]\ntau = \"1 s\"\n", "parameters"),
    ("unknown_parameter_key", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = { valu = \"1 s\" }\n", "value"),
    ("no_unit", "equations = \"dr/dt = -r/tau\"\n[parameters]\ntau = \"1 s\"\n", "unit"),
    (
        "wrong_unit_of_sum",
        "equations = \"dr/dt = (u - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\nu = \"1 mV\"\n",
        "Hz",
    ),
    ("wrong_unit_of_rate", "equations = \"dr/dt = -r : Hz\"\n", "Hz"),
    ("wrong_unit_in_exp", "equations = \"dr/dt = (exp(r) * 1 Hz - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "exp"),
    ("unknown_unit", "equations = \"dr/dt = -r/tau : hertzz\"\n[parameters]\ntau = \"1 s\"\n", "hertzz"),
    ("unknown_unit_of_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 sec0nd\"\n", "sec0nd"),
    ("unit_missing_of_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = 1\n", "Hz"),
    ("unknown_name", "equations = \"dr/dt = (u - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "u"),
    ("near_name", "equations = \"dr/dt = -r/tua : Hz\"\n[parameters]\ntau = \"1 s\"\n", "tau"),
    (
        "unknown_function",
        "equations = \"dr/dt = (sigmiod(r/(1 Hz)) * 1 Hz - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n",
        "sigmoid",
    ),
    ("wrong_arity", "equations = \"dr/dt = (clip(r, 1 Hz) - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "clip"),
    (
        "defined_twice",
        "equations = \"\"\"\ndr/dt = -r/tau : Hz\ndr/dt = r/tau : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "twice",
    ),
    ("parameter_and_variable", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\nr = \"1 Hz\"\n", "r"),
    (
        "cyclic_algebra",
        "equations = \"\"\"\ndr/dt = (a - r)/tau : Hz\na = b + r : Hz\nb = a - r : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "a",
    ),
    (
        "self_algebra",
        "equations = \"\"\"\ndr/dt = (a - r)/tau : Hz\na = a + r : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "a",
    ),
    ("nan_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"nan s\"\n", "nan"),
    ("inf_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"inf s\"\n", "inf"),
    ("nan_number", "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = nan\n", "nan"),
    ("inf_number", "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = inf\n", "inf"),
    ("huge_literal", "dimensionless = true\nequations = \"dr/dt = -1e999*r : 1\"\n", "1e999"),
    ("open_bracket", "dimensionless = true\nequations = \"dr/dt = -(r : 1\"\n", ")"),
    ("close_bracket", "dimensionless = true\nequations = \"dr/dt = -r) : 1\"\n", ")"),
    ("operator_twice", "dimensionless = true\nequations = \"dr/dt = r */ 2 : 1\"\n", "/"),
    ("no_right_side", "dimensionless = true\nequations = \"dr/dt = : 1\"\n", ""),
    ("no_left_side", "dimensionless = true\nequations = \"= r : 1\"\n", "="),
    ("comparison", "dimensionless = true\nequations = \"dr/dt = r > 1 : 1\"\n", ">"),
    ("strange_letter", "dimensionless = true\nequations = \"dr/dt = r § 2 : 1\"\n", "§"),
    ("derivative_of_other", "dimensionless = true\nequations = \"dr/dx = r : 1\"\n", "dt"),
    ("index_without_family", "dimensionless = true\nequations = \"dr/dt = -r[k] : 1\"\n", "k"),
    ("index_unknown_size", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n", "k"),
    ("size_zero", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = 0\n", "K"),
    ("size_negative", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = -3\n", "K"),
    ("size_enormous", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = 1000000000\n", "K"),
    ("index_outside", "dimensionless = true\nequations = \"dr[k]/dt = -r[7] : 1\"\n[sizes]\nK = 2\n", "7"),
    (
        "ragged_matrix",
        "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n[sizes]\nK = 2\n[parameters]\nW = [[1, 2], [3]]\n",
        "W",
    ),
    (
        "matrix_of_other_size",
        "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n[sizes]\nK = 3\n[parameters]\nW = [[1, 2], [3, 4]]\n",
        "W",
    ),
    (
        "text_for_number",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = \"fast\"\n",
        "fast",
    ),
    (
        "empty_range",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, range = [2, 1] }\n",
        "range",
    ),
    (
        "value_outside_range",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 9, range = [1, 2] }\n",
        "range",
    ),
    (
        "range_of_three",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, range = [1, 2, 3] }\n",
        "range",
    ),
    (
        "unknown_pace",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, pace = \"slow\" }\n",
        "pace",
    ),
    ("noise_unit", "equations = \"dr/dt = -r/tau + s*xi : Hz\"\n[parameters]\ntau = \"1 s\"\ns = \"1 Hz\"\n", "xi"),
    ("reserved_name", "dimensionless = true\nequations = \"dxi/dt = -xi : 1\"\n", "xi"),
    ("reserved_parameter", "dimensionless = true\nequations = \"dr/dt = -r*sum : 1\"\n[parameters]\nsum = 1\n", "sum"),
    (
        "bad_parameter_name",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[parameters]\n\"2tau\" = 1\n",
        "2tau",
    ),
    (
        "fact_without_claim",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[[facts]]\nsays = \"rest\"\nat = \"fixed point\"\n",
        "claim",
    ),
    ("not_utf8_name", "dimensionless = true\nequations = \"dr/dt = -\u{0}r : 1\"\n", ""),
    ("number_for_text", "title2 = 3\nequations = \"dr/dt = -r/(1 s) : Hz\"\n", "title"),
];

/// Whole files.
const FILES: &[Case] = &[
    ("empty", "", ""),
    ("not_toml", "this is not TOML\n", ""),
    ("binary", "\u{1}\u{2}\u{3}\u{4}", ""),
    (
        "unknown_kind",
        "title = \"T\"\nkind = \"circus\"\nabout = \"A.\"\nequations = \"dr/dt = -r/(1 s) : Hz\"\n",
        "circuit",
    ),
    (
        "port_that_is_not_there",
        "title = \"T\"\nkind = \"plasticity\"\nabout = \"A.\"\nequations = \"dw/dt += pre*pst/(1 s) : 1\"\n[ports]\npre = { unit = \"Hz\" }\npost = { unit = \"Hz\" }\nw = {}\n",
        "post",
    ),
    ("model_unknown_part", "title = \"T\"\nmodel = \"neuron+bcmm\"\n", "bcm"),
    ("model_unknown_setting", "title = \"T\"\nmodel = \"neuron+bcm\"\n[set]\ntau_thetta = \"3 s\"\n", "tau_theta"),
    ("model_wrong_unit", "title = \"T\"\nmodel = \"neuron+bcm\"\n[set]\ntau_theta = \"3 Hz\"\n", "Hz"),
];

/// XPP files.
const ODE: &[Case] = &[
    ("delay", "x' = -delay(x, 1)\nparam a=1\ndone\n", "delay"),
    ("markov", "x' = -x\nmarkov z 2\ndone\n", "markov"),
    ("table", "table f % 10 0 1 t\nx' = f(x)\ndone\n", "table"),
    ("global", "x' = -x\nglobal 1 x-1 {x=0}\ndone\n", "global"),
    ("unknown_name", "x' = -x + q\ndone\n", "q"),
    ("bad_number", "par a=1..2\nx' = -a*x\ndone\n", "1..2"),
    ("no_equation", "par a=1\ndone\n", ""),
    ("twice", "x' = -x\nx' = x\ndone\n", "x"),
];

/// Command lines: arguments and what the message must contain.
const REQUESTS: &[(&[&str], &str)] = &[
    (&["show", "neurn+bcm"], "neuron"),
    (&["show", "neuron+bcmm"], "bcm"),
    (&["fixed-points", "bcm"], "circuit"),
    (&["show", "neuron+"], "+"),
    (&["show", ""], ""),
    (&["show", "neuron+bcm@w_ie"], "w_ie"),
    (&["show", "neuron+bcm", "--set", "tau_w"], "="),
    (&["show", "neuron+bcm", "--set", "tau_w=fast"], "fast"),
    (&["show", "neuron+bcm", "--set", "tau_w=3 Hz"], "Hz"),
    (&["show", "neuron+bcm", "--set", "tau_q=3 s"], "tau"),
    (&["show", "neuron+bcm", "--set", "tau_w=nan s"], "nan"),
    (&["fixed-points", "neuron+bcm", "--range", "w=1"], ":"),
    (&["fixed-points", "neuron+bcm", "--range", "w=2:1"], "w"),
    (&["fixed-points", "neuron+bcm", "--range", "v=0:1"], "v"),
    (&["fixed-points", "no_such_file.toml"], "no_such_file.toml"),
    (&["stability", "neuron+bcm", "--over", "tau_thet=1:2"], "tau_theta"),
    (&["stability", "neuron+bcm", "--over", "tau_theta=2:1"], "tau_theta"),
    (&["simulate", "neuron+bcm", "--until", "fast"], "fast"),
    (&["simulate", "neuron+bcm", "--until=-1 s"], "-1"),
    (&["simulate", "neuron+bcm", "--until", "1 Hz"], "Hz"),
    (&["simulate", "neuron+bcm", "--until", "1 s", "--start", "q=1"], "q"),
    (&["eval", "siegert(15 mV)"], "siegert"),
    (&["eval", "1 +"], "1 +"),
    (&["eval", "3 mV + 2 s"], "mV"),
    (&["validate", "no_such.csv", "--against", "neuron+bcm"], "no_such.csv"),
    (&["convert", "neuron+bcm", "--to", "word"], "ode"),
    (&["fixed-point", "neuron+bcm"], "fixed-points"),
    (&["show"], "MODEL"),
];

struct Answer {
    code: i32,
    out: String,
    err: String,
}

fn homeostat(folder: &Path, arguments: &[&str]) -> Answer {
    let run = Command::new(env!("CARGO_BIN_EXE_homeostat")).args(arguments).current_dir(folder).output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    Answer { code: run.status.code().unwrap_or(-1), out: text(&run.stdout), err: text(&run.stderr) }
}

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

/// A fresh folder below the target directory.
fn folder(name: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
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
    cases.push((toml("long"), format!("{HEAD}{long}"), ""));
    let mut complaints = Vec::new();
    for (file, content, expected) in &cases {
        std::fs::write(folder.join(file), content).unwrap();
        let answer = homeostat(&folder, &["check", file]);
        if let Some(wrong) = complaint(&answer, file, expected) {
            complaints.push(format!("{file}: {wrong}\n{}", answer.err));
        }
    }
    let left = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, cases.len(), "a file was written");
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

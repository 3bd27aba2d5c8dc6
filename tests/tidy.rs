//! Does the house stand as ARCHITECTURE.md says? Each check reads the source as text.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first; modules on one floor do not import each other.
const FLOORS: [&[&str]; 8] = [
    &["num"],
    &["field"],
    &["lang"],
    &["models", "dynamics", "meanfield"],
    &["coding", "data"],
    &["figures", "validate"],
    &["notebook", "sweep"],
    &["cli"],
];
/// Methods use `field`, `num` and each other only, so that none of them names a model.
const METHODS: [&str; 6] = ["dynamics", "meanfield", "coding", "data", "figures", "validate"];
/// The only modules that touch a file, the clock or the environment.
const OUTSIDE: [&str; 4] = ["data", "notebook", "sweep", "cli"];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|f| f.contains(&module))
}

/// Every Rust file below `folder`, sorted.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().map(|e| e.unwrap().path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if entry.extension().is_some_and(|e| e == "rs") => found.push(entry),
                false => {}
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no Rust file below {folder}");
    found
}

/// (top-level module, file name for messages, code above its tests) of every file in a folder of `src`.
fn modules() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources("src")
        .into_iter()
        .filter_map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let module = inside.components().next().unwrap().as_os_str().to_str().unwrap().to_string();
            if module.ends_with(".rs") {
                return None;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_string();
            Some((module, inside.display().to_string(), code))
        })
        .collect()
}

/// The modules that a text imports: every `crate::NAME` outside comments, and every name of `crate::{A, B}`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            match part.strip_prefix('{') {
                Some(list) => found.extend(list.split([',', '}']).map(|n| n.split("::").next().unwrap().trim().into())),
                None => found.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()),
            }
        }
    }
    found
}

#[test]
fn law_imports_go_downwards_only() {
    for (module, file, code) in modules() {
        let Some(here) = floor(&module) else { panic!("{file}: `{module}` stands on no floor") };
        for other in imports(&code) {
            if let Some(there) = floor(&other) {
                assert!(
                    there < here || other == module,
                    "{file} imports `{other}`, which does not lie below `{module}`"
                );
            }
        }
    }
}

#[test]
fn law_no_method_names_a_model_and_no_model_a_method() {
    for (module, file, code) in modules() {
        let forbidden: &[&str] = match module.as_str() {
            m if METHODS.contains(&m) => &["lang", "models"],
            "models" | "lang" => &["dynamics", "meanfield", "coding", "validate"],
            _ => continue,
        };
        for other in imports(&code) {
            assert!(!forbidden.contains(&other.as_str()), "{file} imports `{other}`");
        }
    }
}

#[test]
fn law_only_the_edge_touches_files_clock_and_environment() {
    for (module, file, code) in modules() {
        if OUTSIDE.contains(&module.as_str()) {
            continue;
        }
        for word in ["std::fs", "std::env", "SystemTime", "Instant::now", "std::process", "std::net"] {
            assert!(!code.contains(word), "{file} uses {word}");
        }
    }
}

#[test]
fn law_nobody_uses_a_global_random_generator() {
    for (_, file, code) in modules() {
        for word in ["rand::rng(", "thread_rng", "from_os_rng", "from_entropy", "rand::random"] {
            assert!(!code.contains(word), "{file} uses {word}");
        }
    }
}

#[test]
fn law_only_figures_draws() {
    for (module, file, code) in modules() {
        assert!(module == "figures" || !code.contains("plotters::"), "{file} draws");
    }
}

#[test]
fn law_only_data_names_the_table_library() {
    for (module, file, code) in modules() {
        assert!(module == "data" || !code.contains("polars::"), "{file} names polars");
    }
}

#[test]
fn law_files_stay_short_enough_to_read() {
    // Code above its tests; 600 is the worst there is, and every file on the way down is welcome.
    for folder in ["src", "analysis", "tests"] {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.split("#[cfg(test)]\nmod").next().unwrap_or("").lines().count();
            assert!(lines <= 600, "{} has {lines} lines: would two files be clearer?", path.display());
        }
    }
}

#[test]
fn law_every_module_opens_with_its_question() {
    for (_, file, code) in modules() {
        let doc: String = code.lines().take_while(|l| l.starts_with("//!")).collect();
        assert!(doc.contains('?'), "{file} does not open with the question that it answers");
    }
}

#[test]
fn law_ci_runs_the_test_command_of_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let ci = fs::read_to_string(root.join(".ci/run")).unwrap();
    let command = readme.lines().find(|l| l.trim_start().starts_with("cargo test")).expect("a line `cargo test …`");
    assert!(ci.contains(command.trim()), ".ci/run does not run `{}`", command.trim());
}

#[test]
fn law_every_source_of_a_part_is_in_the_bibliography() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bibliography = fs::read_to_string(root.join("references.bib")).unwrap();
    for part in homeostat::models::parts().unwrap() {
        for key in &part.sources {
            assert!(bibliography.contains(&format!("{{{key},")), "{}: `{key}` is not in references.bib", part.file);
        }
    }
}

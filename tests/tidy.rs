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
    // Code above its tests. A notebook is one page and may be longer than a module.
    for (folder, most) in [("src", 400), ("tests", 400), ("analysis", 700)] {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.split("#[cfg(test)]\nmod").next().unwrap_or("").lines().count();
            assert!(lines <= most, "{} has {lines} lines: would two files be clearer?", path.display());
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

/// (key, surname of the first author, year) of every entry of the bibliography.
fn bibliography() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("references.bib")).unwrap();
    let field = |line: &str, name: &str| -> String {
        let from = line.find(&format!(" {name}={{")).unwrap_or_else(|| panic!("no {name} in {line}")) + name.len() + 3;
        let end = line[from..].find("}, ").or(line[from..].find("}}")).unwrap();
        line[from..from + end].to_string()
    };
    let entry = |line: &str| {
        let key = line[line.find('{').unwrap() + 1..line.find(',').unwrap()].to_string();
        let author = field(line, "author");
        (key, author.split(',').next().unwrap().to_string(), field(line, "year"))
    };
    text.lines().filter(|l| l.starts_with('@')).map(entry).collect()
}

/// Letters only, without accents (in LaTeX or not), in lower case.
fn letters(name: &str) -> String {
    let plain = |c: char| match c {
        'é' | 'è' => 'e',
        'ö' => 'o',
        'ü' => 'u',
        'ż' => 'z',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(plain).filter(char::is_ascii_lowercase).collect()
}

/// Every work that the comments of a file cite, as surnames with a year: names and year.
fn citations(text: &str) -> Vec<(Vec<String>, String)> {
    let comments: Vec<&str> = text.lines().filter_map(|l| l.trim_start().strip_prefix("//")).collect();
    let text = comments.iter().map(|l| l.trim_start_matches(['/', '!']).trim()).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_start_matches('(');
        let year: String = bare.chars().take(4).collect();
        let century = ["18", "19", "20"].iter().any(|c| year.starts_with(c));
        let digits = year.len() == 4 && year.chars().all(|c| c.is_ascii_digit());
        if !century || !digits || bare.chars().nth(4).is_some_and(char::is_alphanumeric) {
            continue;
        }
        let mut names = Vec::new();
        for before in words[..at].iter().rev() {
            let bare = before.trim_matches(['(', ')', ',']);
            match () {
                () if ["&", "and", "et", "al.", "de", "van"].contains(&bare) => (),
                // Two years of the same authors.
                () if bare.len() == 4 && bare.chars().all(|c| c.is_ascii_digit()) => (),
                () if bare.starts_with(char::is_uppercase) && !bare.ends_with(['.', ':', ';']) => {
                    names.push(letters(bare))
                }
                () => break,
            }
        }
        if !names.is_empty() {
            found.push((names, year));
        }
    }
    found
}

#[test]
fn law_everything_cited_is_in_the_bibliography_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = bibliography();
    let mut used = std::collections::BTreeSet::new();
    let mut missing = Vec::new();
    let surname = |name: &str| letters(name.rsplit(' ').next().unwrap_or(name));
    for folder in ["src", "analysis", "benches", "tests"] {
        for path in sources(folder) {
            for (names, year) in citations(&fs::read_to_string(&path).unwrap()) {
                let fits = |e: &&(String, String, String)| e.2 == year && names.contains(&surname(&e.1));
                let found: Vec<&String> = entries.iter().filter(fits).map(|e| &e.0).collect();
                if found.is_empty() {
                    missing.push(format!("{}: {} {year}", path.display(), names.join(", ")));
                }
                used.extend(found.into_iter().cloned());
            }
        }
    }
    for part in homeostat::models::parts().unwrap() {
        for key in &part.sources {
            if !entries.iter().any(|e| e.0 == *key) {
                missing.push(format!("{}: the source `{key}`", part.file));
            }
            used.insert(key.clone());
        }
    }
    // Whole systems, the README and the notes on data name their sources by key.
    let mut folders = vec![root.join("src/models"), root.join("data"), root.join("analysis")];
    let mut texts = fs::read_to_string(root.join("README.md")).unwrap();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().map(|e| e.unwrap().path()) {
            let text = entry.extension().is_some_and(|e| ["toml", "md", "ode", "rs"].iter().any(|t| e == *t));
            match entry.is_dir() {
                true => folders.push(entry),
                false if text => texts += &fs::read_to_string(&entry).unwrap(),
                false => {}
            }
        }
    }
    // Notebooks and model files list theirs as parts do.
    for list in texts.split("sources = [").skip(1).filter_map(|after| after.split(']').next()) {
        // A text inside a test has a backslash where a key has none.
        let keys = list.split('"').skip(1).step_by(2).filter(|key| !key.contains('\\'));
        for key in keys.filter(|key| !entries.iter().any(|e| e.0 == *key)) {
            missing.push(format!("the source `{key}` of a notebook or a model file"));
        }
    }
    let idle = |k: &&String| !used.contains(*k) && !texts.contains(k.as_str());
    let unused: Vec<&String> = entries.iter().map(|e| &e.0).filter(idle).collect();
    assert!(missing.is_empty(), "not in references.bib:\n{}", missing.join("\n"));
    assert!(unused.is_empty(), "in references.bib and cited nowhere: {unused:?}");
    let keys: Vec<&String> = entries.iter().map(|e| &e.0).collect();
    let once = keys.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(once, "the entries are not sorted by key, or one is there twice");
}

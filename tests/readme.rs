//! Does everything that the README and the help texts show really happen?
//!
//! `$ homeostat …` in the README is run, and its output compared line by line (`…` stands for any number of lines);
//! `homeostat …` without `$` must succeed. So must the examples at the end of every `--help`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One command of a text, and what the text says that it prints.
struct Example {
    line: usize,
    arguments: Vec<String>,
    /// `None` if nothing is shown.
    output: Option<Vec<String>>,
}

/// Splits a command line into words as a shell does, for plain words and single quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut open) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            '\'' => (quoted, open) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            c => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// The commands in indented blocks of Markdown.
fn examples(text: &str) -> Vec<Example> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = at + 1;
        let Some(code) = lines[at].strip_prefix("    ") else {
            at += 1;
            continue;
        };
        let (shown, command) = match (code.strip_prefix("$ homeostat "), code.strip_prefix("homeostat ")) {
            (Some(command), _) => (true, command),
            (None, Some(command)) => (false, command),
            _ => {
                at += 1;
                continue;
            }
        };
        let mut command = command.to_string();
        at += 1;
        while let Some(before) = command.strip_suffix('\\') {
            command = format!("{before} {}", lines[at].trim());
            at += 1;
        }
        let mut output = Vec::new();
        while shown && at < lines.len() && (lines[at].starts_with("    ") || lines[at].trim().is_empty()) {
            if lines[at].starts_with("    $ ") {
                break;
            }
            output.push(lines[at].strip_prefix("    ").unwrap_or("").trim_end().to_string());
            at += 1;
        }
        while output.last().is_some_and(|l| l.is_empty()) {
            output.pop();
        }
        found.push(Example { line, arguments: words(&command), output: shown.then_some(output) });
    }
    found
}

/// Is `got` what `wanted` shows, where `…` stands for any number of lines?
fn matches(wanted: &[String], got: &[String]) -> bool {
    match wanted.split_first() {
        None => got.is_empty(),
        Some((first, rest)) if first.trim() == "…" => (0..=got.len()).any(|skip| matches(rest, &got[skip..])),
        Some((first, rest)) => got.first() == Some(first) && matches(rest, &got[1..]),
    }
}

/// A folder with what the examples read: `data/`, and the model file that the README prints.
fn folder(name: &str, readme: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("homeostat-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let model =
        readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the README has a model");
    std::fs::write(folder.join("law_cooper.toml"), model).expect("it can be written");
    let lines = model.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines < 40, "the README's mechanism has {lines} lines");
    folder
}

fn run(folder: &Path, arguments: &[String]) -> std::process::Output {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").display().to_string();
    let arguments =
        arguments.iter().map(|a| if a.starts_with("data/") { a.replacen("data", &data, 1) } else { a.clone() });
    Command::new(env!("CARGO_BIN_EXE_homeostat")).args(arguments).current_dir(folder).output().expect("it starts")
}

#[test]
fn law_the_readme_shows_what_happens() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("there is a README");
    let folder = folder("readme", &readme);
    let (mut shown, mut run_only) = (0, 0);
    for example in examples(&readme) {
        let output = run(&folder, &example.arguments);
        let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let command = example.arguments.join(" ");
        assert!(output.status.success(), "README line {}: `homeostat {command}` fails: {error}", example.line);
        match &example.output {
            None => run_only += 1,
            Some(wanted) => {
                shown += 1;
                let got: Vec<String> = text.lines().map(|l| l.trim_end().to_string()).collect();
                let last = got.iter().rposition(|l| !l.is_empty()).map_or(0, |at| at + 1);
                assert!(
                    matches(wanted, &got[..last]),
                    "README line {}: `homeostat {command}` prints\n{text}",
                    example.line
                );
            }
        }
    }
    assert!(shown >= 5 && run_only >= 3, "{shown} commands with their output and {run_only} without");
    std::fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn law_the_examples_of_every_help_run() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("there is a README");
    let folder = folder("help", &readme);
    let help = |arguments: &[&str]| {
        let output = run(&folder, &arguments.iter().map(|a| a.to_string()).collect::<Vec<_>>());
        String::from_utf8(output.stdout).expect("help is text")
    };
    let general = help(&["--help"]);
    let commands = general.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| l.starts_with("  "));
    let commands: Vec<&str> = commands.filter_map(|l| l.split_whitespace().next()).filter(|c| *c != "help").collect();
    assert!(commands.len() >= 12, "{commands:?}");
    for command in commands {
        let text = help(&[command, "--help"]);
        let (_, after) = text.split_once("Example").unwrap_or_else(|| panic!("`{command} --help` has no examples"));
        let indented: String = after.lines().map(|l| format!("    {}\n", l.trim())).collect();
        for example in examples(&indented) {
            // What reads a file of the user's own is only shown; the report has tests of its own.
            let reads = example.arguments.iter().take_while(|a| *a != "--out");
            let own = |a: &String| [".ode", "run.csv", "model.toml", "my_"].iter().any(|file| a.contains(file));
            if reads.into_iter().any(own) || command == "report" {
                continue;
            }
            let output = run(&folder, &example.arguments);
            let error = String::from_utf8_lossy(&output.stderr);
            let line = example.arguments.join(" ");
            // A comparison that disagrees is an answer, and `simulate` may find a blow-up.
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "`{command} --help` shows `homeostat {line}`: {error}"
            );
        }
    }
    std::fs::remove_dir_all(folder).expect("the folder can be removed");
}

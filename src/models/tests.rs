//! Does the catalogue meet the closed forms of the theory?

use super::*;
use crate::field::Field;

/// What is wrong with a part: composed into its example, evaluated at its start.
fn complaint(listed: &Listed) -> Result<Option<String>> {
    let part = part(listed.name)?;
    let example = part.example.clone().unwrap_or_default();
    let model = model(&example)?;
    if !model.parts().iter().any(|p| p.name == listed.name) {
        return Ok(Some(format!("{example} does not contain it")));
    }
    if model.facts().is_empty() {
        return Ok(Some("it promises nothing".into()));
    }
    let mut rates = vec![0.0; model.names().variables.len()];
    model.rate(&model.names().start(), &model.names().defaults(), &mut rates);
    Ok((!rates.iter().all(|r| r.is_finite())).then(|| format!("{example}: {rates:?}")))
}

#[test]
fn every_part_reads_and_its_example_composes() {
    let complaints: Vec<String> = CATALOGUE
        .iter()
        .filter_map(|listed| match complaint(listed) {
            Ok(what) => what.map(|w| format!("{}: {w}", listed.name)),
            Err(e) => Some(format!("{}: {e}", listed.name)),
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn every_system_is_a_model_with_title_and_sources() {
    for (name, file) in systems().unwrap() {
        assert!(!file.title.is_empty() && !file.sources.is_empty() && !file.about.is_empty(), "{name}");
        let model = model(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut rates = vec![0.0; model.names().variables.len()];
        model.rate(&model.names().start(), &model.names().defaults(), &mut rates);
        assert!(rates.iter().all(|r| r.is_finite()), "{name}: {rates:?}");
    }
}

//! How does the same page look to Jupyter? A notebook (nbformat 4.5) with its outputs inside.

use super::book::{Claim, Output};
use super::page::{Block, Page};
use super::{html, markdown, show};
use serde_json::{Value, json};

/// The text of the `.ipynb` file.
pub(super) fn ipynb(page: &Page) -> Result<String, String> {
    let mut cells: Vec<Value> = Vec::new();
    let setup = ":dep homeostat\nuse homeostat::notebook::prelude::*;";
    cells.push(code(setup, Vec::new()));
    let mut blocks = page.blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        match block {
            Block::Prose(text) => cells.push(json!({"cell_type": "markdown", "metadata": {}, "source": lines(text)})),
            Block::Code { text, .. } => {
                let made = match blocks.peek() {
                    Some(Block::Made(outputs)) => outputs.iter().map(output).collect::<Result<Vec<_>, _>>()?,
                    _ => Vec::new(),
                };
                cells.push(code(text, made.into_iter().flatten().collect()));
            }
            Block::Made(_) => {}
        }
    }
    for (k, cell) in cells.iter_mut().enumerate() {
        cell["id"] = json!(format!("cell-{k:03}"));
    }
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Rust", "language": "rust", "name": "rust"},
            "language_info": {"file_extension": ".rs", "mimetype": "text/rust", "name": "Rust"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    // Printing a value cannot fail: its keys are strings.
    Ok(format!("{notebook:#}\n"))
}

fn code(text: &str, outputs: Vec<Value>) -> Value {
    json!({"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": outputs, "source": lines(text)})
}

/// A text as nbformat keeps it: lines with their ends.
fn lines(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(String::from).collect()
}

fn display(data: Value) -> Value {
    json!({"output_type": "display_data", "data": data, "metadata": {}})
}

fn output(output: &Output) -> Result<Vec<Value>, String> {
    Ok(match output {
        Output::Text(text) => vec![display(json!({"text/markdown": lines(text)}))],
        Output::Claim(claim) => vec![display(json!({"text/plain": lines(&claim_line(claim))}))],
        Output::Figure(_, figure) => vec![
            display(json!({"image/svg+xml": lines(&figure.to_svg()), "text/plain": lines(figure.caption_text())})),
            display(json!({"text/markdown": lines(figure.caption_text())})),
        ],
        Output::Table(name, table) => {
            let head: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
            let mut text = format!("{name}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
            for k in 0..table.rows().min(24) {
                text += &format!("| {} |\n", show::row(table, k).join(" | ").replace('\n', " "));
            }
            vec![display(json!({"text/markdown": lines(&text)}))]
        }
        Output::Model(name, latex) => {
            vec![display(json!({"text/latex": lines(&format!("$${latex}$$")), "text/plain": [name]}))]
        }
        Output::Verdict(verdict, why) => {
            // The words are checked as Markdown here too, so that both pages fail on the same mistake.
            html::verdict_words(verdict)?;
            markdown::html(why)?;
            let word = match verdict {
                super::Verdict::Holds => "holds".to_string(),
                super::Verdict::HoldsWhen(condition) => format!("holds when {condition}"),
                super::Verdict::DoesNot => "does not hold in this model".into(),
            };
            vec![display(json!({"text/markdown": lines(&format!("**Verdict: {word}.** {why}"))}))]
        }
    })
}

fn claim_line(claim: &Claim) -> String {
    let mark = if claim.holds { "✓" } else { "✗" };
    match &claim.numbers {
        Some(n) => format!(
            "{mark} {}: {} (theory {}; {}; {})",
            claim.name,
            show::beside(n.measured, 1.0),
            show::beside(n.theory, 1.0),
            claim.why,
            show::trust(&claim.trust)
        ),
        None => format!("{mark} {}: {} ({})", claim.name, claim.why, show::trust(&claim.trust)),
    }
}

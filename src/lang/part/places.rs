//! What does a file say of where it attaches? Ports, populations, synapses, the ensemble; modulations and facts.

use super::read::Reader;
use super::tree::{Taken, Value};
use super::*;
use crate::error::Result;
use crate::lang::Source;
use crate::lang::ast::Kind;
use crate::lang::parse;

impl Reader<'_> {
    pub(super) fn ports(&self, top: &mut Taken) -> Result<Vec<Port>> {
        let mut ports = Vec::new();
        for (name, span, node) in self.entries(top.named("ports")?)? {
            let mut table = Taken::new(self.file, node, format!("the port `{name}`"))?;
            let unit = self.unit(&mut table)?;
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            ports.push(Port { name, unit, about, at: span.start });
        }
        Ok(ports)
    }

    pub(super) fn populations(&self, top: &mut Taken) -> Result<Vec<Population>> {
        let mut populations = Vec::new();
        for (name, span, node) in self.entries(top.named("populations")?)? {
            let Value::Table(entries) = node.value else {
                let help = "write `e = { r = \"r_e\" }`";
                return Err(self.file.error(span.start, format!("the population `{name}` must be a table"), help));
            };
            let (mut quantities, mut phi) = (Vec::new(), None);
            for (port, at, node) in self.entries(entries)? {
                let Value::Text(text) = node.value else {
                    return Err(self.file.error(
                        at.start,
                        format!("`{port}` must name a quantity"),
                        "write `r = \"r_e\"`",
                    ));
                };
                match port.as_str() {
                    "phi" => phi = Some(text),
                    _ => quantities.push((port, self.expression(&text, node.span)?)),
                }
            }
            if !quantities.iter().any(|(port, _)| port == "r") {
                let cause = format!("the population `{name}` has no rate `r`");
                return Err(self.file.error(span.start, cause, "write `r = \"r_e\"`: which quantity is its rate"));
            }
            populations.push(Population { name, quantities, phi, at: span.start });
        }
        Ok(populations)
    }

    pub(super) fn synapses(&self, top: &mut Taken) -> Result<Vec<Synapse>> {
        let mut synapses = Vec::new();
        for (name, span, node) in self.entries(top.named("synapses")?)? {
            let mut table = Taken::new(self.file, node, format!("the synapse `{name}`"))?;
            let mut quantity = |key: &'static str| match table.text(key)? {
                Some((text, span)) => self.expression(&text, span).map(Some),
                None => Ok(None),
            };
            let (pre, post) = (quantity("pre")?, quantity("post")?);
            let weight = quantity("weight")?
                .unwrap_or_else(|| Expr { kind: Kind::Name(name.clone(), Vec::new()), span: Span::default() });
            let (Some(pre), Some(post)) = (pre, post) else {
                let cause = format!("the synapse `{name}` needs `pre` and `post`");
                return Err(self.file.error(span.start, cause, "write `w_ei = { pre = \"i\", post = \"e\" }`"));
            };
            let sign = match table.text("sign")?.map(|t| t.0).as_deref() {
                None | Some("+") => 1.0,
                Some("-") => -1.0,
                Some(_) => {
                    let help = "write `sign = \"+\"` or `sign = \"-\"`";
                    return Err(self.file.error(span.start, "a sign is `+` or `-`", help));
                }
            };
            table.finish()?;
            synapses.push(Synapse { name, pre, post, weight, sign, at: span.start });
        }
        Ok(synapses)
    }

    pub(super) fn ensemble(&self, top: &mut Taken) -> Result<Option<Ensemble>> {
        let Some(node) = top.take("ensemble") else { return Ok(None) };
        let mut table = Taken::new(self.file, node, "the ensemble")?;
        let index = table.text("index")?;
        let weights = table.text("weights")?;
        let moments = table.named("moments")?;
        let ensemble = match (index, weights, moments.is_empty()) {
            (Some((index, _)), Some((weights, _)), true) => Ensemble::Patterns { index, weights },
            (None, None, false) => {
                let mut list = Vec::new();
                for (key, span, node) in moments {
                    let Value::Text(text) = &node.value else {
                        return Err(self.file.error(
                            span.start,
                            "a moment names a quantity",
                            "write `\"x[k]\" = \"xbar[k]\"`",
                        ));
                    };
                    let quoted = self.file.text[span.clone()].starts_with(['"', '\'']);
                    let key = match quoted {
                        true => self.expression(&key, span)?,
                        false => parse::expression(&Source::new(self.file.name, &key))?,
                    };
                    list.push((key, self.expression(text, node.span)?));
                }
                Ensemble::Moments(list)
            }
            _ => {
                let help = "give `index` and `weights` of patterns, or [ensemble.moments]";
                return Err(self.file.error(table.at, "the ensemble is neither patterns nor moments", help));
            }
        };
        table.finish()?;
        Ok(Some(ensemble))
    }

    pub(super) fn modulates(&self, top: &mut Taken) -> Result<Vec<Modulated>> {
        let mut list = Vec::new();
        for (name, span, node) in self.entries(top.named("modulates")?)? {
            let Value::Text(text) = &node.value else {
                let help = "write `gain = \"gain*(1 + kg*m)\"`";
                return Err(self.file.error(span.start, format!("`{name}` must be an expression in quotes"), help));
            };
            let source = Source::inside_toml(self.file.name, self.file.text, node.span, text);
            list.push(Modulated { name, right: parse::expression(&source)?, source });
        }
        Ok(list)
    }

    pub(super) fn facts(&self, top: &mut Taken) -> Result<Vec<FactText>> {
        let Some(node) = top.take("facts") else { return Ok(Vec::new()) };
        let Value::List(items) = node.value else {
            return Err(self.file.error(node.span.start, "`facts` must be a list of tables", "write `[[facts]]`"));
        };
        let mut facts = Vec::new();
        for item in items {
            let place = item.span.start;
            let mut table = Taken::new(self.file, item, "a fact")?;
            let (says, at, claim, on) =
                (table.text("says")?, table.text("at")?, table.text("claim")?, table.text("on")?);
            let (Some((says, _)), Some((claim, span))) = (says, claim) else {
                return Err(self.file.error(
                    place,
                    "a fact needs `says` and `claim`",
                    "write what holds, in words and as an equation",
                ));
            };
            let (at, at_span) = at.unwrap_or_else(|| ("every point".into(), place..place));
            table.finish()?;
            let claim_read = super::claim::read(self.file, (&at, at_span), (&claim, span))?;
            facts.push(FactText { says, at, claim, on: on.map(|t| t.0), place, claim_read });
        }
        Ok(facts)
    }
}

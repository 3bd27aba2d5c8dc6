//! Is a part right in itself? Names are declared once, every name that is read exists, indices have sizes.

use super::*;
use crate::error::{Error, Result, nearest};
use crate::lang::ast::{Index, Kind};
use crate::lang::compose::walk::{rebuild, running, visit};
use crate::lang::units;
use std::collections::BTreeMap;

/// The part with its literals read (`5*mV`), or what is wrong with it.
pub(super) fn checked(mut part: Part) -> Result<Part> {
    let names = declared(&part)?;
    let known = |name: &str| names.contains_key(name);
    part.equations.iter_mut().for_each(|e| e.right = e.right.clone().with_units(&known));
    part.modulates.iter_mut().for_each(|m| m.right = m.right.clone().with_units(&|n| n == m.name || known(n)));
    once(&part)?;
    inside_ranges(&part)?;
    paragraphs(&part)?;
    for equation in &part.equations {
        let free: Vec<&str> = running(&equation.indices).collect();
        indices(&part, &equation.indices, equation.span)?;
        reads(&part, &names, &equation.right, &free)?;
    }
    units(&part)?;
    Ok(part)
}

/// The unit of every name as the part alone knows it.
pub(super) fn unit_table(part: &Part) -> Result<BTreeMap<String, Unit>> {
    let mut table: BTreeMap<String, Unit> = BTreeMap::new();
    part.equations.iter().for_each(|e| {
        table.entry(e.name.clone()).or_insert_with(|| e.unit.clone());
    });
    part.parameters.iter().for_each(|p| {
        table.insert(p.name.clone(), p.unit.clone());
    });
    part.sizes.iter().for_each(|s| {
        table.insert(s.name.clone(), Unit::NONE);
    });
    for port in &part.ports {
        match (&port.unit, table.contains_key(&port.name)) {
            (Some(unit), _) => {
                table.insert(port.name.clone(), unit.clone());
            }
            (None, true) => (),
            (None, false) if part.dimensionless => {
                table.insert(port.name.clone(), Unit::NONE);
            }
            (None, false) => {
                let help = format!("write `{} = {{ unit = \"Hz\", about = \"…\" }}`, or `unit = \"1\"`", port.name);
                return Err(part.error(port.at, format!("the port `{}` has no unit", port.name), help));
            }
        }
    }
    if let Some(Ensemble::Moments(list)) = &part.ensemble {
        for (key, average) in list {
            if let Kind::Name(name, _) = &key.kind {
                let unit = units::infer(&part.source, average, &|n| table.get(n).cloned())?;
                table.insert(name.clone(), unit);
            }
        }
        for (key, average) in list {
            let wanted = units::infer(&part.source, key, &|n| table.get(n).cloned())?;
            let got = units::infer(&part.source, average, &|n| table.get(n).cloned())?;
            if !wanted.same_dimension(&got) {
                return Err(Error::Units {
                    quantity: format!("{}: the moment of `{key}`", part.file),
                    expected: units::describe(&wanted),
                    got: units::describe(&got),
                });
            }
        }
    }
    Ok(table)
}

/// Do the units of all equations fit?
fn units(part: &Part) -> Result<()> {
    let table = unit_table(part)?;
    let lookup = |name: &str| table.get(name).cloned();
    for equation in &part.equations {
        if let Some(first) = part.equations.iter().find(|e| e.name == equation.name)
            && !first.unit.same_dimension(&equation.unit)
        {
            let cause = format!("`{}` has the unit {} here and {} above", equation.name, equation.unit, first.unit);
            return Err(part.equation_error(equation.span, cause, "one quantity, one unit"));
        }
        if let Some(port) = part.port(&equation.name).and_then(|p| p.unit.as_ref())
            && !port.same_dimension(&equation.unit)
        {
            let cause = format!("the port `{}` has the unit {port}, the equation {}", equation.name, equation.unit);
            return Err(part.equation_error(equation.span, cause, "give both the same unit"));
        }
        let checked = Equation { right: without_transfer(part, &equation.right), ..equation.clone() };
        match part.dimensionless {
            false => units::check(&part.source, &checked, &lookup)?,
            // Time and noise are pure numbers here as well.
            true => units::expect(&part.source, &checked.right, &checked.unit, &|name| {
                lookup(name).or_else(|| units::is_noise(name).then_some(Unit::NONE))
            })?,
        }
        let mut drives = Ok(());
        visit(&equation.right, &mut |e| {
            if let (Kind::Call(name, list), true) = (&e.kind, drives.is_ok())
                && part.populations.iter().any(|p| p.phi.as_ref() == Some(name))
            {
                drives = list.iter().try_for_each(|drive| units::infer(&part.source, drive, &lookup).map(|_| ()));
            }
        });
        drives?;
    }
    bounds(part, &lookup)?;
    super::modulated::check(part)?;
    super::claim::check(part)?;
    Ok(())
}

/// Are hard bounds made of parameters, in the unit of what they bound?
fn bounds(part: &Part, lookup: units::Lookup) -> Result<()> {
    for variable in &part.variables {
        let (Some((low, high)), Some(unit)) = (&variable.bounds, lookup(&variable.name)) else { continue };
        for end in [low, high] {
            let mut names = crate::lang::compose::walk::names(end).into_iter();
            if let Some(name) = names.find(|n| part.parameter(n).is_none() && !part.sizes.iter().any(|s| s.name == *n))
            {
                let near = nearest(&name, part.parameters.iter().map(|p| p.name.as_str()));
                let help = match near.first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "bounds are numbers or expressions of the part's parameters".into(),
                };
                let cause = format!("a bound of `{}` reads `{name}`, which is no parameter", variable.name);
                return Err(part.error(variable.at, cause, help));
            }
            let got = units::infer(&part.source, end, lookup)
                .map_err(|e| part.error(variable.at, e.to_string(), "bounds are expressions of parameters"))?;
            let zero = matches!(end.kind, Kind::Number(value, _) if value == 0.0);
            if !zero && !part.dimensionless && !got.same_dimension(&unit) {
                let shown = (units::describe(&got), units::describe(&unit));
                let cause = format!("a bound of `{}` is {} where {} is needed", variable.name, shown.0, shown.1);
                return Err(part.error(variable.at, cause, "give the bounds in the unit of the quantity"));
            }
        }
    }
    Ok(())
}

/// A population's rate where the circuit calls its transfer function.
pub(super) fn without_transfer(part: &Part, expr: &Expr) -> Expr {
    let Ok(out) = rebuild(expr.clone(), &mut |e| -> std::result::Result<Expr, std::convert::Infallible> {
        let Kind::Call(name, _) = &e.kind else { return Ok(e) };
        let population = part.populations.iter().find(|p| p.phi.as_ref() == Some(name));
        let rate = population.and_then(|p| p.quantities.iter().find(|(port, _)| port == "r"));
        Ok(match rate {
            Some((_, rate)) => Expr { kind: rate.kind.clone(), span: e.span },
            None => e,
        })
    });
    out
}

/// Every name that the part declares and the byte of the file where it does.
fn declared(part: &Part) -> Result<BTreeMap<String, usize>> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut add = |name: &str, at: usize| match names.insert(name.into(), at) {
        Some(_) => Err(part.error(at, format!("`{name}` is declared twice"), "one name, one quantity")),
        None => Ok(()),
    };
    part.ports.iter().try_for_each(|p| add(&p.name, p.at))?;
    part.parameters.iter().try_for_each(|p| add(&p.name, p.at))?;
    part.sizes.iter().try_for_each(|s| add(&s.name, s.at))?;
    if let Some(name) = names.keys().find(|n| reserved(n)) {
        return Err(part.error(names[name], format!("`{name}` is reserved"), TAKEN));
    }
    for equation in &part.equations {
        if reserved(&equation.name) {
            return Err(part.equation_error(equation.span, format!("`{}` is reserved", equation.name), TAKEN));
        }
        names.entry(equation.name.clone()).or_insert(0);
    }
    if let Some(Ensemble::Moments(list)) = &part.ensemble {
        for name in list.iter().flat_map(|(key, _)| crate::lang::compose::walk::names(key)) {
            names.entry(name).or_insert(0);
        }
    }
    Ok(names)
}

const TAKEN: &str = "choose another name: functions, `sum`, `mean`, `rest`, `xi…`, `pi`, `t`, `dt`, and `stable` and \
                     `rate` of the facts have their own meaning";

/// Names with a meaning of their own.
pub(in crate::lang) fn reserved(name: &str) -> bool {
    matches!(name, "sum" | "mean" | "rest" | "xi" | "pi" | "t" | "dt" | "stable" | "rate") || name.starts_with("xi_")
}

/// Does the default of every single value lie in its declared range?
fn inside_ranges(part: &Part) -> Result<()> {
    for parameter in &part.parameters {
        let Some((low, high)) = parameter.range else { continue };
        // A family has no single value; its elements are checked where its size is known.
        let Ok((values, _)) = parameter.given.spread(&[], &|_| None) else { continue };
        if values.iter().any(|v| !(low..=high).contains(v)) {
            let cause = format!("the value of `{}` lies outside its own range", parameter.name);
            return Err(part.error(parameter.at, cause, "widen the range or correct the value"));
        }
    }
    Ok(())
}

/// A quantity of the part's own is defined once; a mechanism does not drive its parameters.
fn once(part: &Part) -> Result<()> {
    for (at, equation) in part.equations.iter().enumerate() {
        let name = &equation.name;
        if part.parameter(name).is_some() {
            let help = "a quantity is either a parameter or defined by an equation";
            return Err(part.equation_error(equation.span, format!("`{name}` is a parameter"), help));
        }
        if part.sizes.iter().any(|s| s.name == *name) {
            return Err(part.equation_error(
                equation.span,
                format!("`{name}` is a size"),
                "sizes are set, not computed",
            ));
        }
        let same = |e: &&Equation| e.name == *name && e.indices == equation.indices;
        let Some(first) = part.equations[..at].iter().find(same) else { continue };
        if first.derivative != equation.derivative {
            let help = "a quantity either moves (`d…/dt`) or is defined (`=`)";
            return Err(part.equation_error(equation.span, format!("`{name}` is both driven and defined"), help));
        }
        if first.assign == crate::lang::ast::Assign::Define && equation.assign == first.assign {
            let help = "use `+=` for a further addend";
            return Err(part.equation_error(equation.span, format!("`{name}` is defined twice"), help));
        }
    }
    Ok(())
}

/// Each kind has its paragraphs.
fn paragraphs(part: &Part) -> Result<()> {
    let circuit = part.kind == PartKind::Circuit;
    let misplaced = |at: usize, what: &str, where_: &str| {
        Err(part.error(at, format!("a {} has no {what}", part.kind.word()), format!("{what} belong to {where_}")))
    };
    match (part.populations.first(), part.synapses.first(), part.ports.first(), part.modulates.first()) {
        (Some(p), ..) if !circuit => return misplaced(p.at, "populations", "a circuit"),
        (_, Some(s), ..) if !circuit => return misplaced(s.at, "synapses", "a circuit"),
        (_, _, Some(p), _) if circuit => return misplaced(p.at, "ports", "mechanisms"),
        (_, _, _, Some(_)) if part.kind != PartKind::Modulation => return misplaced(0, "[modulates]", "modulations"),
        (_, _, _, None) if part.kind == PartKind::Modulation => {
            let help = "write `[modulates]` and `gain = \"gain*(1 + kg*m)\"`";
            return Err(part.error(0, "a modulation modulates nothing", help));
        }
        _ => (),
    }
    if part.ensemble.is_some() && !circuit {
        return misplaced(0, "[ensemble]", "a circuit");
    }
    let bounds =
        |v: &Variable| v.bounds.is_some() && v.start.is_none() && v.range.is_none() && part.port(&v.name).is_some();
    if part.equations.is_empty() && part.kind != PartKind::Modulation && !part.variables.iter().any(bounds) {
        return Err(part.error(0, "a part without equations", "write `equations = \"\"\" dw/dt += … : 1 \"\"\"`"));
    }
    if part.kind == PartKind::Transfer
        && (part.equations.len() != 1 || part.equations[0].name != "phi" || part.equations[0].derivative)
    {
        let help = "a transfer part has the one line `phi = … : Hz` and the port `u`";
        return Err(part.error(0, "this transfer part does not define `phi` alone", help));
    }
    for synapse in &part.synapses {
        for end in [&synapse.pre, &synapse.post] {
            if let Kind::Name(name, _) = &end.kind
                && !part.populations.iter().any(|p| p.name == *name)
            {
                let near = nearest(name, part.populations.iter().map(|p| p.name.as_str()));
                let help = match near.first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "list it below [populations]".into(),
                };
                return Err(part.error(synapse.at, format!("there is no population `{name}`"), help));
            }
        }
    }
    for variable in &part.variables {
        if !bounds(variable) && !part.equations.iter().any(|e| e.name == variable.name) {
            let near = nearest(&variable.name, part.equations.iter().map(|e| e.name.as_str()));
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "[variables] says more about quantities that have an equation".into(),
            };
            return Err(part.error(variable.at, format!("no equation defines `{}`", variable.name), help));
        }
    }
    Ok(())
}

/// Does every index run over a size?
fn indices(part: &Part, list: &[Index], span: Span) -> Result<()> {
    for letter in running(list) {
        if !part.sizes.iter().any(|s| s.indices.iter().any(|i| i == letter)) {
            let known: Vec<&str> = part.sizes.iter().flat_map(|s| s.indices.iter().map(String::as_str)).collect();
            let help = match known.is_empty() {
                true => String::new(),
                false => format!("indices here: {}; ", known.join(", ")),
            };
            let help = help + "a size declares its indices: `[sizes]` `K = { value = 2, index = [\"k\", \"j\"] }`";
            return Err(part.equation_error(span, format!("the index `{letter}` has no size"), help));
        }
    }
    Ok(())
}

/// Does everything that is read exist?
fn reads(part: &Part, names: &BTreeMap<String, usize>, expr: &Expr, free: &[&str]) -> Result<()> {
    let mut found = Ok(());
    visit(expr, &mut |node| {
        if found.is_err() {
            return;
        }
        match &node.kind {
            Kind::Name(name, list) => {
                let plain = name == "pi" || name == "xi" || name.starts_with("xi_");
                if !plain && !names.contains_key(name) {
                    let near = nearest(name, names.keys().map(String::as_str));
                    let help = match near.first() {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("declare it under [ports] or [parameters], or define it: `{name} = …`"),
                    };
                    found = Err(part.equation_error(node.span, format!("nothing here is called `{name}`"), help));
                } else {
                    found = indices(part, list, node.span);
                }
            }
            Kind::Sum(letter, _) => found = indices(part, &[Index::Running(letter.clone(), 0)], node.span),
            _ => (),
        }
    });
    found?;
    match crate::lang::compose::walk::free_letters(expr).iter().find(|l| !free.contains(&l.as_str())) {
        // In a mechanism a single synapse's index may stay open: it is the one at which the part is attached.
        Some(letter) if part.kind == PartKind::Circuit => {
            let help = format!("sum over it, `sum({letter}, …)`, or put it on the left side");
            Err(part.equation_error(expr.span, format!("the index `{letter}` is on the right side only"), help))
        }
        _ => Ok(()),
    }
}

//! What does a file say of its quantities? Values with their units, ranges, paces: parameters, variables, sizes.

use super::read::{LARGEST_SIZE, Reader};
use super::tree::{Node, Taken, Value};
use super::value::{constant, number};
use super::*;
use crate::error::Result;

impl Reader<'_> {
    pub(super) fn unit(&self, table: &mut Taken) -> Result<Option<Unit>> {
        let Some((text, span)) = table.text("unit")? else { return Ok(None) };
        Unit::parse(&text).map(Some).map_err(|e| self.file.error(span.start, e.to_string(), "write `Hz`, `mV/ms`, `1`"))
    }

    /// A single value: a number in `unit`, or a text with its own.
    fn leaf(&self, node: &Node, unit: Option<&Unit>, what: &str) -> Result<Expr> {
        let at = node.span.start;
        match &node.value {
            Value::Number(n) if n.is_finite() => {
                let unit = unit.cloned().unwrap_or(Unit::NONE);
                Ok(number(n * unit.factor, unit, Span::default()))
            }
            Value::Text(text) => {
                let size = |name: &str| self.sizes.iter().any(|s| s == name);
                Ok(self.expression(text, node.span.clone())?.with_units(&size))
            }
            Value::Number(n) => Err(self.file.error(at, format!("the {what} is {n}"), "values are finite numbers")),
            _ => Err(self.file.error(at, format!("the {what} must be a number or a text"), "write `\"5 Hz\"`")),
        }
    }

    fn given(&self, node: &Node, unit: Option<&Unit>, what: &str) -> Result<Given> {
        if matches!(node.value, Value::Table(_)) {
            return self.matrix(node.clone(), unit);
        }
        let Value::List(items) = &node.value else { return Ok(Given::One(self.leaf(node, unit, what)?)) };
        let row = |items: &[Node]| items.iter().map(|n| self.leaf(n, unit, what)).collect::<Result<Vec<_>>>();
        if !items.iter().any(|n| matches!(n.value, Value::List(_))) {
            return Ok(Given::List(row(items)?));
        }
        let rows = items.iter().map(|n| match &n.value {
            Value::List(items) => row(items),
            _ => Err(self.file.error(n.span.start, "a number beside rows of a matrix", "write `[[1, 0], [0, 1]]`")),
        });
        Ok(Given::Rows(rows.collect::<Result<_>>()?))
    }

    fn constant(&self, expr: &Expr, at: usize, sizes: &[Size]) -> Result<(f64, Unit)> {
        constant(expr, &|name| sizes.iter().find(|s| s.name == name).and_then(|s| s.value))
            .map_err(|(cause, help)| self.file.error(at, cause, help))
    }

    fn range(&self, table: &mut Taken, unit: &Unit, sizes: &[Size]) -> Result<Option<(f64, f64)>> {
        let Some(node) = table.take("range") else { return Ok(None) };
        let at = node.span.start;
        let Value::List(ends) = &node.value else { return Err(table.wrong(&node, "range", "`[low, high]`")) };
        let [low, high] = ends.as_slice() else { return Err(table.wrong(&node, "range", "`[low, high]`")) };
        let mut values = [0.0; 2];
        for (value, end) in values.iter_mut().zip([low, high]) {
            let (number, own) = self.constant(&self.leaf(end, Some(unit), "range")?, at, sizes)?;
            let nothing = number == 0.0 && own.is_none();
            if !own.same_dimension(unit) && !nothing {
                let cause = format!("the range is in {own}, the quantity in {unit}");
                return Err(self.file.error(end.span.start, cause, "give both in one unit"));
            }
            *value = number;
        }
        if values[0] >= values[1] {
            return Err(self.file.error(at, "the range is empty", "write the lower end first"));
        }
        Ok(Some((values[0], values[1])))
    }

    /// `bounds = [0, "w_max"]`: numbers, or expressions of the part's parameters.
    fn bounds(&self, table: &mut Taken, unit: &Unit) -> Result<Option<(Expr, Expr)>> {
        let Some(node) = table.take("bounds") else { return Ok(None) };
        let Value::List(ends) = &node.value else { return Err(table.wrong(&node, "bounds", "`[low, high]`")) };
        let [low, high] = ends.as_slice() else { return Err(table.wrong(&node, "bounds", "`[low, high]`")) };
        Ok(Some((self.leaf(low, Some(unit), "bound")?, self.leaf(high, Some(unit), "bound")?)))
    }

    fn pace(&self, table: &mut Taken) -> Result<Option<Pace>> {
        match table.text("pace")? {
            None => Ok(None),
            Some((word, span)) => match word.as_str() {
                "neural" => Ok(Some(Pace::Neural)),
                "plastic" => Ok(Some(Pace::Plastic)),
                "homeostatic" => Ok(Some(Pace::Homeostatic)),
                _ => {
                    let help = "paces: neural, plastic, homeostatic";
                    Err(self.file.error(span.start, format!("there is no pace `{word}`"), help))
                }
            },
        }
    }

    pub(super) fn parameters(&self, top: &mut Taken, sizes: &[Size]) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        for (name, span, node) in self.entries(top.named("parameters")?)? {
            let at = span.start;
            if !matches!(node.value, Value::Table(_)) {
                let given = self.given(&node, None, "value")?;
                let unit = self.given_unit(&given, at, sizes)?;
                parameters.push(Parameter { name, given, unit, range: None, pace: None, about: String::new(), at });
                continue;
            }
            let mut table = Taken::new(self.file, node, format!("the parameter `{name}`"))?;
            let declared = self.unit(&mut table)?;
            let file = table.take("file").map(|n| self.matrix_file(&n, declared.as_ref())).transpose()?;
            let value = table.take("value").map(|n| self.given(&n, declared.as_ref(), "value")).transpose()?;
            let on = table.take("diagonal").map(|n| self.leaf(&n, declared.as_ref(), "value")).transpose()?;
            let off = table.take("off_diagonal").map(|n| self.leaf(&n, declared.as_ref(), "value")).transpose()?;
            let diagonal = on.map(|on| {
                let off = off.unwrap_or_else(|| number(0.0, Unit::NONE, Span::default()));
                Given::Diagonal { on, off }
            });
            if let (Some(_), Some(_)) = (&file, &value) {
                return Err(self.file.error(at, format!("`{name}` has a file and a value"), "give one of the two"));
            }
            let given = match (value.or(file), diagonal) {
                (Some(value), Some(diagonal)) => Given::Either(Box::new(value), Box::new(diagonal)),
                (Some(given), None) | (None, Some(given)) => given,
                (None, None) => {
                    table.finish()?;
                    let help = "write `value = \"5 Hz\"`";
                    return Err(self.file.error(at, format!("the parameter `{name}` has no value"), help));
                }
            };
            let written = self.given_unit(&given, at, sizes)?;
            let unit = declared.unwrap_or_else(|| written.clone());
            if !unit.same_dimension(&written) {
                let cause = format!("the value is in {written}, the unit is {unit}");
                return Err(self.file.error(at, cause, "give both in one dimension"));
            }
            let range = self.range(&mut table, &unit, sizes)?;
            let pace = self.pace(&mut table)?;
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            parameters.push(Parameter { name, given, unit, range, pace, about, at });
        }
        Ok(parameters)
    }

    /// The unit in which a value was written: that of its first leaf.
    fn given_unit(&self, given: &Given, at: usize, sizes: &[Size]) -> Result<Unit> {
        let leaf = match given {
            Given::One(leaf) | Given::Diagonal { on: leaf, .. } => Some(leaf),
            Given::List(list) => list.first(),
            Given::Rows(rows) => rows.first().and_then(|r| r.first()),
            Given::Either(first, _) => return self.given_unit(first, at, sizes),
        };
        match leaf {
            Some(leaf) => Ok(self.constant(leaf, at, sizes)?.1),
            None => Err(self.file.error(at, "the list is empty", "give at least one value")),
        }
    }

    pub(super) fn variables(&self, top: &mut Taken, sizes: &[Size], equations: &[Equation]) -> Result<Vec<Variable>> {
        let mut variables = Vec::new();
        for (name, span, node) in self.entries(top.named("variables")?)? {
            let mut table = Taken::new(self.file, node, format!("the variable `{name}`"))?;
            let own = equations.iter().find(|e| e.name == name).map(|e| e.unit.clone());
            let declared = self.unit(&mut table)?.or(own);
            let start = table.take("start").map(|n| self.given(&n, declared.as_ref(), "start")).transpose()?;
            let unit = match (&start, declared) {
                (_, Some(unit)) => unit,
                (Some(start), None) => self.given_unit(start, span.start, sizes)?,
                (None, None) => Unit::NONE,
            };
            let range = self.range(&mut table, &unit, sizes)?;
            let bounds = self.bounds(&mut table, &unit)?;
            let pace = self.pace(&mut table)?;
            let per = table.text("per")?.map(|t| t.0);
            let about = table.text("about")?.map(|t| t.0).unwrap_or_default();
            table.finish()?;
            variables.push(Variable { name, start, range, bounds, pace, per, about, at: span.start });
        }
        Ok(variables)
    }

    pub(super) fn sizes(&self, top: &mut Taken, kind: PartKind) -> Result<Vec<Size>> {
        let mut sizes = Vec::new();
        for (name, span, node) in self.entries(top.named("sizes")?)? {
            let at = span.start;
            let (value, indices) = match node.value {
                Value::Number(_) => (Some(node), vec![name.to_lowercase()]),
                _ => {
                    let mut table = Taken::new(self.file, node, format!("the size `{name}`"))?;
                    let value = table.take("value");
                    let mut indices = table.texts("index")?;
                    if indices.is_empty() {
                        indices.push(name.to_lowercase());
                    }
                    table.text("about")?;
                    table.finish()?;
                    (value, indices)
                }
            };
            let value = match value.map(|n| n.value) {
                Some(Value::Number(n)) if n.fract() == 0.0 && (1.0..=LARGEST_SIZE as f64).contains(&n) => {
                    Some(n as usize)
                }
                None if kind != PartKind::Circuit => None,
                _ => {
                    let help = format!("write `value = 4`: a whole number from 1 to {LARGEST_SIZE}");
                    return Err(self.file.error(at, format!("the size `{name}` has no good value"), help));
                }
            };
            sizes.push(Size { name, value, indices, at });
        }
        Ok(sizes)
    }
}

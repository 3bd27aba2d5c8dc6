//! Which values of one variable lie within a distance of each other?
//!
//! One variable needs no tree: its values are sorted once, and those within a distance are a run of neighbouring places.
//! A table of equal steps of value guesses where the run ends; from there it is looked for in doubling steps and halved.

/// The values of one variable in their order.
pub(crate) struct Line {
    sorted: Vec<f64>,
    /// The place of every sample among the sorted values.
    place: Vec<u32>,
    /// The first place of each of n equal steps of value.
    steps: Vec<u32>,
    /// Steps per unit of value.
    scale: f64,
}

impl Line {
    /// The sorted values of one variable.
    pub fn new(values: &[f64]) -> Self {
        let order = super::points::sorted_order(values);
        let mut place = vec![0; values.len()];
        order.iter().enumerate().for_each(|(p, &i)| place[i as usize] = p as u32);
        let sorted: Vec<f64> = order.iter().map(|&i| values[i as usize]).collect();
        let n = sorted.len();
        let width = sorted.last().map_or(0.0, |top| top - sorted[0]);
        let scale = if width > 0.0 && width.is_finite() { n as f64 / width } else { 0.0 };
        let mut line = Line { sorted, place, steps: Vec::with_capacity(n + 1), scale };
        for p in 0..n {
            let step = line.step(line.sorted[p]);
            while line.steps.len() <= step {
                line.steps.push(p as u32);
            }
        }
        line.steps.resize(n + 1, n as u32);
        line
    }
    fn step(&self, value: f64) -> usize {
        // The conversion is to the nearest end where the value is outside.
        (((value - self.sorted[0]) * self.scale) as usize).min(self.sorted.len())
    }
    /// The place of sample i.
    pub fn place(&self, i: usize) -> usize {
        self.place[i] as usize
    }
    /// The first place and the one after the last of the values that lie nearer than `radius` to value i, or at that
    /// distance too if `closed`. Value i itself is among them; there is none if `radius` is 0 and not `closed`.
    #[inline]
    pub fn run(&self, i: usize, radius: f64, closed: bool) -> (usize, usize) {
        let here = self.place[i] as usize;
        let x = self.sorted[here];
        let near = |d: f64| d < radius || (closed && d == radius);
        if !near(0.0) {
            return (here, here);
        }
        let guess = |value: f64| self.steps[self.step(value)] as usize;
        let above = guess(x + radius).saturating_sub(here);
        let up = last(self.sorted.len() - here, above, |q| near(self.sorted[here + q] - x));
        let below = here.saturating_sub(guess(x - radius));
        let down = last(here + 1, below, |q| near(x - self.sorted[here - q]));
        (here - down, here + up + 1)
    }
    /// How many other values lie so near to value i.
    #[inline]
    pub fn count(&self, i: usize, radius: f64, closed: bool) -> u32 {
        let (first, end) = self.run(i, radius, closed);
        (end - first).saturating_sub(1) as u32
    }
}

/// The last number below `end` that is `inside`: 0 is, and from some number on none is.
#[inline]
fn last(end: usize, guess: usize, inside: impl Fn(usize) -> bool) -> usize {
    let (mut yes, mut no, mut step) = (0, end, 1);
    let guess = guess.clamp(1, end);
    if guess < end && inside(guess) {
        yes = guess;
        while yes + step < no {
            if inside(yes + step) {
                yes += step;
                step *= 2;
            } else {
                no = yes + step;
            }
        }
    } else {
        no = guess;
        while no - yes > step {
            if inside(no - step) {
                yes = no - step;
            } else {
                no -= step;
                step *= 2;
            }
        }
    }
    while no - yes > 1 {
        let middle = (yes + no) / 2;
        if inside(middle) { yes = middle } else { no = middle }
    }
    yes
}

//! How is the whole of a box searched, so that no fixed point can hide?
//!
//! Numerical starts find most fixed points, a few at a time until they bring nothing new; each is proven and given a box
//! in which it is alone.
//! What is left of the region is narrowed, dismissed or cut, generation by generation.
//! A generation sees only what the one before it found, so the answer is the same for any number of threads.

use super::contract::{Left, Rest, SLICED, contract};
use super::krawczyk::{Enclosed, enclose, newton};
use super::lift::Lift;
use super::system::{System, inside, meet, middle, point};
use crate::num::Interval;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// How hard to search for fixed points.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// At most this many boxes are looked at; the rest is reported as undecided.
    pub boxes: usize,
    /// A box narrower than this fraction of the region in every variable is not cut any more.
    pub narrowest: f64,
    /// How many numerical starts at most, spread evenly over the region.
    pub starts: usize,
    /// Set to true from elsewhere, it ends the search early; what was found is kept.
    pub stop: Option<&'a AtomicBool>,
    /// Is told, after each generation, how many boxes were looked at and how many are waiting.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

impl Default for Search<'_> {
    fn default() -> Self {
        Search { boxes: 200_000, narrowest: 1e-9, starts: 128, stop: None, progress: None }
    }
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing was left to look at.
    #[default]
    Finished,
    /// The budget of boxes was spent.
    Budget,
    /// Somebody asked it to stop.
    Interrupted,
}

/// What a search found.
#[derive(Default)]
pub(super) struct Found {
    pub points: Vec<Enclosed>,
    pub undecided: Vec<Vec<Interval>>,
    /// Approximate fixed points that could not be proven, and why.
    pub failed: Vec<(Vec<f64>, &'static str)>,
    pub boxes: usize,
    pub stopped: Stopped,
}

/// What became of one box.
enum Step {
    Done,
    Undecided(Left, Option<Vec<f64>>),
    Cut(Vec<Vec<Interval>>, Option<Vec<f64>>),
}

/// Everything that does not change during a search.
pub(super) struct Ground<'a> {
    sys: &'a System<'a>,
    pub unit: Vec<f64>,
    pub limits: Vec<Interval>,
    narrowest: f64,
    all_or_nothing: bool,
}

/// How many numerical starts per variable are made before it is asked whether they brought anything new.
const AT_A_TIME: usize = 2;
/// So many boxes, times the square of the number of variables, are looked at by one thread.
const LITTLE: usize = 64;

/// What is searched.
pub(super) struct Request<'a> {
    pub region: &'a [Interval],
    /// The parts of the region that are looked at.
    pub boxes: Vec<Vec<Interval>>,
    /// Tried as starts before the evenly spread ones.
    pub guesses: &'a [Vec<f64>],
    pub options: &'a Search<'a>,
    /// Does the search end at the first box that stays undecided?
    pub all_or_nothing: bool,
}

/// Where many variables act through few sums, boxes are cut in the sums as well: [`Lift`].
pub(super) fn search(sys: &System, request: Request) -> Found {
    let lift = if sys.n >= SLICED { sys.field.lifted(&sys.p) } else { None };
    match lift.and_then(|field| Lift::new(sys, field, request.region)) {
        Some(lift) => lift.search(request),
        None => explore(sys, request),
    }
}

/// Search boxes of just these variables.
pub(super) fn explore(sys: &System, request: Request) -> Found {
    let Request { region, boxes, guesses, options, all_or_nothing } = request;
    let ground = Ground::new(sys, region, options.narrowest, all_or_nothing);
    let mut found = Found::default();
    ground.start(guesses.to_vec(), &mut found);
    // Without intervals there is nothing but the starts.
    let blind = sys.value(&point(&middle(region))).iter().all(|v| *v == Interval::ENTIRE);
    let evenly = Evenly::new(region);
    let some = AT_A_TIME * sys.n.max(1);
    for from in (0..options.starts).step_by(some) {
        let before = (found.points.len(), found.failed.len());
        ground.start((from..options.starts.min(from + some)).map(|k| evenly.at(k)).collect(), &mut found);
        if !blind && before == (found.points.len(), found.failed.len()) {
            break;
        }
    }

    // A fixed point that cannot be enclosed will leave something undecided.
    let hopeless = |found: &Found| {
        let inside = |z: &[f64]| holds(region, z);
        all_or_nothing && (!found.undecided.is_empty() || found.failed.iter().any(|(z, _)| inside(z)))
    };
    let mut queue = boxes;
    if hopeless(&found) {
        found.undecided.append(&mut queue);
    }
    let mut undefined = 0;
    while !queue.is_empty() {
        let interrupted = options.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        if interrupted || found.boxes + queue.len() > options.boxes {
            found.stopped = if interrupted { Stopped::Interrupted } else { Stopped::Budget };
            found.undecided.append(&mut queue);
            break;
        }
        found.boxes += queue.len();
        let patient = undefined < options.boxes / 8;
        let steps = ground.each(queue, |x| ground.step(x, &found.points, patient));
        queue = Vec::new();
        let mut candidates = Vec::new();
        for step in steps {
            match step {
                Step::Done => {}
                Step::Undecided(left, candidate) => {
                    undefined += usize::from(!left.defined);
                    found.undecided.push(left.x);
                    candidates.extend(candidate);
                }
                Step::Cut(mut pieces, candidate) => {
                    queue.append(&mut pieces);
                    candidates.extend(candidate);
                }
            }
        }
        ground.prove(candidates.into_iter(), &mut found);
        if hopeless(&found) {
            found.undecided.append(&mut queue);
            break;
        }
        if let Some(progress) = options.progress {
            progress(found.boxes, queue.len());
        }
    }
    if hopeless(&found) {
        return found;
    }
    // A box left over from an early generation may hold only a fixed point proven later.
    let points = &found.points;
    found.undecided.retain(|x| !points.iter().any(|p| inside(x, &p.alone)));
    // Proven, but outside of the closed region.
    found.points.retain(|p| meet(&p.tight, region));
    found
}

impl<'a> Ground<'a> {
    pub fn new(sys: &'a System, region: &[Interval], narrowest: f64, all_or_nothing: bool) -> Self {
        let unit: Vec<f64> = region.iter().map(|i| i.width()).collect();
        // A fixed point on the border is proven in a box that sticks out a little.
        let limits =
            region.iter().zip(&unit).map(|(i, u)| Interval::new(i.lo() - 0.05 * u, i.hi() + 0.05 * u)).collect();
        Ground { sys, unit, limits, narrowest, all_or_nothing }
    }
    /// Several pieces of work, in order; little of it is done here, since handing it to other threads takes longer.
    pub fn each<T: Send, R: Send>(&self, jobs: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
        match jobs.len() * self.sys.n * self.sys.n <= LITTLE {
            true => jobs.into_iter().map(work).collect(),
            false => jobs.into_par_iter().map(work).collect(),
        }
    }
    /// Newton's method from some states, and the proofs of what it finds.
    pub fn start(&self, states: Vec<Vec<f64>>, found: &mut Found) {
        let near = self.each(states, |z| newton(self.sys, &z, &self.unit, &self.limits, 60));
        self.prove(near.into_iter().flatten(), found);
    }
    /// Prove what can be proven of some approximate fixed points, and keep those that are new.
    pub fn prove(&self, candidates: impl Iterator<Item = Vec<f64>>, found: &mut Found) {
        let mut fresh: Vec<Vec<f64>> = Vec::new();
        for z in candidates {
            let same = |other: &[f64]| z.iter().zip(other).zip(&self.unit).all(|((a, b), u)| (a - b).abs() <= 1e-9 * u);
            if !found.points.iter().any(|p| holds(&p.alone, &z))
                && !fresh.iter().any(|o| same(o))
                && !found.failed.iter().any(|(o, _)| same(o))
            {
                fresh.push(z);
            }
        }
        let prove = |z: Vec<f64>| (enclose(self.sys, &z, &self.unit, &self.limits), z);
        for (proof, z) in self.each(fresh, prove) {
            match proof {
                Ok(new) => {
                    // The same fixed point if its enclosure lies where another one is alone.
                    let known = |p: &Enclosed| inside(&new.tight, &p.alone) || inside(&p.tight, &new.alone);
                    if !found.points.iter().any(known) {
                        found.points.push(new);
                    }
                }
                Err(why) => found.failed.push((z, why)),
            }
        }
    }

    /// Look at one box.
    fn step(&self, x: Vec<Interval>, known: &[Enclosed], patient: bool) -> Step {
        let settled = |x: &[Interval]| known.iter().any(|p| inside(x, &p.alone));
        if settled(&x) {
            return Step::Done;
        }
        let left = match contract(self.sys, x) {
            Rest::Empty => return Step::Done,
            Rest::Open(left) => left,
        };
        let holds_known = |p: &Enclosed| inside(&p.tight, &left.x);
        if settled(&left.x) || (left.alone && known.iter().any(holds_known)) {
            return Step::Done;
        }
        let open = self.open(&left.x);
        // In few variables halves cost less than starts from boxes that may hold no or many fixed points.
        let worthwhile = left.alone || open.is_empty() || self.all_or_nothing || self.sys.n >= SLICED;
        let candidate = if left.defined && worthwhile { self.candidate(&left.x, known) } else { None };
        // A box this small may be the end of a fast contraction: its candidate can still settle it.
        if open.is_empty() || (!left.defined && !patient) {
            return Step::Undecided(left, candidate);
        }
        Step::Cut(self.cut(left, known, &open), candidate)
    }

    /// The variables in which a box can be cut.
    pub fn open(&self, x: &[Interval]) -> Vec<usize> {
        let wide = |j: &usize| x[*j].width() > self.narrowest * self.unit[*j] && divisible(x[*j]);
        (0..self.sys.n).filter(wide).collect()
    }
    /// An approximate fixed point in or near a box that is not known yet.
    pub fn candidate(&self, x: &[Interval], known: &[Enclosed]) -> Option<Vec<f64>> {
        let near: Vec<Interval> = x
            .iter()
            .zip(&self.unit)
            .map(|(i, u)| Interval::new(i.lo() - 0.5 * i.width() - 1e-9 * u, i.hi() + 0.5 * i.width() + 1e-9 * u))
            .collect();
        let z = newton(self.sys, &middle(x), &self.unit, &near, 12)?;
        (!known.iter().any(|p| holds(&p.alone, &z))).then_some(z)
    }

    /// Cut at a gap if there is one. Near one or two known fixed points, cut off what lies outside the boxes in which they
    /// are alone, if that is a fair share; otherwise halve the variable that moves the equations most.
    pub fn cut(&self, left: Left, known: &[Enclosed], open: &[usize]) -> Vec<Vec<Interval>> {
        let x = left.x;
        let with = |j: usize, part: Interval| {
            let mut piece = x.clone();
            piece[j] = part;
            piece
        };
        if let Some(gap) = left.gap.filter(|g| open.contains(&g.variable)) {
            let j = gap.variable;
            return vec![with(j, Interval::new(x[j].lo(), gap.lo)), with(j, Interval::new(gap.hi, x[j].hi()))];
        }
        let mut best = (0.1, None);
        // With more of them, cuts at their boxes would slice a box into many thin pieces before its gaps show.
        let near: Vec<&Enclosed> = known.iter().filter(|p| meet(&p.alone, &x)).take(3).collect();
        for p in near.iter().filter(|_| near.len() < 3) {
            for &j in open {
                let (lo, hi, w) = (x[j].lo(), x[j].hi(), x[j].width());
                for (at, share) in
                    [(p.alone[j].lo(), (p.alone[j].lo() - lo) / w), (p.alone[j].hi(), (hi - p.alone[j].hi()) / w)]
                {
                    if share > best.0 && lo < at && at < hi {
                        best = (share, Some((j, at)));
                    }
                }
            }
        }
        let (j, at) = best.1.unwrap_or_else(|| {
            // A long side is cut now and then even if it hardly matters, so that every side shrinks in the end.
            let longest = open.iter().fold(0.0_f64, |m, &j| m.max(x[j].width() / self.unit[j]));
            let score = |j: usize| left.smear[j] * if x[j].width() / self.unit[j] < longest / 64.0 { 0.0 } else { 1.0 };
            let j = open.iter().copied().fold(open[0], |b, j| if score(j) > score(b) { j } else { b });
            (j, x[j].mid())
        });
        let (low, high) = x[j].split(at);
        vec![with(j, low), with(j, high)]
    }
}

fn holds(x: &[Interval], z: &[f64]) -> bool {
    x.iter().zip(z).all(|(i, z)| i.contains(*z))
}
/// Is there a number strictly between the ends?
fn divisible(x: Interval) -> bool {
    x.lo() < x.mid() && x.mid() < x.hi()
}

/// An evenly spread sequence in a box: multiples of powers of the generalised golden ratio.
pub(super) struct Evenly<'a> {
    region: &'a [Interval],
    ratio: f64,
}

impl<'a> Evenly<'a> {
    pub fn new(region: &'a [Interval]) -> Self {
        // The root of g^(n+1) = g + 1 by fixed-point iteration.
        let power = 1.0 / (region.len() as f64 + 1.0);
        Evenly { region, ratio: (0..60).fold(1.5_f64, |g, _| (1.0 + g).powf(power)) }
    }
    /// Its k-th point.
    pub fn at(&self, k: usize) -> Vec<f64> {
        let place = |(j, i): (usize, &Interval)| {
            let t = (0.5 + (k + 1) as f64 / self.ratio.powi(j as i32 + 1)).fract();
            i.lo() + t * (i.hi() - i.lo())
        };
        self.region.iter().enumerate().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Region, fixed_points};
    use crate::field::{Field, Names};
    use crate::num::Dual;
    use std::sync::atomic::AtomicUsize;

    example!(
        /// Fixed points at 0 and ±0.9949.
        Steep, "x", "", |x, _p, dx| {
        dx[0] = (x[0] * 3.0).tanh() - x[0];
    });
    /// Counts how often the rates are asked for; without intervals if it is blind.
    struct Counted {
        inner: Steep,
        calls: AtomicUsize,
        blind: bool,
    }
    impl Field for Counted {
        fn names(&self) -> &Names {
            self.inner.names()
        }
        fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
            self.calls.fetch_add(1, Ordering::Relaxed);
            self.inner.rate(x, p, dx);
        }
        fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
            self.inner.push(x, p, dx);
        }
        fn interval(&self, x: &[Interval], p: &[Interval], dx: &mut [Interval]) {
            match self.blind {
                true => dx.fill(Interval::ENTIRE),
                false => self.inner.interval(x, p, dx),
            }
        }
        fn push_interval(&self, x: &[Dual<Interval>], p: &[Dual<Interval>], dx: &mut [Dual<Interval>]) {
            match self.blind {
                true => dx.fill(Dual::new(Interval::ENTIRE, Interval::ENTIRE)),
                false => self.inner.push_interval(x, p, dx),
            }
        }
    }

    #[test]
    fn law_starts_end_when_they_bring_nothing_new_but_not_without_intervals() {
        let asked = |starts: usize, blind: bool| {
            let field = Counted { inner: Steep::new(), calls: AtomicUsize::new(0), blind };
            let options = Search { starts, ..Search::default() };
            let found = fixed_points(&field, &[], &Region::new([(-1.5, 2.0)]).unwrap(), &options).unwrap();
            assert!(found.points.len() == 3 && found.complete != blind, "{starts} {blind}: {found:?}");
            field.calls.into_inner()
        };
        assert_eq!(asked(64, false), asked(1024, false));
        assert!(asked(1024, true) > 8 * asked(64, true));
    }
}

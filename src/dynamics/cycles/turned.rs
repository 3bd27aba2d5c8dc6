//! Did an orbit pass through one point, or through the orbit it was doubled from? What told them apart has turned over.

use super::mesh::Orbit;

/// The orbit at equally spaced phases, without its mean: zero where the orbit shrinks to a point.
pub fn centred(orbit: &Orbit) -> Vec<f64> {
    let states = phases(orbit);
    let n = orbit.variables();
    let mean: Vec<f64> = (0..n).map(|i| states.iter().map(|x| x[i]).sum::<f64>() / states.len() as f64).collect();
    states.iter().flat_map(|x| x.iter().zip(&mean).map(|(x, m)| x - m).collect::<Vec<_>>()).collect()
}

/// The orbit at equally spaced phases, less what it is half a period later: zero where it goes round twice.
pub fn half_way(orbit: &Orbit) -> Vec<f64> {
    let states = phases(orbit);
    let half = states.len() / 2;
    (0..half).flat_map(|k| states[k].iter().zip(&states[k + half]).map(|(a, b)| a - b).collect::<Vec<_>>()).collect()
}

fn phases(orbit: &Orbit) -> Vec<Vec<f64>> {
    (0..24).map(|k| orbit.at(f64::from(k) / 24.0)).collect()
}

/// Has what `part` shows gone through zero between two neighbouring orbits?
pub fn turned_over(a: &Orbit, b: &Orbit, part: fn(&Orbit) -> Vec<f64>) -> bool {
    part(a).iter().zip(part(b)).map(|(x, y)| x * y).sum::<f64>() < 0.0
}
